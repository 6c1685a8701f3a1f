"""A panel an arm, all with the same scales: the baseline in grey in each, or else the means of all others.

All panels of a metric are drawn in one pair of axes, in inches: axes for each would take ten times as long.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox, TransformedBbox

from ablation.report.figures import style
from ablation.report.figures.axis import Scale
from ablation.report.figures.plot_data import Bounds, DivergedTrace, Plot, Trace
from ablation.report.figures.style import BLACK, BLUE, DASHED, EDGE, GREY, LINE, PALE, SMALL, TEXT, THIN
from ablation.report.wording.number_format import MINUS

COLUMNS, MANY, MORE = 5, 20, 6  # panels side by side; of more arms than MANY some more
HIGH, ABOVE, BELOW = 1.3, 0.4, 0.4  # inches: a panel with its name, above and below all panels
TICK, NAMED = 0.05, 0.06  # inches: a tick, and from it to its label
UP, ACROSS = 4, 3  # ticks at most
FAR = 1000  # heights of a panel: what lies further off is drawn there, for an SVG has no place for it


@dataclass(frozen=True)
class Panel:
    """Where one arm is drawn, in inches from the upper left of the axes. first, lowest: of its row, of its column?"""

    left: float
    top: float
    width: float
    height: float
    first: bool
    lowest: bool


@dataclass(frozen=True)
class Canvas:
    """The axes of one metric, what each panel shows of it, and the ticks as (value, text)."""

    axes: Axes
    plot: Plot
    bounds: Bounds
    x: Scale
    y: Scale
    across: Sequence[tuple[float, str]]
    up: Sequence[tuple[float, str]]

    def points(self, panel: Panel, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Where they lie, float64 (points, 2), also beyond the panel."""
        (low, high), far = self.bounds.y, FAR * (self.bounds.y[1] - self.bounds.y[0])
        right, up = self.x.percent(x) / 100, self.y.percent(np.clip(y, low - far, high + far)) / 100
        return np.column_stack([panel.left + panel.width * right, panel.top + panel.height * (1 - up)])

    def clip(self, panel: Panel, artist: Artist) -> None:
        """Add it; it ends where the panel does."""
        self.axes.add_artist(artist)
        box = Bbox.from_bounds(panel.left, panel.top, panel.width, panel.height)
        artist.set_clip_box(TransformedBbox(box, self.axes.transData))


def facets(plots: Sequence[Plot], axis: tuple[str, str], caption: str) -> Figure:
    """plots: of the same arms in the same order. axis: its key and its label."""
    names, wide = [trace.name for trace in plots[0].traces], style.WIDTH
    columns = COLUMNS if len(names) <= MANY else MORE
    width = (wide - EDGE - 0.15) / columns
    panels = [_panel(i, columns, width, len(names)) for i in range(len(names))]
    lines = style.wrap_text(f"{caption} {_grey(plots[0])}", wide - 0.25)
    block = ABOVE + math.ceil(len(names) / columns) * HIGH + BELOW
    figure = style.sheet(wide, block * len(plots) + 0.15 + LINE * len(lines))
    names = style.fitted(names, width - 0.2, SMALL)
    label = axis[1] if style.text_width([axis[1]], 8) < width else ""
    for i, plot in enumerate(plots):
        style.heading(figure, plot.title, i * block + 0.12)
        canvas = _canvas(figure, plot, axis[0], i * block, block)
        _frames(canvas, panels)
        for panel, trace, name in zip(panels, plot.traces, names, strict=True):
            _curves(canvas, panel, trace)
            _words(canvas, panel, name, label)
    style.caption(figure, lines)
    return figure


def _panel(i: int, columns: int, width: float, count: int) -> Panel:
    row, column = divmod(i, columns)
    place = (EDGE + column * width, ABOVE + row * HIGH + 0.2)
    return Panel(*place, width - 0.14, HIGH - 0.3, column == 0, i + columns >= count)


def _canvas(figure: Figure, plot: Plot, key: str, top: float, height: float) -> Canvas:
    wide, high = figure.get_size_inches()
    axes = figure.add_axes((0, 1 - (top + height) / high, 1, height / high))
    axes.set(xlim=(0, wide), ylim=(height, 0))
    axes.set_axis_off()
    bounds = plot.bounds(key) or Bounds((0.0, 1.0), (0.0, 1.0))
    locator, told = style.scale(key, ACROSS)
    x, y = Scale(*bounds.x), Scale(*bounds.y, bounds.log)
    across, up = x.within(locator), y.ticks(UP)
    named = list(zip(up, _texts(up, bounds.log), strict=True))
    return Canvas(axes, plot, bounds, x, y, [(v, told(v)) for v in across], named)


def _texts(values: Sequence[float], log: bool) -> list[str]:
    """Of ticks: with as many decimals as tell them apart; powers of ten where these would be many, or none."""
    largest = max(map(abs, values), default=0.0)
    places = max((len(f"{v:g}".partition(".")[2]) for v in values), default=0)
    plain = not log and (1e-3 <= largest < 1e5 or not largest)
    return [(f"{v:.{places}f}" if plain else f"{v:g}").replace("-", MINUS) for v in values]


def _grey(plot: Plot) -> str:
    """What is grey in each panel, and thin."""
    seeds = any(trace.thin for trace in plot.traces)
    grey = "the baseline" if any(t.baseline for t in plot.traces) else "" if plot.zero else "the means of the others"
    return f"{THIN if seeds else ''} {f'Grey: {grey}.' if grey else ''}"


def _frames(canvas: Canvas, panels: Sequence[Panel]) -> None:
    """The axes of all panels, their ticks, and a line across at each tick of y, at zero, and at the threshold."""
    edges = []
    for panel in panels:
        bottom = panel.top + panel.height
        edges.append([(panel.left, panel.top), (panel.left, bottom), (panel.left + panel.width, bottom)])
        edges += [[(panel.left - TICK, y), (panel.left, y)] for y in _heights(canvas, panel, _values(canvas.up))]
        edges += [[(x, bottom), (x, bottom + TICK)] for x in _places(canvas, panel)]
    _lines(canvas, edges, GREY, 0.8, 2.5)
    _lines(canvas, _across(canvas, panels, _values(canvas.up)), "#e6e6e6", 0.6, 0.5)
    if canvas.plot.zero:
        _lines(canvas, _across(canvas, panels, [0.0]), GREY, 0.9, 2.5)
    if canvas.plot.level is not None:
        _lines(canvas, _across(canvas, panels, [canvas.plot.level]), GREY, 0.8, 2.4, DASHED)


def _values(ticks: Sequence[tuple[float, str]]) -> list[float]:
    return [value for value, _ in ticks]


def _across(canvas: Canvas, panels: Sequence[Panel], values: Sequence[float]) -> list:
    """A line at each value of y in each panel."""
    return [
        [(panel.left, y), (panel.left + panel.width, y)] for panel in panels for y in _heights(canvas, panel, values)
    ]


def _lines(canvas: Canvas, lines: list, color: str, width: float, order: float, style: str | tuple = "-") -> None:
    drawn = LineCollection(lines, colors=color, linewidths=width, linestyles=[style], zorder=order)
    canvas.axes.add_collection(drawn, autolim=False)


def _heights(canvas: Canvas, panel: Panel, values: Sequence[float]) -> list[float]:
    return canvas.points(panel, np.full(len(values), canvas.bounds.x[0]), np.array(values))[:, 1].tolist()


def _places(canvas: Canvas, panel: Panel) -> list[float]:
    values = np.array(_values(canvas.across))
    return canvas.points(panel, values, np.full(len(values), canvas.bounds.y[0]))[:, 0].tolist()


def _words(canvas: Canvas, panel: Panel, name: str, label: str) -> None:
    """The name above; numbers only left of the first panel and below the lowest one."""
    bottom = panel.top + panel.height
    _write(canvas, panel.left, panel.top - 0.05, name, TEXT, "left", "bottom")
    if panel.first:
        for y, (_, text) in zip(_heights(canvas, panel, _values(canvas.up)), canvas.up, strict=True):
            _write(canvas, panel.left - TICK - NAMED, y, text, TEXT, "right", "center_baseline")
    if panel.lowest:
        for x, (_, text) in zip(_places(canvas, panel), canvas.across, strict=True):
            _write(canvas, x, bottom + TICK + NAMED - 0.01, text, TEXT, "center", "top")
        _write(canvas, panel.left + panel.width / 2, bottom + 0.22, label, TEXT, "center", "top", 8)


def _write(
    canvas: Canvas, x: float, y: float, text: str, color: str, across: str, up: str, size: float = SMALL
) -> None:
    canvas.axes.text(x, y, text, fontsize=size, color=color, ha=across, va=up, parse_math=False)


def _curves(canvas: Canvas, panel: Panel, trace: Trace) -> None:
    others = [other for other in canvas.plot.drawn if other is not trace]
    baseline = [other for other in others if other.baseline]
    if baseline and not trace.baseline:
        _arm(canvas, panel, baseline[0], PALE, 0.25, 2)
    elif not trace.baseline and not canvas.plot.zero:
        _thin(canvas, panel, [(other.x, other.mean) for other in others], PALE, 0.4)
    color = BLACK if trace.baseline else BLUE
    if trace.thin:
        _thin(canvas, panel, trace.seeds, color, 0.5)
    if len(trace.x):
        _arm(canvas, panel, trace, color, 0.16, 3)
    for lost in trace.lost:
        if len(lost.x):
            _thin(canvas, panel, [(lost.x, lost.y)], GREY, 0.9, 1.0, (0, (1, 1)))
        _cross(canvas, panel, lost)


def _arm(canvas: Canvas, panel: Panel, trace: Trace, color: str, alpha: float, order: float) -> None:
    """Band and mean; of a lone point a bar and a dot."""
    low, high, mean = (canvas.points(panel, trace.x, y) for y in (trace.low, trace.high, trace.mean))
    lone = len(mean) == 1
    if lone:
        canvas.clip(panel, Line2D(*np.concatenate([low, high]).T, color=color, linewidth=1.2, zorder=1))
    elif (trace.high > trace.low).any():
        area = [np.concatenate([low, high[::-1]])]
        canvas.clip(panel, PolyCollection(area, facecolors=color, alpha=alpha, linewidths=0, zorder=1))
    dot = {"marker": "o", "markersize": 4} if lone else {}
    canvas.clip(panel, Line2D(*mean.T, color=color, linewidth=1.4, zorder=order, **dot))


def _thin(
    canvas: Canvas,
    panel: Panel,
    lines: Sequence[tuple[np.ndarray, np.ndarray]],
    color: str,
    width: float,
    alpha: float = 0.5,
    style: str | tuple = "-",
) -> None:
    paths = [canvas.points(panel, *line) for line in lines]
    canvas.clip(panel, LineCollection(paths, colors=color, linewidths=width, alpha=alpha, linestyles=[style], zorder=2))


def _cross(canvas: Canvas, panel: Panel, lost: DivergedTrace) -> None:
    """Where a run diverged: at the upper edge where it left the panel, or never had an epoch."""
    (first, _), (low, high) = canvas.bounds.x, canvas.bounds.y
    x, y = (lost.x[-1], lost.y[-1]) if len(lost.x) else (max(1.0, first), high)
    place = canvas.points(panel, np.array([x]), np.clip([y], low, high))
    canvas.axes.add_artist(Line2D(*place.T, color=GREY, marker="x", markersize=5, linestyle="none", zorder=5))
