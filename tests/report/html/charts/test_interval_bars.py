"""Bars of the page's forest: the plot's places in percent, and the figure's shapes."""

import re
from dataclasses import replace

import pytest
from support.curves import comparison, forest, variant

from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.html.charts.curve_paths import HEIGHT, WIDTH
from ablation.report.html.charts.interval_bars import Bar, IntervalBars, Segment, dots_path, forest_bars
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import ForestPlot
from ablation.statistics.intervals import Interval


def by_name(bars: IntervalBars) -> dict[str, Bar]:
    return {bar.name: bar for bar in bars.bars}


def segment(plot: ForestPlot, ends: Interval) -> Segment:
    return Segment(plot.x.percent_of(ends.low), plot.x.percent_of(ends.high))


def test_bars_lie_where_the_plot_says():
    made = comparison(variant("a", 5), variant("b", 5, 0.7), variant("c", 5, 0.9))
    plot = forest(made)
    bars = forest_bars(plot)
    for row, bar in zip(plot.rows, bars.bars, strict=True):
        result = made.variants[row.place].result
        assert result is not None and bar.point == plot.x.percent_of(result.difference)
        assert bar.thick == segment(plot, result.simultaneous) and bar.thin == segment(plot, result.interval)
        assert not bar.cut_left and not bar.cut_right
    assert bars.zero == plot.x.percent_of(0.0) and bars.margin is None


def test_the_margin_lies_about_zero():
    bars = forest_bars(forest(comparison(variant("a", 5), variant("b", 5, 0.7), margin=0.3)))
    assert bars.margin is not None and 0 < bars.margin.left < bars.zero
    assert bars.margin.left + bars.margin.width / 2 == pytest.approx(bars.zero, abs=0.02)


def test_a_variant_that_is_not_comparable_has_no_bar():
    blocked = Comparability((Difference("data.digest", "aa", "bb"),))
    made = comparison(variant("a"), variant("b", 3, 0.7), variant("c", comparability=blocked), variant("d", 3, 0.6))
    assert [bar.name for bar in forest_bars(forest(made)).bars] == ["b", "d"]


def test_an_interval_that_is_unknown_or_cut_says_so():
    made = comparison(variant("a", 5), variant("b", 5, 0.7), variant("c", 5, 0.75), variant("d", 1, 0.72))
    wide = made.variants[1]
    assert wide.result is not None
    wide = replace(wide, result=replace(wide.result, simultaneous=Interval(-50.0, 0.01)))
    bars = by_name(forest_bars(forest(replace(made, variants=(made.variants[0], wide, *made.variants[2:])))))
    assert bars["b"].thick is not None
    assert (bars["b"].thick.low, bars["b"].cut_left, bars["b"].cut_right) == (0.0, "−50.000", "")
    alone = bars["d"]
    assert alone.thick is None and alone.thin is None and not alone.cut_left and alone.interval == ""


def test_shapes_are_the_figures():
    made = comparison(
        variant("a", 5, 0.8), variant("down", 5, 0.3), variant("up", 5, 0.95), variant("same", 5, 0.8005), margin=0.1
    )
    assert [bar.shape for bar in forest_bars(forest(made)).bars] == ["down", "up", "square"]


def test_ticks_have_a_sign_but_zero():
    texts = [tick.text for tick in forest_bars(forest(comparison(variant("a", 5), variant("b", 5, 0.7)))).ticks]
    assert "0" in texts and all(text == "0" or text[0] in "+−" for text in texts)


def test_the_listed_interval_is_the_one_beside_the_verdict():
    made = comparison(
        variant("a", 5, 0.8), variant("b", 5, 0.3), variant("same", 5, 0.8005), variant("few", 2, 0.7), margin=0.1
    )
    rows = forest(made).rows
    bars = forest_bars(forest(made)).bars
    for row, bar in zip(rows, bars, strict=True):
        low, high = (f"{end:+.3f}".replace("-", "−") for end in row.interval)
        assert bar.interval == f"[{low}, {high}]"
    assert [bar.remark for bar in bars] == ["", "90 %", "alone"]
    assert bars[1].thin is None and bars[2].thick is None


def test_dots_lie_at_their_values_within_the_row():
    path = dots_path([0.0, 5.0, 10.0, 99.0], Scale(0.0, 10.0))
    places = [tuple(map(int, place)) for place in re.findall(r"M(\d+) (\d+)h0", path)]
    assert [x for x, _ in places] == [0, WIDTH / 2, WIDTH]
    assert all(0 < y < HEIGHT for _, y in places) and len({y for _, y in places}) == 3
    assert dots_path((), Scale(0.0, 10.0)) == ""


def test_rows_say_what_the_plot_says():
    plot = forest(comparison(variant("a", 5), variant("b", 5, 0.3)))
    bars = forest_bars(plot)
    (bar,) = bars.bars
    assert (bar.name, bar.style, bar.verdict, bar.value) == ("b", "worse", "worse", "−0.500")
    assert (bars.heading, bars.label) == ("Difference [95 % CI]", "Difference in test accuracy: variant − a")
    assert (bars.left, bars.right, bars.judged) == ("worse", "better", True)
