"""Choose the variants whose curves the page draws, those that it shows at first, and how their lines look."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.report.plots import palette
from ablation.report.plots.palette import LineStyle
from ablation.report.plots.plot_data import CurvePlot, Series

MAX_DRAWN = 48  # variants whose curves are on the page; the table has all
MAX_LABELLED = 14  # lines that labels at their ends have room for, and that are all shown at first
SHOWN_OF_MORE = 12  # curves that are shown at first where there are more
STROKE = 2.0  # pixels; dashes are in widths of the line
COLOURS = (palette.BLACK, *palette.COLOURS)


@dataclass(frozen=True)
class StrokeStyle:
    """colour: its place in COLOURS. dashes: SVG's stroke-dasharray, empty for a solid line."""

    colour: int
    dashes: str


@dataclass(frozen=True)
class Selection:
    """Variants by their place in the comparison: those drawn, those shown at first, and the style of each drawn one.

    The styles are in the order of the legend.
    """

    drawn: tuple[int, ...]
    shown: tuple[int, ...]
    styles: dict[int, StrokeStyle]


def select(plot: CurvePlot) -> Selection:
    """Select from all variants the baseline and those that differ most from their reference."""
    drawn = _most_different(plot.series, MAX_DRAWN)
    shown = drawn if len(drawn) <= MAX_LABELLED else _most_different(drawn, SHOWN_OF_MORE)
    places_shown = _places(shown)
    rest = [series for series in drawn if series.variant not in places_shown]
    return Selection(_places(drawn), places_shown, _styles([*shown, *rest]))


def _places(series: Sequence[Series]) -> tuple[int, ...]:
    return tuple(one.variant for one in series)


def _most_different(series: Sequence[Series], count: int) -> list[Series]:
    """In the comparison's order."""
    ranked = sorted(series, key=lambda one: (not one.baseline, -one.distance, one.variant))
    return sorted(ranked[:count], key=lambda one: one.variant)


def _styles(series: Sequence[Series]) -> dict[int, StrokeStyle]:
    """Those shown at first come first, so that they differ most from each other."""
    styles = {}
    for one, style in zip(series, palette.line_styles(series), strict=True):
        styles[one.variant] = stroke_style(style)
    return styles


def stroke_style(style: LineStyle) -> StrokeStyle:
    """A line style of the figures as an SVG has it."""
    dashes = " ".join(f"{STROKE * length:g}" for length in style.dashes)
    return StrokeStyle(COLOURS.index(style.colour), dashes)
