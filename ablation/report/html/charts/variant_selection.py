"""Choose the variants to draw on the page, and the styles of their lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.report.plots import palette
from ablation.report.plots.palette import LineStyle
from ablation.report.plots.plot_data import CurvePlot, Series

MAX_DRAWN = 48  # variants whose curves are on the page; the table has all
STROKE = 2.0  # pixels; the unit of dashes
COLOURS = (palette.BLACK, *palette.COLOURS)


@dataclass(frozen=True)
class StrokeStyle:
    """Style of an SVG line. colour: index in COLOURS. dashes: stroke-dasharray, empty for a solid line."""

    colour: int
    dashes: str


def select(plot: CurvePlot) -> dict[int, StrokeStyle]:
    """Select the baseline and the variants that differ most from their references; give each its style, by index."""
    drawn = _most_different(plot.series)
    styles = {}
    for curve, style in zip(drawn, palette.line_styles(drawn), strict=True):
        styles[curve.variant] = stroke_style(style)
    return styles


def _most_different(series: Sequence[Series]) -> list[Series]:
    """Return the baseline and the most different variants, in the comparison's order."""
    ranked = sorted(series, key=lambda curve: (not curve.baseline, -curve.distance, curve.variant))
    return sorted(ranked[:MAX_DRAWN], key=lambda curve: curve.variant)


def stroke_style(style: LineStyle) -> StrokeStyle:
    """Convert a line style of the figures to SVG."""
    dashes = " ".join(f"{STROKE * length:g}" for length in style.dashes)
    return StrokeStyle(COLOURS.index(style.colour), dashes)
