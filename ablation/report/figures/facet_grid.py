"""Draw a panel for each variant, all on the same scales, with the baseline (or else all other means) in grey.

All panels of a metric share one pair of axes and are placed in inches: axes for each would take ten times as long.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox, TransformedBbox

from ablation.report.figures import style
from ablation.report.figures.style import CAPTION_LINE, EDGE, SEEDS_NOTE, SMALL, Pen
from ablation.report.plots.axis import Tick, x_ticks
from ablation.report.plots.palette import BLACK, BLUE, DOTTED, GREY, GRID, PALE, TEXT, THRESHOLD_DASHES
from ablation.report.plots.plot_data import CurvePlot, DivergedRun, Line, Panel, Series
from ablation.report.wording.number_format import MINUS

COLUMNS, MORE_COLUMNS, MORE_FROM = 5, 6, 21  # panels side by side; MORE_COLUMNS of them from MORE_FROM variants on
FACET_HEIGHT, ABOVE, BELOW = 1.3, 0.4, 0.4  # inches: height of a panel with its name, room above and below
NAME_LINE = 0.13  # inches: height of the second line of names
TICK_LENGTH, TICK_GAP = 0.05, 0.06  # inches: a tick, and from it to its label
MAX_X_TICKS, MAX_Y_TICKS = 3, 4
FAR = 1000  # panel heights: values are clipped there, because SVG coordinates are limited
NAME = {"ha": "left", "va": "bottom"}
Y_NUMBER = {"ha": "right", "va": "center_baseline"}
BELOW_AXIS = {"ha": "center", "va": "top"}
UNDER_ROW = {"ha": "left", "va": "top"}


@dataclass(frozen=True)
class Facet:
    """Position of one variant's panel, in inches from the upper left corner of the axes.

    first: whether it is the first in its row. lowest: whether it is the lowest in its column.
    """

    left: float
    top: float
    width: float
    height: float
    first: bool
    lowest: bool

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def right(self) -> float:
        return self.left + self.width


@dataclass(frozen=True)
class Canvas:
    """The axes of one metric, with the scales and ticks that all its facets share."""

    axes: Axes
    panel: Panel
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]

    def points(self, facet: Facet, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Convert values to inches, float64 (points, 2); those outside the scale lie outside the facet."""
        scale = self.panel.y
        far = FAR * (scale.high - scale.low)
        right = self.panel.x.percent(x) / 100
        up = scale.percent(np.clip(y, scale.low - far, scale.high + far)) / 100
        return np.column_stack([facet.left + facet.width * right, facet.top + facet.height * (1 - up)])

    def heights(self, facet: Facet, values: Sequence[float]) -> list[float]:
        """Convert y values to inches from the top of the axes."""
        return self.points(facet, np.full(len(values), self.panel.x.low), np.array(values))[:, 1].tolist()

    def add(self, facet: Facet, artist: Artist) -> None:
        """Add an artist, clipped to the facet."""
        self.axes.add_artist(artist)
        box = Bbox.from_bounds(facet.left, facet.top, facet.width, facet.height)
        artist.set_clip_box(TransformedBbox(box, self.axes.transData))

    def segments(self, segments: Sequence, pen: Pen) -> None:
        """Draw line segments given in inches."""
        drawn = LineCollection(
            segments,
            colors=pen.colour,
            linewidths=pen.width,
            linestyles=[style.linestyle(pen.dashes)],
            zorder=pen.order,
        )
        self.axes.add_collection(drawn, autolim=False)

    def lines(self, facet: Facet, lines: Sequence[Line], pen: Pen) -> None:
        """Draw lines given in values, clipped to the facet."""
        paths = []
        for line in lines:
            paths.append(self.points(facet, line.x, line.y))
        drawn = LineCollection(
            paths,
            colors=pen.colour,
            linewidths=pen.width,
            alpha=pen.alpha,
            linestyles=[style.linestyle(pen.dashes)],
            zorder=pen.order,
        )
        self.add(facet, drawn)

    def write(self, x: float, y: float, text: str, alignment: dict[str, Any], size: float = SMALL) -> None:
        """Write text. x, y: inches from the upper left corner of the axes."""
        self.axes.text(x, y, text, fontsize=size, color=TEXT, parse_math=False, **alignment)


def caption(plot: CurvePlot) -> list[str]:
    """The sentences of the caption."""
    return [*plot.notes, *_grey_notes(plot.panels[0])]


def facets(plot: CurvePlot, captioned: bool = True) -> Figure:
    """Draw a facet for each variant, with the metrics below each other. captioned: whether to write the caption."""
    count = len(plot.series)
    columns = MORE_COLUMNS if count >= MORE_FROM else COLUMNS
    width = (style.WIDTH - EDGE - 0.15) / columns
    names = style.in_two_lines([series.name for series in plot.series], width - 0.2, SMALL)
    second_line = NAME_LINE if any("\n" in name for name in names) else 0.0
    grid = [_facet(i, columns, width, count, second_line) for i in range(count)]
    lines = style.wrap_text(" ".join(caption(plot)), style.WIDTH - 0.25) if captioned else []
    block = ABOVE + math.ceil(count / columns) * (FACET_HEIGHT + second_line) + BELOW
    figure = style.sheet(style.WIDTH, block * len(plot.panels) + 0.15 + CAPTION_LINE * len(lines))
    label = plot.x_axis.label
    is_narrow = style.text_width([label], 8) < width
    for i, panel in enumerate(plot.panels):
        style.heading(figure, _heading(panel), i * block + 0.12)
        canvas = _canvas(figure, panel, plot.x_axis.key, i * block, block)
        _draw_frames(canvas, grid)
        for facet, series, name in zip(grid, panel.series, names, strict=True):
            _draw_curves(canvas, facet, series)
            _write_texts(canvas, facet, name, label if is_narrow else "")
        if not is_narrow:
            canvas.write(EDGE, grid[-1].bottom + 0.22, label, UNDER_ROW, size=8)
    style.caption(figure, lines)
    return figure


def _heading(panel: Panel) -> str:
    return f"{panel.title} (log scale)" if panel.y.log else panel.title


def _facet(i: int, columns: int, width: float, count: int, second_line: float) -> Facet:
    """Place a panel. second_line: inches for the second line of the names; 0 if they have one line."""
    row, column = divmod(i, columns)
    return Facet(
        left=EDGE + column * width,
        top=ABOVE + row * (FACET_HEIGHT + second_line) + 0.2 + second_line,
        width=width - 0.14,
        height=FACET_HEIGHT - 0.3,
        first=column == 0,
        lowest=i + columns >= count,
    )


def _canvas(figure: Figure, panel: Panel, x_key: str, top: float, height: float) -> Canvas:
    """Create the axes of a metric. top: inches from the figure's upper edge. height: inches."""
    figure_width, figure_height = figure.get_size_inches()
    axes = figure.add_axes((0, 1 - (top + height) / figure_height, 1, height / figure_height))
    axes.set(xlim=(0, figure_width), ylim=(height, 0))
    axes.set_axis_off()
    return Canvas(axes, panel, x_ticks(panel.x, x_key, MAX_X_TICKS), _y_ticks(panel))


def _y_ticks(panel: Panel) -> list[Tick]:
    """Choose y ticks, all with the same decimals; very small or large ones, and those on a log axis, as `1e-05`."""
    values = panel.y.ticks(MAX_Y_TICKS)
    largest = max(map(abs, values), default=0.0)
    decimals = max((len(f"{value:g}".partition(".")[2]) for value in values), default=0)
    plain = not panel.y.log and (1e-3 <= largest < 1e5 or largest == 0)
    ticks = []
    for value in values:
        text = f"{value:.{decimals}f}" if plain else f"{value:g}"
        ticks.append(Tick(value, text.replace("-", MINUS)))
    return ticks


def _grey_notes(panel: Panel) -> list[str]:
    """Notes on the thin and the grey lines in each facet."""
    notes = []
    if any(series.draws_seeds for series in panel.series):
        notes.append(SEEDS_NOTE)
    if any(series.baseline for series in panel.series):
        notes.append("Grey: the baseline.")
    elif not panel.is_difference:
        notes.append("Grey: the means of the others.")
    return notes


def _draw_frames(canvas: Canvas, grid: Sequence[Facet]) -> None:
    """Draw axes and ticks of all facets, and horizontal lines at each y tick, at zero and at the threshold."""
    heights = [tick.value for tick in canvas.y_ticks]
    edges = []
    for facet in grid:
        edges.append([(facet.left, facet.top), (facet.left, facet.bottom), (facet.right, facet.bottom)])
        for y in canvas.heights(facet, heights):
            edges.append([(facet.left - TICK_LENGTH, y), (facet.left, y)])
        for x in _tick_places(canvas, facet):
            edges.append([(x, facet.bottom), (x, facet.bottom + TICK_LENGTH)])
    canvas.segments(edges, Pen(GREY, 0.8, order=2.5))
    canvas.segments(_horizontal_lines(canvas, grid, heights), Pen(GRID, 0.6, order=0.5))
    if canvas.panel.is_difference:
        canvas.segments(_horizontal_lines(canvas, grid, [0.0]), Pen(GREY, 0.9, order=2.5))
    if canvas.panel.threshold is not None:
        pen = Pen(GREY, 0.8, dashes=THRESHOLD_DASHES, order=2.4)
        canvas.segments(_horizontal_lines(canvas, grid, [canvas.panel.threshold]), pen)


def _horizontal_lines(canvas: Canvas, grid: Sequence[Facet], values: Sequence[float]) -> list:
    """Return a line at each y value in each facet, in inches."""
    lines = []
    for facet in grid:
        for y in canvas.heights(facet, values):
            lines.append([(facet.left, y), (facet.right, y)])
    return lines


def _tick_places(canvas: Canvas, facet: Facet) -> list[float]:
    values = np.array([tick.value for tick in canvas.x_ticks])
    return canvas.points(facet, values, np.full(len(values), canvas.panel.y.low))[:, 0].tolist()


def _write_texts(canvas: Canvas, facet: Facet, name: str, label: str) -> None:
    """Write the name above a facet; number only the first y axis of a row and the lowest x axis of a column."""
    canvas.write(facet.left, facet.top - 0.05, name, NAME)
    if facet.first:
        heights = canvas.heights(facet, [tick.value for tick in canvas.y_ticks])
        for y, tick in zip(heights, canvas.y_ticks, strict=True):
            canvas.write(facet.left - TICK_LENGTH - TICK_GAP, y, tick.text, Y_NUMBER)
    if facet.lowest:
        for x, tick in zip(_tick_places(canvas, facet), canvas.x_ticks, strict=True):
            canvas.write(x, facet.bottom + TICK_LENGTH + TICK_GAP - 0.01, tick.text, BELOW_AXIS)
        canvas.write(facet.left + facet.width / 2, facet.bottom + 0.22, label, BELOW_AXIS, size=8)


def _draw_curves(canvas: Canvas, facet: Facet, series: Series) -> None:
    rest = [drawn for drawn in canvas.panel.with_mean if drawn is not series]
    baseline = [drawn for drawn in rest if drawn.baseline]
    if not series.baseline:
        if baseline:
            _draw_mean(canvas, facet, baseline[0], PALE, 0.25)
        elif not canvas.panel.is_difference:
            canvas.lines(facet, [Line(drawn.x, drawn.mean) for drawn in rest], Pen(PALE, 0.4, 0.5))
    colour = BLACK if series.baseline else BLUE
    if series.draws_seeds:
        canvas.lines(facet, series.seeds, Pen(colour, 0.5, 0.5))
    if series.has_mean:
        _draw_mean(canvas, facet, series, colour, style.BAND_ALPHA)
    for run in series.diverged:
        if len(run.line):
            canvas.lines(facet, [run.line], Pen(GREY, 0.9, dashes=DOTTED))
        _draw_cross(canvas, facet, run)


def _draw_mean(canvas: Canvas, facet: Facet, series: Series, colour: str, alpha: float) -> None:
    """Draw band and mean; a single point becomes a bar and a dot."""
    low = canvas.points(facet, series.x, series.low)
    high = canvas.points(facet, series.x, series.high)
    mean = canvas.points(facet, series.x, series.mean)
    line = Line2D(*mean.T, color=colour, linewidth=1.4, zorder=2 if colour == PALE else 3)
    if len(mean) == 1:
        canvas.add(facet, Line2D(*np.concatenate([low, high]).T, color=colour, linewidth=1.2, zorder=1))
        line.set(marker="o", markersize=4)
    elif series.has_band:
        area = [np.concatenate([low, high[::-1]])]
        canvas.add(facet, PolyCollection(area, facecolors=colour, alpha=alpha, linewidths=0, zorder=1))
    canvas.add(facet, line)


def _draw_cross(canvas: Canvas, facet: Facet, run: DivergedRun) -> None:
    x, y = run.end(canvas.panel.x, canvas.panel.y)
    place = canvas.points(facet, np.array([x]), np.array([y]))
    canvas.axes.add_artist(Line2D(*place.T, color=GREY, marker="x", markersize=5, linestyle="none", zorder=5))
