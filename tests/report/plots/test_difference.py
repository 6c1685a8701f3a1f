"""The difference plot's data: each variant minus its reference, with Welch's interval."""

from dataclasses import replace

import pytest
from support.curves import comparison, difference, variant

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference
from ablation.report.plots.build import plot_data
from ablation.report.plots.difference import y_scale
from ablation.statistics import welch
from ablation.statistics.arm import Arm

BLOCKED = Comparability((Difference("data.digest", "1", "2"),))


def test_a_series_is_the_judges_difference_at_each_epoch():
    made = comparison(variant("b", 3, 0.7), variant("a", 4, 0.8))
    _, panel = difference(made).panels
    (series,) = panel.series
    reference, own = made.variants
    for epoch in range(6):
        arms = []
        for one in (own, reference):
            arms.append(Arm("", {run.seed: run.history["val_accuracy"][epoch] for run in one.runs}))
        assert series.mean[epoch] == pytest.approx(welch.difference(*arms))
        assert (series.low[epoch], series.high[epoch]) == pytest.approx(welch.estimate(*arms).interval())


def test_what_is_not_comparable_is_never_subtracted():
    made = comparison(variant("a"), variant("b", comparability=BLOCKED), variant("c", accuracy=0.7))
    assert [series.name for series in difference(made).series] == ["c"]
    alone = comparison(variant("a"), variant("b", comparability=BLOCKED))
    assert plot_data(alone).difference is None


def test_the_axis_always_shows_zero_and_cuts_endless_bands():
    loss, accuracy = difference(comparison(variant("a", 2, 0.9), variant("b", 2, 0.3))).panels
    assert loss.y.low < 0 < loss.y.high and accuracy.y.low < 0 < accuracy.y.high
    (series,) = accuracy.series
    wide = replace(series, low=series.low - 50, high=series.high + 50)
    scale = y_scale([wide])
    assert -1 < scale.low < series.mean.min() and 0 < scale.high < 1


def in_sequence() -> Comparison:
    """Each variant is compared with the one before it."""
    made = comparison(variant("a"), variant("b", accuracy=0.7), variant("c", accuracy=0.6))
    first, second, third = made.variants
    return replace(made, variants=(first, second, replace(third, reference="b")))


def test_variants_with_different_references_are_named_with_them():
    plot = difference(in_sequence())
    assert [series.name for series in plot.series] == ["b − a", "c − b"]
    assert plot.panels[0].title == "Training loss: difference"


def test_one_reference_stands_in_the_title():
    plot = difference(comparison(variant("a"), variant("b", accuracy=0.7)))
    assert [series.name for series in plot.series] == ["b"]
    assert [panel.title for panel in plot.panels] == [
        "Training loss: difference from a",
        "Validation accuracy: difference from a",
    ]


def test_the_baseline_is_no_series():
    plot = difference(comparison(variant("a"), variant("b", accuracy=0.7), variant("c", accuracy=0.6)))
    assert [series.variant for series in plot.series] == [1, 2] and not any(one.baseline for one in plot.series)
