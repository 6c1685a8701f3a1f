"""The forest plot as Matplotlib draws it: words, colours and shapes of verdicts, and the numbers beside them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from support import comparisons
from support.curves import comparison, diverged, draw_forest, drawn_text, forest, several, variant

from ablation.report.figures import forest_figure, style
from ablation.report.plots import forest as plots_forest
from ablation.report.plots.factorial.effects import effects
from ablation.report.plots.palette import GREY, LIGHT_GREY, MARKERS_OF_SHAPES, verdict_style
from ablation.report.plots.scores.means import means
from ablation.statistics.intervals import Interval


def test_a_forest_tells_the_verdict_in_words_colour_and_shape():
    shown = comparison(
        variant("a", 5, 0.8), variant("down", 5, 0.3), variant("up", 5, 0.95), variant("same", 5, 0.8005), margin=0.1
    )
    (axes,) = draw_forest(shown).axes
    words = [text.get_text() for text in axes.texts]
    points = [line for line in axes.get_lines() if line.get_marker() in MARKERS_OF_SHAPES.values()]
    for label, word, point in zip(("down", "up", "same"), ("worse", "better", "equivalent"), points, strict=True):
        style = verdict_style(word)
        assert words[words.index(label) + 2] == word
        assert (point.get_color(), point.get_marker()) == (style.colour, MARKERS_OF_SHAPES[style.shape])


def test_the_caption_begins_with_why_the_comparison_is_exploratory():
    shown = comparison(variant("a", 5, 0.8), variant("b", 5, 0.3))
    shown = replace(shown, exploratory=("no study planned this comparison",), disclosures=("The plan was changed.",))
    start = "Exploratory: no study planned this comparison. The plan was changed. Test accuracy of"
    lines = [text.get_text() for text in draw_forest(shown).texts]
    assert " ".join(reversed(lines)).startswith(start)


def bars(axes: Axes) -> list[tuple[float, float, float, float]]:
    """Each horizontal line: its ends, width and alpha."""
    found = []
    for lines in axes.collections:
        if isinstance(lines, LineCollection):
            ((low, _), (high, _)) = lines.get_segments()[0]
            found.append((low, high, lines.get_linewidths()[0], lines.get_alpha() or 1.0))
    return found


def test_a_point_stands_at_its_difference_within_a_pale_bar_and_a_line():
    shown = comparison(variant("a", 5, 0.8), variant("b", 5, 0.7), variant("c", 5, 0.8005))
    (axes,) = draw_forest(shown).axes
    thick, thin = bars(axes)[:2]
    result = shown.variants[1].result
    assert result is not None
    assert thick[:2] == pytest.approx(result.simultaneous) and thin[:2] == pytest.approx(result.interval)
    assert thick[2] > 3 * thin[2] and thick[3] < 0.5 and thin[3] == 1.0
    places = [float(line.get_xdata()[0]) for line in axes.get_lines() if len(line.get_xdata()) == 1]
    assert places[:3] == pytest.approx([*result.interval, result.difference])


def test_one_comparison_has_one_bar():
    (axes,) = draw_forest(comparison(variant("a", 5, 0.8), variant("b", 5, 0.7))).axes
    assert len(bars(axes)) == 1


def test_the_numbers_say_which_interval_they_list():
    shown = comparison(
        variant("a", 5, 0.8), variant("b", 5, 0.3), variant("same", 5, 0.8005), variant("few", 2, 0.7), margin=0.1
    )
    texts = [text.get_text() for text in draw_forest(shown).axes[0].texts]
    assert "difference  [95 % CI, Bonferroni]" in texts
    numbers = [text for text in texts if re.match(r"[+−0]\S*  \[", text)]
    assert [text.rpartition("]")[2].strip() for text in numbers] == ["", "90 %", "alone"]
    single = draw_forest(comparison(variant("a", 5, 0.8), variant("b", 5, 0.7)))
    assert "difference  [95 % CI]" in [text.get_text() for text in single.axes[0].texts]


def test_a_row_without_a_verdict_says_why_and_is_hollow_and_grey():
    lost = (diverged("b", 7, []), diverged("b", 8, []))
    shown = comparison(
        variant("a", 5, planned_seeds=5),
        variant("b", 4, 0.95, diverged=lost, planned_seeds=6),
        variant("c", 4, 0.3, planned_seeds=5),
    )
    (axes,) = draw_forest(shown).axes
    texts = [text.get_text() for text in axes.texts]
    for text in ("higher where it trained", "(2 of 6 diverged)", "incomplete", "(1 of 5 runs missing)"):
        assert text in texts
    points = [line for line in axes.get_lines() if line.get_marker() in MARKERS_OF_SHAPES.values()]
    assert [point.get_markerfacecolor() for point in points] == ["white", "white"]
    assert {point.get_color() for point in points} == {GREY, LIGHT_GREY}


def test_columns_of_text_do_not_overlap():
    names = [f"-a_component_with_a_very_long_name_number_{i}" for i in range(3)]
    lost = tuple(diverged("b", seed, []) for seed in (7, 8))
    shown = comparison(
        variant("the_baseline_with_a_very_long_name_as_well", 5, planned_seeds=7, diverged=lost),
        variant(names[0], 4, 0.95, diverged=lost, planned_seeds=6),
        variant(names[1], 4, 0.3, planned_seeds=5),
        variant(names[2], 5, 0.3, planned_seeds=5),
    )
    figure = draw_forest(shown)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts if text.get_text()]
    for index, one in enumerate(boxes):
        assert one.x0 >= 0 and one.x1 <= figure.bbox.x1
        for other in boxes[index + 1 :]:
            apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 - 1 <= other.y0 or other.y1 - 1 <= one.y0
            assert apart, (one, other)
    assert axes.bbox.width > 2.5 * figure.dpi


def test_a_forest_of_few_seeds_says_so():
    text = drawn_text(draw_forest(comparison(variant("a", 2), variant("b", 1, 0.5), variant("c", 2, 0.6))))
    assert text.count("too few seeds") == 2 and "[unknown]" in text and "1 vs 2" in text


def test_an_interval_that_is_cut_ends_in_an_arrow():
    shown = comparison(variant("a", 5, 0.8), variant("b", 5, 0.7), variant("c", 5, 0.75), variant("d", 5, 0.72))
    wide = shown.variants[1]
    assert wide.result is not None
    wide = replace(wide, result=replace(wide.result, simultaneous=Interval(-50.0, 0.01)))
    (axes,) = draw_forest(replace(shown, variants=(shown.variants[0], wide, *shown.variants[2:]))).axes
    assert [line.get_marker() for line in axes.get_lines()].count("<") == 1
    assert "−50.000" in [text.get_text() for text in axes.texts]


def test_a_forest_of_very_many_shows_the_largest():
    figure = draw_forest(several(plots_forest.MAX_ROWS + 11, 3))
    names = [text.get_text() for text in figure.axes[0].texts if re.fullmatch(r"arm\d+", text.get_text())]
    assert names == [f"arm{i}" for i in range(11, 71)]


def dots(axes: Axes) -> list[np.ndarray]:
    """The places of the dots of each row, (dots, 2)."""
    return [np.asarray(one.get_offsets()) for one in axes.collections if isinstance(one, PathCollection)]


def test_each_run_is_a_faint_dot_at_its_difference_within_its_row():
    shown = comparison(variant("a", 5, 0.8), variant("b", 5, 0.7), variant("c", 5, 0.9))
    (axes,) = draw_forest(shown).axes
    for y, (row, places) in enumerate(zip(forest(shown).rows, dots(axes), strict=True)):
        assert places[:, 0] == pytest.approx(row.dots)
        assert np.abs(places[:, 1] - y).max() < 0.5 and len(set(places[:, 1])) == 5
    drawn = [one for one in axes.collections if isinstance(one, PathCollection)]
    assert all(one.get_alpha() < 0.6 for one in drawn)


def test_a_dot_beyond_the_axis_is_not_drawn():
    plot = forest(comparison(variant("a", 5, 0.8), variant("b", 5, 0.7)))
    far = replace(plot, rows=(replace(plot.rows[0], dots=(-9.0, *plot.rows[0].dots)),))
    assert [len(places) for places in dots(forest_figure.draw(far).axes[0])] == [5]


def test_few_rows_are_no_wide_strip():
    one = draw_forest(comparison(variant("a", 5, 0.8), variant("b", 5, 0.7)))
    assert one.get_figwidth() < 7 and one.get_figwidth() / one.get_figheight() < 4
    assert draw_forest(several(12, 3)).get_figwidth() == pytest.approx(style.WIDTH)


def test_without_a_caption_there_is_only_the_plot():
    plot = forest(comparison(variant("a", 5, 0.8), variant("b", 5, 0.7)))
    bare, whole = forest_figure.draw(plot, captioned=False), forest_figure.draw(plot)
    assert not bare.texts and bare.get_figheight() < whole.get_figheight()
    assert " ".join(text.get_text() for text in reversed(whole.texts)) == " ".join(forest_figure.caption(plot))


def test_effects_stand_below_the_headings_of_their_groups():
    plot = effects(comparisons.factorial())
    assert plot is not None
    (axes,) = forest_figure.draw(plot).axes
    heights = {text.get_text(): text.get_position()[1] for text in axes.texts}
    order = ("Main effects", "shortcut", "norm", "Interactions", "shortcut × norm")
    assert [heights[text] for text in order] == [0, 1, 2, 3, 4]
    assert axes.get_xlabel() == "Effect on test accuracy" and "seeds" not in heights


def test_means_have_neither_a_line_at_zero_nor_a_verdict():
    plot = means(comparison(variant("a", 5, 0.8), variant("b", 5, 0.7)))
    assert plot is not None
    (axes,) = forest_figure.draw(plot).axes
    texts = [text.get_text() for text in axes.texts]
    assert "mean  [95 % CI]" in texts and "verdict" not in texts and not any("←" in text for text in texts)
    assert any(re.match(r"0\.820  \[0\.\d+, 0\.\d+\]", text) for text in texts)
    assert axes.get_xlabel() == "Test accuracy" and axes.get_xlim()[0] > 0.5
    assert [0.0, 0.0] not in [list(line.get_xdata()) for line in axes.get_lines()]


def test_unjudged_cells_have_no_empty_column_of_verdicts():
    plot = plots_forest.forest(comparisons.factorial())
    assert plot is not None
    texts = [text.get_text() for text in forest_figure.draw(plot).axes[0].texts]
    assert "verdict" not in texts and "difference  [95 % CI]" in texts
