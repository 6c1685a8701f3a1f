"""Bars of the page's forest: the plot's places in percent, and the figure's shapes."""

from dataclasses import replace

import pytest
from support.curves import comparison, forest, variant

from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.html.forest_bars import Segment, forest_bars
from ablation.report.plots.plot_data import ForestPlot
from ablation.statistics.intervals import Interval


def segment(plot: ForestPlot, ends: Interval) -> Segment:
    return Segment(plot.x.percent_of(ends.low), plot.x.percent_of(ends.high))


def test_bars_lie_where_the_plot_says():
    plot = forest(comparison(variant("a", 5), variant("b", 5, 0.7), variant("c", 5, 0.9)))
    bars = forest_bars(plot)
    for row in plot.rows:
        bar = bars.bars[row.variant]
        assert bar.point == plot.x.percent_of(row.result.difference)
        assert bar.thick == segment(plot, row.result.simultaneous) and bar.thin == segment(plot, row.result.interval)
        assert not bar.cut_left and not bar.cut_right
    assert bars.zero == plot.x.percent_of(0.0) and bars.margin is None


def test_the_margin_lies_about_zero():
    bars = forest_bars(forest(comparison(variant("a", 5), variant("b", 5, 0.7), margin=0.3)))
    assert bars.margin is not None and 0 < bars.margin.left < bars.zero
    assert bars.margin.left + bars.margin.width / 2 == pytest.approx(bars.zero, abs=0.02)


def test_a_variant_that_is_not_comparable_has_no_bar():
    blocked = Comparability((Difference("data.digest", "aa", "bb"),))
    made = comparison(variant("a"), variant("b", 3, 0.7), variant("c", comparability=blocked), variant("d", 3, 0.6))
    assert sorted(forest_bars(forest(made)).bars) == [1, 3]


def test_an_interval_that_is_unknown_or_cut_says_so():
    made = comparison(variant("a", 5), variant("b", 5, 0.7), variant("c", 5, 0.75), variant("d", 1, 0.72))
    wide = made.variants[1]
    assert wide.result is not None
    wide = replace(wide, result=replace(wide.result, simultaneous=Interval(-50.0, 0.01)))
    bars = forest_bars(forest(replace(made, variants=(made.variants[0], wide, *made.variants[2:])))).bars
    assert bars[1].thick is not None
    assert (bars[1].thick.low, bars[1].cut_left, bars[1].cut_right) == (0.0, True, False)
    assert bars[3].thick is None and bars[3].thin is None and not bars[3].cut_left and bars[3].interval == ""


def test_shapes_are_the_figures():
    made = comparison(
        variant("a", 5, 0.8), variant("down", 5, 0.3), variant("up", 5, 0.95), variant("same", 5, 0.8005), margin=0.1
    )
    assert [bar.shape for bar in forest_bars(forest(made)).bars.values()] == ["down", "up", "square"]


def test_ticks_have_a_sign_but_zero():
    texts = [tick.text for tick in forest_bars(forest(comparison(variant("a", 5), variant("b", 5, 0.7)))).ticks]
    assert "0" in texts and all(text == "0" or text[0] in "+−" for text in texts)


def test_the_listed_interval_is_the_one_beside_the_verdict():
    made = comparison(
        variant("a", 5, 0.8), variant("b", 5, 0.3), variant("same", 5, 0.8005), variant("few", 2, 0.7), margin=0.1
    )
    rows = forest(made).rows
    bars = forest_bars(forest(made)).bars
    for row in rows:
        low, high = (f"{end:+.3f}".replace("-", "−") for end in row.interval)
        assert bars[row.variant].interval == f"[{low}, {high}]"
    assert [bars[row.variant].remark for row in rows] == ["", "90 %", "alone"]
    assert bars[2].thin is None and bars[3].thick is None
