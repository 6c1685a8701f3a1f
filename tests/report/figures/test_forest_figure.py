"""The forest plot as Matplotlib draws it: words, colours and shapes of verdicts, and the numbers beside them."""

import re
from dataclasses import replace

import pytest
from support.curves import comparison, draw_forest, drawn_text, forest, several, variant

from ablation.report.figures import forest_figure
from ablation.report.plots import forest as plots_forest
from ablation.report.plots.palette import verdict_style
from ablation.statistics.intervals import Interval


def test_a_forest_tells_the_verdict_in_words_colour_and_shape():
    shown = comparison(
        variant("a", 5, 0.8), variant("down", 5, 0.3), variant("up", 5, 0.95), variant("same", 5, 0.8005), margin=0.1
    )
    (axes,) = draw_forest(shown).axes
    words = [text.get_text() for text in axes.texts]
    points = [line for line in axes.get_lines() if line.get_marker() in forest_figure.MARKERS.values()]
    for label, word, point in zip(("down", "up", "same"), ("worse", "better", "equivalent"), points, strict=True):
        style = verdict_style(word)
        assert words[words.index(label) + 2] == word
        assert (point.get_color(), point.get_marker()) == (style.colour, forest_figure.MARKERS[style.shape])


def test_a_point_stands_at_its_difference_and_a_bar_spans_its_interval():
    shown = comparison(variant("a", 5, 0.8), variant("b", 5, 0.7))
    (row,) = forest(shown).rows
    (axes,) = draw_forest(shown).axes
    low, high = row.result.interval
    places = [float(line.get_xdata()[0]) for line in axes.get_lines() if len(line.get_xdata()) == 1]
    assert places == pytest.approx([low, high, row.result.difference])


def test_a_forest_of_few_seeds_says_so():
    text = drawn_text(draw_forest(comparison(variant("a", 2), variant("b", 1, 0.5), variant("c", 2, 0.6))))
    assert text.count("too few seeds") == 2 and "[unknown]" in text and "1 vs 2" in text


def test_an_interval_that_is_cut_ends_in_an_arrow():
    shown = comparison(variant("a", 5, 0.8), variant("b", 5, 0.7), variant("c", 5, 0.75), variant("d", 5, 0.72))
    wide = shown.variants[1]
    assert wide.result is not None
    wide = replace(wide, result=replace(wide.result, interval=Interval(-50.0, 0.01)))
    (axes,) = draw_forest(replace(shown, variants=(shown.variants[0], wide, *shown.variants[2:]))).axes
    assert [line.get_marker() for line in axes.get_lines()].count("<") == 1


def test_a_forest_of_very_many_shows_the_largest():
    figure = draw_forest(several(plots_forest.MAX_ROWS + 11, 3))
    names = [text.get_text() for text in figure.axes[0].texts if re.fullmatch(r"arm\d+", text.get_text())]
    assert names == [f"arm{i}" for i in range(11, 71)]
