"""Figures in percent: a hundred times the numbers of accuracies and of their differences; others stay as they are."""

from dataclasses import replace

import numpy as np
import pytest
from support.comparisons import TEST, compared, factorial
from support.fake_runs import config, history, write

from ablation.comparison.analysis import time_to_threshold
from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.report.plots.build import plot_data
from ablation.report.plots.factorial.effects import effects
from ablation.report.plots.factorial.interaction import interaction
from ablation.report.plots.percent import in_percent
from ablation.report.plots.plot_data import PlotData

PERCENT = NumberStyle(percent=True)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory) -> Comparison:
    folder = tmp_path_factory.mktemp("sweep")
    for model, accuracy in (("plain34", 0.5), ("resnet34", 0.9)):
        for seed in range(3):
            changes = {"network.macs": 1000 if model == "plain34" else 2000}
            write(folder, config(model, seed=seed), history(accuracy=accuracy + seed / 100), **changes)
    return time_to_threshold.reach(compared(folder, baseline="resnet34", margin=0.05), "0.4", "epoch")


def both(comparison: Comparison) -> tuple[PlotData, PlotData]:
    return plot_data(comparison), plot_data(replace(comparison, numbers=PERCENT))


def test_curves_of_accuracies_are_scaled_and_those_of_losses_are_not(sweep):
    plain, percent = both(sweep)
    loss, accuracy = percent.overlay.panels
    assert loss.metric == "Training loss" and loss.y == plain.overlay.panels[0].y
    assert np.array_equal(loss.series[0].mean, plain.overlay.panels[0].series[0].mean)
    before = plain.overlay.panels[1]
    assert accuracy.metric == "Validation accuracy (%)" and accuracy.threshold == pytest.approx(40)
    assert (accuracy.y.low, accuracy.y.high) == (100 * before.y.low, 100 * before.y.high)
    for series, other in zip(accuracy.series, before.series, strict=True):
        assert np.array_equal(series.mean, 100 * other.mean) and np.array_equal(series.x, other.x)
        assert np.array_equal(series.seeds[0].y, 100 * other.seeds[0].y)
    assert "Dashed: the threshold of 40 %." in percent.overlay.notes
    assert percent.difference.panels[1].y_label == "Difference in validation accuracy (pp)"


def test_the_forest_plot_is_in_percentage_points(sweep):
    plain, percent = (plots.forest for plots in both(sweep))
    assert percent.label("resnet34") == "Difference in test accuracy (pp): variant − resnet34"
    assert percent.rows[0].difference == 100 * plain.rows[0].difference and percent.margin == pytest.approx(5)
    assert percent.rows[0].thick.low == 100 * plain.rows[0].thick.low and percent.x.low == 100 * plain.x.low
    assert (plain.decimals, percent.decimals) == (3, 1) and len(percent.rows[0].dots) == 3
    assert "Green band: the equivalence margin, 5 pp to either side." in percent.notes


def test_costs_are_not_in_percent_but_their_accuracies_are(sweep):
    plain, percent = (plots.tradeoff for plots in both(sweep))
    assert percent.y_label == "Test accuracy (%)"
    for panel, other in zip(percent.panels, plain.panels, strict=True):
        assert panel.x == other.x and [point.x for point in panel.points] == [point.x for point in other.points]
        assert [point.y for point in panel.points] == [100 * point.y for point in other.points]


def test_effects_are_in_percentage_points_and_the_means_behind_an_interaction_in_percent():
    comparison = factorial()
    plain = PlotData(None, None, None, effects=effects(comparison), interaction=interaction(comparison))
    percent = in_percent(plain)
    assert percent.effects.label("") == "Effect on test accuracy (pp)"
    assert percent.effects.rows[0].difference == 100 * plain.effects.rows[0].difference
    assert percent.interaction.y_label == "Test accuracy (%)"
    assert percent.interaction.y.high == 100 * plain.interaction.y.high
    (line, other) = (plots.interaction.panels[0].lines[0] for plots in (percent, plain))
    assert np.array_equal(line.mean, 100 * other.mean)
    in_text = interaction(replace(comparison, numbers=PERCENT, metric=replace(TEST, largest=1.0)))
    assert in_text.panels[0].estimate.count(" pp") == 2


def test_nothing_to_draw_stays_nothing():
    assert in_percent(PlotData(None, None, None)) == PlotData(None, None, None)
