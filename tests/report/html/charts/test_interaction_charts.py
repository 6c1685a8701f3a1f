"""The interaction plot on the page: the plot's means in percent."""

import pytest
from support import comparisons

from ablation.report.html.charts.interaction_charts import interaction_charts
from ablation.report.html.charts.variant_selection import StrokeStyle
from ablation.report.plots.factorial.interaction import interaction


def test_means_lie_where_the_plot_says():
    plot = interaction(comparisons.factorial())
    assert plot is not None
    (panel,), (chart,) = plot.panels, interaction_charts(plot)
    assert (chart.title, chart.estimate, chart.x_label) == (panel.title, panel.estimate, "shortcut")
    assert [tick.text for tick in chart.x_ticks] == ["with", "without"]
    for line, drawn in zip(panel.lines, chart.lines, strict=True):
        for index, mark in enumerate(drawn.means):
            assert mark.x == panel.x.percent_of(float(line.x[index]))
            assert mark.y == pytest.approx(100 - plot.y.percent_of(float(line.mean[index])), abs=0.01)
            assert mark.high < mark.y < mark.low
        assert drawn.label == line.name and drawn.path.count("L") == 1
    assert chart.lines[0].style == StrokeStyle(0, "") and chart.lines[1].style.dashes
    assert abs(chart.lines[0].label_place - chart.lines[1].label_place) > 5 and chart.label_room > 60


def test_without_a_plot_there_is_no_chart():
    assert interaction_charts(None) == ()
