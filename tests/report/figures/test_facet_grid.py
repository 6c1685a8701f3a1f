"""A panel for each variant: curves stand where the numbers beside them say."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from support.curves import comparison, diverged, draw_overlay, drawn_text, overlay, run, several, variant
from support.fake_runs import history

from ablation.report.figures import facet_grid, style
from ablation.report.plots import palette
from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import Panel


def panels(figure: Figure, plot: int = 0) -> list[tuple[Bbox, dict[str, np.ndarray]]]:
    """The facets of a metric in the order of reading: each one's box and its means by their colour, in inches."""
    axes, found = figure.axes[plot], {}
    for line in axes.lines:
        box = line.get_clip_box().transformed(axes.transData.inverted())
        found.setdefault((round(box.y0, 6), round(box.x0, 6)), (box, {}))[1][line.get_color()] = line.get_xydata()
    return [found[place] for place in sorted(found)]


def test_thirteen_variants_have_a_panel_each():
    many = draw_overlay(several(13))
    assert [len(panels(many, plot)) for plot in range(2)] == [13, 13]
    assert len(panels(draw_overlay(several(13), "loss"))) == 13


def test_without_a_baseline_the_others_are_grey_in_each_facet():
    figure = draw_overlay(several(13, baseline=False), "val_accuracy")
    assert "Grey: the means of the others." in drawn_text(figure)


def test_the_baseline_is_grey_in_each_facet():
    figure = draw_overlay(several(13), "val_accuracy")
    (box, first), *rest = panels(figure)
    assert list(first) == [palette.BLACK]
    for other, lines in rest:
        assert list(lines) == [palette.PALE, palette.BLUE]
        np.testing.assert_allclose(lines[palette.PALE] - other.min, first[palette.BLACK] - box.min, atol=1e-9)
        assert abs(lines[palette.PALE] - lines[palette.BLUE]).max() > 0.01
    assert "Grey: the baseline." in drawn_text(figure)


def test_a_mean_stands_in_its_facet_where_the_numbers_beside_it_say():
    shown = several(13)
    figure = draw_overlay(shown, "val_accuracy")
    numbers = {t.get_text(): t.get_position()[1] for t in figure.axes[0].texts if t.get_ha() == "right"}
    (low, bottom), *_, (high, top) = numbers.items()  # of the lowest panels
    for row, (_, lines) in zip(shown.variants[10:], panels(figure)[10:], strict=True):
        share = (lines[palette.BLUE][:, 1] - bottom) / (top - bottom)
        means = np.mean([run.history["val_accuracy"] for run in row.runs], axis=0)
        np.testing.assert_allclose(float(low) + share * (float(high) - float(low)), means, atol=1e-6)


@pytest.mark.parametrize("size", [2e-5, 4e-8, 3e-4, 0.25, 7.0, 3e6])
def test_the_numbers_beside_a_facet_tell_its_ticks_apart(size):
    runs = [variant(f"a{i}", 1) for i in range(13)]
    rates = [{**row.runs[0].history, "learning_rate": (size, size / 2, *[0.0] * 4)} for row in runs]
    rows = [replace(row, runs=(replace(row.runs[0], history=rate),)) for row, rate in zip(runs, rates, strict=True)]
    figure = draw_overlay(comparison(*rows), "learning_rate")
    told = [float(t.get_text().replace("−", "-")) for t in figure.axes[0].texts if t.get_ha() == "right"]
    up = told[: len(set(told))]
    assert len(up) > 1 and up == sorted(up) and size / 3 < max(up) < 1.1 * size
    np.testing.assert_allclose(np.diff(up), np.diff(up)[0])


def test_a_mean_stands_where_the_numbers_say_on_a_log_axis_too():
    shown = several(13)
    rows = [
        replace(row, runs=tuple(replace(r, history=_falling(r.history)) for r in row.runs)) for row in shown.variants
    ]
    figure = draw_overlay(replace(shown, variants=tuple(rows)), "loss")
    numbers = [(float(t.get_text()), t.get_position()[1]) for t in figure.axes[0].texts if t.get_ha() == "right"]
    (low, bottom), *_, (high, top) = numbers[-(len(numbers) // 3) :]  # of the lowest panels, of three rows
    assert high > 50 * low
    (_, lines), *_ = panels(figure)[10:]
    share = (lines[palette.BLUE][:, 1] - bottom) / (top - bottom)
    np.testing.assert_allclose(low * (high / low) ** share, rows[10].runs[0].history["loss"], rtol=1e-6)


def _falling(history):
    return {**history, "loss": tuple(10.0**-epoch for epoch in range(len(history["loss"])))}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("least", [0.1, 1e-4], ids=["linear", "log"])
def test_a_diverged_run_leaves_the_drawing_of_its_facet_whole(least):
    """Its loss may be nothing, which has no logarithm, or so much that no viewer of an SVG has a place for it."""
    rows = [variant(f"arm{i}", 2, 0.5 + i / 100) for i in range(13)]
    steep = history(6, 0.6, least)
    rows[1] = replace(rows[1], runs=(run("arm1", 0, steep), run("arm1", 1, steep)))
    lost = diverged("arm2", 7, [{**row, "loss": loss} for row, loss in zip(history(3), (1.0, 0.0, 1e38), strict=True)])
    rows[2] = replace(rows[2], diverged=(lost,))
    (axes,) = draw_overlay(comparison(*rows), "loss").axes
    ends = np.concatenate([path.vertices for lines in axes.collections for path in lines.get_paths()])
    assert np.abs(ends).max() < 1e5  # inches, and no nan


@pytest.mark.parametrize(("count", "columns", "rows"), [(13, 5, 3), (20, 5, 4), (21, 6, 4), (24, 6, 4), (25, 6, 5)])
def test_facets_fill_rows_and_a_row_more_is_a_facet_higher(count, columns, rows):
    """With more than twenty variants six stand side by side."""
    one = panels(facet_grid.facets(overlay(several(count, 1), "loss")))
    tops = sorted({round(box.y0, 3) for box, _ in one})
    lefts = sorted({round(box.x0, 3) for box, _ in one})
    assert (len(lefts), len(tops)) == (columns, rows)
    assert np.diff(tops) == pytest.approx(facet_grid.FACET_HEIGHT) and np.ptp(np.diff(lefts)) < 2e-3
    assert max(box.x1 for box, _ in one) <= style.WIDTH


def canvas(y: Scale) -> facet_grid.Canvas:
    return facet_grid.Canvas(Figure().add_axes((0, 0, 1, 1)), Panel("Loss", (), Scale(0, 10), y), (), ())


FACET = facet_grid.Facet(left=1.0, top=2.0, width=4.0, height=3.0, first=True, lowest=True)


def test_values_lie_between_the_edges_of_their_facet():
    assert (FACET.right, FACET.bottom) == (5.0, 5.0)
    found = canvas(Scale(-1, 1)).points(FACET, np.array([0.0, 5, 10]), np.array([-1.0, 0, 1]))
    np.testing.assert_allclose(found, [(1, 5), (3, 3.5), (5, 2)])  # up is down in inches from the upper edge
    logarithmic = canvas(Scale(0.01, 100, log=True))
    assert logarithmic.heights(FACET, [0.01, 1.0, 100.0]) == pytest.approx([5, 3.5, 2])


def test_what_lies_far_off_is_drawn_near_enough_for_an_svg():
    near, far = canvas(Scale(0, 1)).heights(FACET, [2.0, 1e300])
    assert near == pytest.approx(-1) and far == pytest.approx(2 - 3.0 * facet_grid.FAR)


def test_names_of_two_lines_have_room_above_their_facets():
    def with_names(names):
        return draw_overlay(comparison(*(variant(name) for name in names)), "val_accuracy")

    short, long = (with_names([f"{name} n={i}" for i in range(14)]) for name in ("a", "norm=batch lr=0.1 wd=0.0001"))
    (first, _), (later, _) = panels(short)[0], panels(long)[0]
    assert later.y0 - first.y0 == pytest.approx(facet_grid.NAME_LINE)
    assert later.height == pytest.approx(first.height)
    assert "norm=batch lr=0.1\nwd=0.0001 n=3" in [text.get_text() for text in long.axes[0].texts]
    assert long.get_figheight() - short.get_figheight() == pytest.approx(3 * facet_grid.NAME_LINE)
