"""The means plot: each variant's mean, interval and runs."""

from dataclasses import replace

import pytest
from support.comparisons import TEST
from support.curves import comparison, variant

from ablation.report.plots.forest_data import BASELINE, MEAN, PLAIN, ForestPlot
from ablation.report.plots.scores import means as module
from ablation.report.plots.scores.means import decimals_of, means, means_plot
from ablation.statistics import intervals
from ablation.statistics.intervals import UNKNOWN, Interval


def plot(*variants, **changes) -> ForestPlot:
    found = means(comparison(*variants, **changes))
    assert found is not None
    return found


def test_a_row_is_a_variants_mean_with_its_interval_and_runs():
    made = comparison(variant("a", 5, 0.8), variant("gone", 0), variant("b", 3, 0.6))
    found = means(made)
    assert found is not None and found.quantity == MEAN and not found.is_signed and not found.is_judged
    first, second = found.rows
    arm = made.variants[2].arm
    assert (second.place, second.name, second.difference, second.outcome) == (2, "b", arm.mean, PLAIN)
    assert second.thick == intervals.mean_interval(arm.array) and second.dots == tuple(arm.array)
    assert (first.outcome, first.seeds, second.seeds) == (BASELINE, "5", "3")
    assert found.label("") == "Test accuracy" and found.x.low < min(second.dots) < max(first.dots) < found.x.high


def test_the_caption_counts_seeds_and_explains_bars_and_dots():
    assert list(plot(variant("a", 3), variant("b", 5)).notes) == [
        "Point: mean over 3 to 5 seeds.",
        "Bar: its 95 % CI (Student's t).",
        "Dots: single runs.",
    ]
    assert list(plot(variant("a", 1), variant("b", 1)).notes) == ["Point: one seed each."]


def test_no_interval_of_an_accuracy_is_drawn_beyond_one():
    wide = variant("a", 2, 0.9)
    values = [{0: 0.99, 1: 0.7}, {0: 0.9, 1: 0.91}]
    made = comparison(wide, variant("b", 2), metric=replace(TEST, largest=1.0))
    found = means_plot(made, "Test accuracy", values, 3)
    assert found is not None and found.x.high == pytest.approx(1.01)
    assert found.notes[-1] == "Arrow: the interval continues beyond the axis, to the value beside it."
    loss = means_plot(made, "Test loss", values, 3)
    assert loss is not None and loss.x.high > 1.01


def test_one_variant_or_very_many_have_no_plot(monkeypatch):
    assert means(comparison(variant("a", 3), variant("gone", 0))) is None
    monkeypatch.setattr(module, "MAX_ROWS", 2)
    rows = [variant(f"{i}", 3) for i in range(3)]
    assert means(comparison(*rows)) is None and means(comparison(*rows[:2])) is not None


def test_without_a_baseline_all_are_alike():
    found = plot(variant("a", 3), variant("b", 3), baseline=False)
    assert {row.outcome for row in found.rows} == {PLAIN}


def test_decimals_show_two_digits_of_a_typical_interval():
    assert decimals_of([Interval(0.0, 0.4), UNKNOWN, Interval(0.0, 0.6)]) == 2
    assert decimals_of([Interval(0, 100)]) == 0 and decimals_of([UNKNOWN]) == 3


def test_an_exploratory_comparison_says_so():
    made = replace(comparison(variant("a", 3), variant("b", 3)), exploratory=("no study planned it",))
    found = means(made)
    assert found is not None and found.notes[0] == "Exploratory: no study planned it."
