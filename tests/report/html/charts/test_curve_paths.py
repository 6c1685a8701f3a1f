"""Curves as SVG paths: they lie where their values do, and what hovering shows are the plot's numbers."""

import json
import math
import re

import numpy as np
import pytest
from support import curves
from support.curves import comparison, diverged, of_runs, overlay, run, several, variant
from support.fake_runs import history

from ablation.comparison.analysis import time_to_threshold
from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.charts.curve_paths import CROSS, HEIGHT, WIDTH, Chart, charts
from ablation.report.html.charts.readings import MAX_POINTS


def charts_of(made: Comparison, x_axis: str = "epoch") -> list[Chart]:
    plot = overlay(made, x_axis=x_axis)
    return charts(plot, [series.variant for series in plot.series])


def points(path: str) -> np.ndarray:
    return np.array(re.findall(r"(-?\d+) (-?\d+)", path), dtype=float)


def numbers(chart: Chart, name: str = "variants") -> dict:
    readings = chart.readings[name]
    assert isinstance(readings, dict)
    return readings


def test_readings_are_the_plots_numbers_up_to_the_last_common_epoch():
    made = comparison(of_runs("a", *(run("a", s, history(6 + 2 * s, 0.5 + s / 5)) for s in range(2))), baseline=False)
    _, panel = overlay(made).panels
    _, chart = charts_of(made)
    mean, low, high = numbers(chart)["0"]
    (series,) = panel.series
    np.testing.assert_allclose(mean, series.mean, rtol=1e-3)
    np.testing.assert_allclose(low, series.low, rtol=2e-3)
    np.testing.assert_allclose(high, series.high, rtol=1e-3)
    assert chart.readings["heads"] == [f"Epoch {i}" for i in range(1, 7)]
    assert chart.curves[0].mean.count("L") == 5 and chart.curves[0].seeds.count("M") == 2


@pytest.mark.parametrize("loss", [0.1, 0.001], ids=["linear", "log"])
def test_a_path_lies_where_its_values_do(loss):
    made = comparison(of_runs("a", run(rows=history(6, 0.9, loss))), baseline=False)
    (panel, _), (chart, _) = overlay(made).panels, charts_of(made)
    (series,) = panel.series
    assert panel.y.log == (loss < 0.1) == chart.readings["log"]
    wanted = np.column_stack(
        [WIDTH * panel.x.percent(series.x) / 100, HEIGHT * (100 - panel.y.percent(series.mean)) / 100]
    )
    np.testing.assert_allclose(points(chart.curves[0].mean), wanted, atol=0.5)


def test_a_band_runs_along_its_upper_end_and_back_along_its_lower_one():
    made = comparison(variant("a", 3), baseline=False)
    _, panel = overlay(made).panels
    _, chart = charts_of(made)
    (series,) = panel.series
    ends = np.concatenate([series.high, series.low[::-1]])
    np.testing.assert_allclose(
        points(chart.curves[0].band)[:, 1], HEIGHT * (100 - np.clip(panel.y.percent(ends), -100, 200)) / 100, atol=0.5
    )


def test_a_single_epoch_is_a_point_with_a_bar():
    made = comparison(variant("a", 3, epochs=1), variant("b", 3, 0.6, epochs=1))
    _, panel = overlay(made).panels
    _, chart = charts_of(made)
    first, second = (curve.point for curve in chart.curves)
    assert first is not None and second is not None
    assert first.high < first.y < first.low and first.x < 50 < second.x
    assert first.y == pytest.approx(100 - panel.y.percent_of(float(panel.series[0].mean[0])), abs=0.01)
    assert not any(curve.mean or curve.band for curve in chart.curves)
    assert [tick.text for tick in chart.x_ticks] == ["1"] and chart.readings["heads"] == ["Epoch 1"]


def test_an_epoch_without_a_number_has_no_reading():
    rows = history(4)
    rows[1], rows[2] = {**rows[1], "val_loss": math.nan}, {**rows[2], "val_loss": math.inf}
    made = curves.with_metric(comparison(of_runs("a", run(rows=rows)), variant("b", 1, epochs=4)), "val_loss")
    _, chart = charts_of(made)
    mean, *_ = numbers(chart)["0"]
    assert [value is None for value in mean] == [False, True, True, False]
    assert chart.curves[0].mean.count("L") == 1
    json.dumps(chart.readings, allow_nan=False)


def test_on_other_axes_values_are_read_on_the_straight_line():
    fast = of_runs("a", run("a", rows=history(4), per_epoch=10))
    slow = of_runs("b", run("b", rows=history(4), per_epoch=20))
    _, chart = charts_of(comparison(fast, slow), x_axis="step")
    assert chart.readings["heads"] == [f"Step: {x}" for x in (10, 20, 30, 40, 60, 80)]
    mean, *_ = numbers(chart)["1"]
    own = slow.runs[0].history["val_accuracy"]
    assert mean[0] is None and mean[2] == pytest.approx((own[0] + own[1]) / 2, rel=1e-3)


def test_very_long_curves_are_thinned_and_keep_their_ends():
    made = comparison(of_runs("a", run(rows=history(3000))), baseline=False)
    _, chart = charts_of(made)
    path = points(chart.curves[0].mean)
    assert len(path) == MAX_POINTS and path[-1, 0] == WIDTH
    heads = chart.readings["heads"]
    assert isinstance(heads, list) and len(heads) == MAX_POINTS
    assert (heads[0], heads[-1]) == ("Epoch 1", "Epoch 3000")


def test_the_threshold_lies_across_the_curve_that_it_is_of():
    made = time_to_threshold.reach(several(2), "0.4", "epoch")
    _, panel = overlay(made).panels
    loss, accuracy = charts_of(made)
    assert loss.threshold is None
    assert accuracy.threshold == pytest.approx(100 - float(panel.y.percent(np.array(0.4))), abs=0.01)


def test_a_diverged_run_ends_in_a_cross_at_the_edge():
    rows = history(4, 0.5)
    rows[-1] = {**rows[-1], "loss": 1e30}
    lost = (diverged("a", 7, rows), diverged("a", 8, []))
    chart, _ = charts_of(comparison(variant("a", diverged=lost), variant("b")))
    first, second = chart.diverged
    assert (first.label, second.label) == ("a seed 7", "a seed 8") and first.y == second.y == CROSS
    assert first.path and not second.path
    assert np.abs(points(first.path)).max() <= 2 * WIDTH


def test_only_the_variants_that_are_wanted_are_drawn():
    made = several(3)
    (_, chart) = charts(overlay(made), [0, 2])
    assert [curve.variant for curve in chart.curves] == [0, 2] and set(numbers(chart)) == {"0", "2"}


def test_labels_at_line_ends_keep_their_distance():
    _, chart = charts_of(comparison(*(variant(f"arm{i}", 1, 0.9 + i / 10000) for i in range(6))))
    places = sorted(curve.label_place for curve in chart.curves)
    assert min(np.diff(places)) > 5 and 0 <= places[0] and places[-1] <= 100 and chart.label_room > 0
    _, alone = charts_of(several(1))
    assert alone.label_room == 0
