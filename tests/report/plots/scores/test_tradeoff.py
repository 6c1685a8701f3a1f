"""The metric against costs: which costs are drawn, where the points lie, and what the caption says."""

from dataclasses import replace

import pytest
from support.curves import comparison, variant, with_metric

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.plots.plot_data import CostPoint, TradeoffPlot
from ablation.report.plots.scores import tradeoff as module
from ablation.report.plots.scores.tradeoff import front, tradeoff
from ablation.statistics import intervals


def costing(label: str, accuracy: float, parameters: int = 100, macs: int = 200, seconds: float = 10.0):
    row = variant(label, 3, accuracy)
    runs = tuple(replace(run, parameters=parameters, macs=macs, seconds=seconds + run.seed) for run in row.runs)
    return replace(row, runs=runs)


def plot(*rows: ComparedVariant, baseline: bool = True) -> TradeoffPlot:
    found = tradeoff(comparison(*rows, baseline=baseline))
    assert found is not None
    return found


def labels(*rows: ComparedVariant) -> list[str]:
    return [panel.label for panel in plot(*rows).panels]


def test_only_costs_that_vary_have_a_panel():
    same = costing("a", 0.8)
    assert tradeoff(comparison(same, costing("b", 0.7))) is None
    assert labels(same, costing("b", 0.7, parameters=101)) == ["Trainable parameters"]
    assert labels(same, costing("b", 0.7, macs=150)) == ["MACs per image"]
    assert labels(same, costing("b", 0.7, seconds=99.0)) == ["Seconds of training"]
    assert tradeoff(comparison(same, costing("b", 0.7, seconds=10.5))) is None  # as two runs of the same thing differ


def test_one_variant_or_very_many_have_no_plot(monkeypatch):
    rows = [costing(f"{i}", 0.8, parameters=100 + i) for i in range(3)]
    assert tradeoff(comparison(rows[0], variant("gone", 0))) is None
    monkeypatch.setattr(module, "MAX_VARIANTS", 2)
    assert tradeoff(comparison(*rows)) is None and tradeoff(comparison(*rows[:2])) is not None


def test_a_point_is_the_mean_with_its_interval_at_its_cost():
    rows = costing("a", 0.8), costing("b", 0.3, 50, 20, 1000.0)
    made = comparison(*rows)
    found = tradeoff(made)
    assert found is not None and found.judged and found.y_label == "Test accuracy"
    parameters, macs, time = found.panels
    assert [point.x for point in parameters.points] == [100, 50] and [point.x for point in macs.points] == [200, 20]
    assert [point.x for point in time.points] == pytest.approx([11 / 60, 1001 / 60])
    assert (parameters.x_label, time.x_label) == ("Trainable parameters", "Minutes of training (log scale)")
    base, other = parameters.points
    assert base.baseline and (other.outcome, other.y) == ("worse", made.variants[1].arm.mean)
    assert other.ends == intervals.mean_interval(made.variants[1].arm.array)


def test_without_a_baseline_points_are_plain():
    assert not plot(costing("a", 0.8), costing("b", 0.7, 50), baseline=False).judged


def points(*places: tuple[float, float]) -> list[CostPoint]:
    return [CostPoint(index, str(index), x, y) for index, (x, y) in enumerate(places)]


def test_the_front_has_the_points_that_no_other_exceeds_at_no_more_cost():
    given = points((3, 0.9), (1, 0.5), (2, 0.4), (2, 0.7), (4, 0.9))
    assert [point.variant for point in front(given, higher=True)] == [1, 3, 0]
    assert [point.variant for point in front(given, higher=False)] == [1, 2]
    assert front(points((1, 0.9), (2, 0.5)), higher=True) == ()


def test_the_caption_says_what_is_drawn():
    rows = costing("a", 0.8), costing("b", 0.7, 50, seconds=99.0)
    text = " ".join(plot(*rows).notes)
    for part in (
        "Point: mean over 3 seeds. Bar: its 95 % CI (Student's t).",
        "Dotted: the variants that no other exceeds in mean at the same or a lower cost; it takes no account of the",
        "Time: mean over the runs, which depends on the machine",
    ):
        assert part in text
    flat = " ".join(plot(costing("a", 0.8, 50), costing("b", 0.7)).notes)
    assert "Dotted" not in flat and "Time" not in flat


def test_where_less_is_better_the_front_is_of_low_values():
    made: Comparison = with_metric(comparison(costing("a", 0.8), costing("b", 0.7, 50)), "test_loss")
    found = tradeoff(made)
    assert found is not None and found.panels[0].front == ()
