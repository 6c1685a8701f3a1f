"""The overlay's data: a series for each variant, and the axes that show them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from support.curves import comparison, diverged, of_runs, overlay, run, several, variant
from support.fake_runs import history

from ablation.comparison.analysis import time_to_threshold
from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.plots import overlay as overlay_module
from ablation.report.plots.variant_curves import VariantCurves


@pytest.mark.parametrize("seeds", [3, 6])
def test_a_series_is_the_mean_with_students_interval(seeds):
    made = comparison(variant("a", seeds), variant("b", 3, 0.6))
    _, panel = overlay(made).panels
    series = panel.series[0]
    values = np.array([one.history["val_accuracy"] for one in made.variants[0].runs])
    low, high = stats.t.interval(0.95, seeds - 1, values.mean(0), stats.sem(values))
    np.testing.assert_allclose(series.mean, values.mean(0))
    np.testing.assert_allclose(series.low, low)
    np.testing.assert_allclose(series.high, high)
    assert [list(line.y) for line in series.seeds] == values.tolist() and series.has_band


@pytest.mark.parametrize("seeds", [1, 2])
def test_below_three_seeds_there_is_no_band(seeds):
    _, panel = overlay(several(2, seeds)).panels
    for series in panel.series:
        assert not series.has_band and series.draws_seeds == (seeds > 1)


def test_series_know_their_variant_baseline_rank_and_distance():
    made = comparison(variant("a"), variant("nothing", 0), variant("b", 3, 0.6))
    first, second = overlay(made).series
    assert (first.variant, first.name, first.baseline, first.distance) == (0, "a", True, 0)
    assert (second.variant, second.name, second.baseline) == (2, "b", False)
    assert second.rank == pytest.approx(0.61) and second.distance == pytest.approx(0.2)


def test_a_variant_that_is_not_comparable_is_marked():
    blocked = Comparability((Difference("data.digest", "1", "2"),))
    made = comparison(variant("a"), variant("b", comparability=blocked))
    assert [series.name for series in overlay(made).series] == ["a", "b ‡"]


@pytest.mark.parametrize(("value", "ends"), [("0.99", (0.13, 0.99)), ("0.05", (0.05, 0.83)), ("0.5", (0.13, 0.83))])
def test_a_threshold_is_within_the_axis_of_its_curve(value, ends):
    loss, accuracy = overlay(time_to_threshold.reach(several(2), value, "epoch")).panels
    assert loss.threshold is None and accuracy.threshold == float(value)
    assert accuracy.y.low < ends[0] + 0.2 and accuracy.y.low < float(value) < accuracy.y.high


def test_a_diverged_run_does_not_stretch_the_y_axis_but_is_within_the_x_axis():
    rows = [*history(8, 0.5)[:7], {**history(8, 0.5)[7], "loss": 5e7}]
    loss, _ = overlay(comparison(variant("a", diverged=(diverged("a", 7, rows),)), variant("b"))).panels
    assert loss.y.high < 10 and loss.x.high == 8
    (run_,) = loss.diverged
    assert run_.label == "a seed 7" and run_.end(loss.x, loss.y) == (8, loss.y.high)


def test_where_nothing_completed_the_axes_show_what_diverged():
    lost = of_runs("a", diverged=(diverged("a", 7, history(3)), diverged("a", 8, [])))
    loss, _ = overlay(comparison(lost, baseline=False)).panels
    first, second = loss.diverged
    assert loss.y.low < first.line.y.min() and first.line.y.max() < loss.y.high and loss.x.high == 3
    assert second.end(loss.x, loss.y) == (1.0, loss.y.high)


def test_no_accuracy_axis_goes_beyond_one():
    _, accuracy = overlay(comparison(of_runs("a", run(rows=history(accuracy=1.0))), baseline=False)).panels
    assert 1 < accuracy.y.high <= 1.01


def test_seconds_become_minutes_where_runs_take_long():
    rows = [{**row, "seconds": 100.0} for row in history(6)]
    made = comparison(of_runs("a", run(rows=rows)), baseline=False)
    plot = overlay(made, x_axis="seconds")
    assert plot.x_axis.label == "Minutes of training" and plot.panels[0].x.high == 10


def test_only_variants_with_runs_are_drawn():
    made = comparison(variant("a"), variant("gone", 0), variant("c", 2))
    assert [series.name for series in overlay(made).series] == ["a", "c"]
    assert replace(made.variants[1]).runs == ()


def built(made, *metrics):
    return overlay_module.overlay(made, metrics, VariantCurves(made.variants, "epoch"))


def test_each_metric_has_a_panel_of_all_variants():
    plot = built(several(3), "accuracy", "loss", "learning_rate")
    assert [panel.title for panel in plot.panels] == ["Training accuracy", "Training loss", "Learning rate"]
    assert [[series.name for series in panel.series] for panel in plot.panels] == [["arm0", "arm1", "arm2"]] * 3
    loss = plot.panels[1].series[2]
    np.testing.assert_allclose(loss.mean, np.mean([line.y for line in loss.seeds], axis=0))


def test_without_a_run_that_can_be_drawn_there_is_no_overlay():
    assert built(comparison(variant("a", 0), baseline=False), "loss") is None
    nothing = {name: () for name in history(1)[0]}
    assert built(comparison(of_runs("a", replace(run(), history=nothing)), baseline=False), "loss") is None


def test_a_loss_over_powers_of_ten_has_a_log_axis_and_an_accuracy_never():
    steep = [{**one, "loss": 10.0**-epoch, "val_accuracy": 10.0 ** (epoch - 6)} for epoch, one in enumerate(history(6))]
    loss, accuracy = built(comparison(of_runs("a", run(rows=steep)), baseline=False), "loss", "val_accuracy").panels
    assert loss.y.log and not accuracy.y.log
