"""Costs on the page: the plot's points in percent, with the figure's styles and names that do not touch."""

import re
from dataclasses import replace

import pytest
from support.curves import comparison, variant
from support.page import report, shown

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.charts.cost_charts import LABEL_GAP, MAX_NAMED, TradeoffSection, tradeoff_section
from ablation.report.html.charts.curve_paths import HEIGHT, WIDTH
from ablation.report.plots.scores.tradeoff import tradeoff


def costly(count: int) -> Comparison:
    rows = []
    for index in range(count):
        row = variant(f"net{index}", 3, 0.6 + index / 100)
        rows.append(replace(row, runs=tuple(replace(run, parameters=100 + index) for run in row.runs)))
    return comparison(*rows)


def section(made: Comparison) -> TradeoffSection:
    found = tradeoff_section(tradeoff(made))
    assert found is not None
    return found


def test_points_lie_where_the_plot_says():
    made = costly(3)
    plot = tradeoff(made)
    assert plot is not None
    (panel,), (chart,) = plot.panels, section(made).charts
    for point, mark in zip(panel.points, chart.points, strict=True):
        assert (mark.x, mark.y) == (panel.x.percent_of(point.x), pytest.approx(100 - plot.y.percent_of(point.y)))
        assert mark.high < mark.y < mark.low and mark.name == point.name
    assert [mark.style for mark in chart.points][0] == "baseline-point"
    assert chart.x_label == "Trainable parameters" and section(made).note == " ".join(plot.notes)
    assert [(mark.name, mark.style) for mark in section(made).legend][0] == ("baseline", "baseline-point")


def test_the_front_is_a_line_of_steps():
    (chart,) = section(costly(3)).charts
    places = [tuple(map(int, place)) for place in re.findall(r"(\d+) (\d+)", chart.front)]
    assert len(places) == 6 and places[-1][0] == WIDTH and all(0 <= y <= HEIGHT for _, y in places)
    assert all(first[1] == second[1] for first, second in zip(places[::2], places[1::2], strict=True))


def test_names_keep_their_distance_and_many_have_none():
    (chart,) = section(costly(8)).charts
    heights = sorted(mark.label_y for mark in chart.points)
    assert all(second - first > LABEL_GAP - 0.02 for first, second in zip(heights, heights[1:], strict=False))
    (many,) = section(costly(MAX_NAMED + 1)).charts
    assert [mark.label for mark in many.points if mark.label] == ["net0"]


def test_the_page_has_the_section_where_costs_vary():
    text = shown(report(costly(3)))
    assert "Costs Test accuracy of the last weights, on 360 images. Point: mean over 3 seeds." in text
    assert "Trainable parameters" in text and tradeoff_section(None) is None
    assert "Costs" not in shown(report(comparison(variant("a"), variant("b", 3, 0.7))))
