"""Choose the variants to draw on the page, those visible at first, and the styles of their lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.report.plots import palette
from ablation.report.plots.palette import LineStyle
from ablation.report.plots.plot_data import CurvePlot, Series

MAX_DRAWN = 48  # variants whose curves are on the page; the table has all
MAX_LABELLED = 14  # curves that can be labelled at their ends; so few are all visible at first
SHOWN_OF_MORE = 12  # curves visible at first where there are more
STROKE = 2.0  # pixels; the unit of dashes
COLOURS = (palette.BLACK, *palette.COLOURS)


@dataclass(frozen=True)
class StrokeStyle:
    """Style of an SVG line. colour: index in COLOURS. dashes: stroke-dasharray, empty for a solid line."""

    colour: int
    dashes: str


@dataclass(frozen=True)
class Selection:
    """Indices of the variants drawn and of those visible at first, and the style of each drawn variant.

    The styles are in the order of the legend.
    """

    drawn: tuple[int, ...]
    shown: tuple[int, ...]
    styles: dict[int, StrokeStyle]


def select(plot: CurvePlot) -> Selection:
    """Select the baseline and the variants that differ most from their references."""
    drawn = _most_different(plot.series, MAX_DRAWN)
    shown = drawn if len(drawn) <= MAX_LABELLED else _most_different(drawn, SHOWN_OF_MORE)
    indices_shown = _indices(shown)
    rest = [series for series in drawn if series.variant not in indices_shown]
    return Selection(_indices(drawn), indices_shown, _styles([*shown, *rest]))


def _indices(series: Sequence[Series]) -> tuple[int, ...]:
    return tuple(curve.variant for curve in series)


def _most_different(series: Sequence[Series], count: int) -> list[Series]:
    """Return the baseline and the most different variants, in the comparison's order."""
    ranked = sorted(series, key=lambda curve: (not curve.baseline, -curve.distance, curve.variant))
    return sorted(ranked[:count], key=lambda curve: curve.variant)


def _styles(series: Sequence[Series]) -> dict[int, StrokeStyle]:
    """Assign styles in order; variants visible at first lead, so that their styles differ most."""
    styles = {}
    for curve, style in zip(series, palette.line_styles(series), strict=True):
        styles[curve.variant] = stroke_style(style)
    return styles


def stroke_style(style: LineStyle) -> StrokeStyle:
    """Convert a line style of the figures to SVG."""
    dashes = " ".join(f"{STROKE * length:g}" for length in style.dashes)
    return StrokeStyle(COLOURS.index(style.colour), dashes)
