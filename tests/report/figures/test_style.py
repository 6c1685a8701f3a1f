"""Texts that fit, lines that are drawn, files without a date."""

import matplotlib.style
import numpy as np
import pytest
from matplotlib.lines import Line2D

from ablation.report.figures import style
from ablation.report.plots.palette import line_style
from ablation.report.plots.plot_data import Line, Series


def test_names_are_cut_until_they_fit_and_stay_unique():
    names = [f"a rather long name of a variant, number {i}" for i in range(3)]
    fitted = style.fitted(names, 1.0, style.FONT)
    assert style.text_width(fitted) <= 1.0 and len(set(fitted)) == 3
    assert style.fitted(["short"], 1.0, style.FONT) == ["short"] and style.fitted([], 1.0, style.FONT) == []


def test_a_caption_is_wrapped_at_words():
    text = "Line: mean over 3 seeds. " * 9
    lines = style.wrap_text(text, 3.0)
    assert " ".join(lines) == text.strip() and len(lines) > 3
    assert max(style.text_width([line], style.SMALL) for line in lines) <= 3.0
    assert style.wrap_text("x" * 200, 1.0) == ["x" * 200]  # a word is never broken


def test_a_panel_stands_where_it_is_put():
    figure = style.sheet(10, 4)
    box = style.panel(figure, 1, 0.5, 6, 2).get_position()
    assert (box.x0, box.y1, box.width, box.height) == pytest.approx((0.1, 1 - 0.5 / 4, 0.6, 0.5))


def test_a_single_point_has_a_marker_and_a_bar():
    axes = style.panel(style.sheet(10, 4), 1, 0.5, 6, 2)
    one = np.ones(1)
    series = Series(0, "a", one, one, one - 0.1, one + 0.1)
    assert style.mean_line(axes, series, line_style(0)).get_marker() == "o"
    style.band(axes, series, "#000000")
    (bar,) = axes.collections
    assert bar.get_segments()[0][:, 1] == pytest.approx([0.9, 1.1])


def test_a_line_has_its_style():
    axes = style.panel(style.sheet(10, 4), 1, 0.5, 6, 2)
    x = np.arange(9.0)
    series = Series(0, "a", x, x, x, x)
    look = line_style(2, marked=True)
    line = style.mean_line(axes, series, look)
    assert (line.get_color(), line.get_marker(), line.is_dashed()) == (look.colour, look.marker, True)


def test_very_many_points_become_an_image_in_an_svg():
    axes = style.panel(style.sheet(10, 4), 1, 0.5, 6, 2)
    x = np.arange(style.MAX_VECTOR_POINTS / 2)
    style.thin_lines(axes, [Line(x, x)], style.Pen("#000000", 0.5))
    style.thin_lines(axes, [Line(x, x)] * 3, style.Pen("#000000", 0.5))
    assert [bool(lines.get_rasterized()) for lines in axes.collections] == [False, True]


def test_a_label_far_from_the_edge_has_a_dotted_thread():
    figure = style.sheet(10, 4)
    axes = style.panel(figure, 1, 0.5, 6, 2)
    axes.set(xlim=(0, 10), ylim=(0, 1))
    lines = {name: axes.plot([0, end], [0.5, 0.5])[0] for name, end in (("whole", 10), ("short", 5))}
    style.label_ends(axes, lines, figure.dpi)
    assert [text.arrow_patch.get_linestyle() for text in axes.texts] == ["-", (0, (1, 4))]


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_equal_figures_are_equal_files_without_a_date(kind):
    def drawn() -> bytes:
        with matplotlib.style.context(["default", style.STYLE]):
            figure = style.sheet(2, 1)
            style.panel(figure, 0.5, 0.2, 1, 0.5).add_line(Line2D([0, 1], [0, 1]))
            return style.save(figure, kind)

    content = drawn()
    assert content == drawn() and b"Date" not in content


def test_long_names_have_two_lines_before_they_are_shortened():
    names = ["norm=batch lr=0.1 wd=0.0001", "norm=batch lr=0.1 wd=0.001 ‡", "short", "x" * 60]
    broken = style.in_two_lines(names, 1.2, style.SMALL)
    assert broken[:3] == ["norm=batch lr=0.1\nwd=0.0001", "norm=batch lr=0.1\nwd=0.001 ‡", "short"]
    assert "…" in broken[3] and style.text_width(broken, style.SMALL) <= 1.2
    (marked,) = style.in_two_lines(["norm=batch lr=0.01 ‡"], 1.02, style.SMALL)
    assert marked == "norm=batch\nlr=0.01 ‡"  # no mark alone in a line
    assert style.in_two_lines([], 1.0, style.SMALL) == []
