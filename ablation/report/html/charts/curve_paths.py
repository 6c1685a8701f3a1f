"""Learning curves as inline SVG: paths, positions and ticks.

Positions are percentages of a drawing's width and height, so that it grows with the page while its text and strokes do
not. Curves are paths in a box of WIDTH x HEIGHT, which the page stretches.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup

from ablation.report.html.charts.readings import readings, thinned
from ablation.report.plots import label_placement
from ablation.report.plots.axis import Scale, x_ticks
from ablation.report.plots.label_placement import beside_each_other
from ablation.report.plots.plot_data import MAX_TOGETHER, CurvePlot, DivergedRun, Line, Panel, Series, XAxis
from ablation.report.wording.number_format import typeset
from ablation.text import shorten

WIDTH, HEIGHT = 2000, 1000
MAX_SEED_LINES, MAX_DIVERGED = 120, 120  # lines of single runs in a panel
MAX_FACET_LINES = 400  # lines of single runs in all small panels of a metric
LONGEST_LABEL = 22  # characters of a label at a line end
LABEL_GAP = 5.4  # percent of the height, between labels
NO_PATH = Markup("")
CROSS = 2.0  # percent of the height: least distance of a cross from the edge, which would cut it
MAX_TICKS, FEW_TICKS = 6, 3  # of an axis, of an axis of a small panel
CHARACTER, THREAD = 6.6, 22  # pixels: width of a character, and of the thread from a line's end to its label


@dataclass(frozen=True)
class TickMark:
    """A tick. at: percent of its axis, from the left or from the top."""

    at: float
    text: str


@dataclass(frozen=True)
class PointMark:
    """A curve of a single epoch, in percent of width and height. low, high: ends of its band, equal without one."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class CurvePath:
    """One variant's curve. mean, band, seeds: SVG paths, empty where there is nothing to draw.

    end, label_place: heights of the mean's end and of its label, in percent from the top.
    """

    variant: int
    label: str
    end: float
    label_place: float
    mean: Markup = NO_PATH
    band: Markup = NO_PATH
    seeds: Markup = NO_PATH
    point: PointMark | None = None


@dataclass(frozen=True)
class DivergedPath:
    """A diverged run: its path, and the position of its cross in percent of width and height."""

    variant: int
    label: str
    path: Markup
    x: float
    y: float


@dataclass(frozen=True)
class Chart:
    """One panel. title: with the unit of its y axis. label_room: pixels for labels at line ends, 0 without labels.

    threshold: its height in percent from the top, None without one. readings: the values shown on hover, for JSON.
    """

    title: str
    curves: tuple[CurvePath, ...]
    diverged: tuple[DivergedPath, ...]
    x_ticks: tuple[TickMark, ...]
    y_ticks: tuple[TickMark, ...]
    label_room: int
    threshold: float | None
    readings: dict[str, object]


def charts(plot: CurvePlot, drawn: Collection[int], together: bool = True) -> list[Chart]:
    """Build a chart for each panel of a plot.

    drawn: indices of the variants to draw. together: in one panel, rather than in a small panel each.
    """
    return [_chart(panel, plot.x_axis, drawn, together) for panel in plot.panels]


def _chart(panel: Panel, x_axis: XAxis, drawn: Collection[int], together: bool) -> Chart:
    series = [curve for curve in panel.series if curve.variant in drawn]
    max_lines, max_ticks = MAX_FACET_LINES, FEW_TICKS
    placed = series
    if together:
        max_lines, max_ticks = MAX_SEED_LINES, MAX_TICKS
        placed = beside_each_other(series, x_axis)
    curves = _curves(panel, placed, draws_seeds=panel.seed_count <= max_lines)
    threshold = None if panel.threshold is None else from_top(panel.y, panel.threshold)
    return Chart(
        title=panel.y_label,
        curves=tuple(curves),
        diverged=tuple(_diverged_paths(panel, drawn)),
        x_ticks=tuple(_x_ticks(panel, x_axis, max_ticks)),
        y_ticks=tuple(y_marks(panel.y, max_ticks)),
        label_room=label_room([curve.label for curve in curves]) if together else 0,
        threshold=threshold,
        readings=readings(panel, x_axis, series),
    )


def _x_ticks(panel: Panel, x_axis: XAxis, max_ticks: int) -> list[TickMark]:
    marks = []
    for tick in x_ticks(panel.x, x_axis.key, max_ticks):
        marks.append(TickMark(panel.x.percent_of(tick.value), tick.text))
    return marks


def y_marks(y: Scale, max_ticks: int) -> list[TickMark]:
    """Place the ticks of a y axis."""
    marks = []
    for value in y.ticks(max_ticks):
        marks.append(TickMark(from_top(y, value), typeset(f"{value:g}")))
    return marks


def from_top(scale: Scale, value: float) -> float:
    """Convert a value to percent of the height, from the top."""
    return round(100 - scale.percent_of(value), 2)


def _curves(panel: Panel, series: Sequence[Series], draws_seeds: bool) -> list[CurvePath]:
    """Build the curves of all series with a mean."""
    with_mean = _with_mean(series)
    labels = shorten([curve.name for curve in with_mean], LONGEST_LABEL)
    ends = [_end(panel, curve) for curve in with_mean]
    places = label_placement.spread_labels(ends, LABEL_GAP, 0, 100)
    paths = []
    for curve, label, end, place in zip(with_mean, labels, ends, places, strict=True):
        path = CurvePath(curve.variant, label, end=round(end, 2), label_place=round(place, 2))
        if len(curve.x) == 1:
            path = replace(path, point=_point(panel, curve))
        else:
            path = replace(path, mean=svg_path(panel.x, panel.y, Line(curve.x, curve.mean)), band=_band(panel, curve))
        if draws_seeds:
            path = replace(path, seeds=_seeds(panel, curve))
        paths.append(path)
    return paths


def _with_mean(series: Sequence[Series]) -> list[Series]:
    return [curve for curve in series if curve.has_mean]


def _end(panel: Panel, series: Series) -> float:
    """Height of the mean's end in percent from the top, limited to the panel."""
    return min(100.0, max(0.0, from_top(panel.y, float(series.mean[-1]))))


def _point(panel: Panel, series: Series) -> PointMark:
    return PointMark(
        x=panel.x.percent_of(float(series.x[0])),
        y=from_top(panel.y, float(series.mean[0])),
        low=from_top(panel.y, float(series.low[0])),
        high=from_top(panel.y, float(series.high[0])),
    )


def _band(panel: Panel, series: Series) -> Markup:
    """Draw the outline: left to right along the upper end, then back along the lower one."""
    if not series.has_band:
        return NO_PATH
    upper = svg_path(panel.x, panel.y, Line(series.x, series.high))
    low = np.maximum(series.low, panel.y.low) if panel.y.log else series.low
    lower = svg_path(panel.x, panel.y, Line(series.x[::-1], low[::-1]), begin="L")
    return Markup(f"{upper}{lower}Z")


def _seeds(panel: Panel, series: Series) -> Markup:
    """Draw all seeds as one path."""
    if not series.draws_seeds:
        return NO_PATH
    paths = [svg_path(panel.x, panel.y, line) for line in series.seeds]
    return Markup("".join(paths))


def _diverged_paths(panel: Panel, drawn: Collection[int]) -> list[DivergedPath]:
    """Build the diverged runs of the drawn variants, at most MAX_DIVERGED."""
    paths = []
    for run in panel.diverged:
        if run.variant in drawn and len(paths) < MAX_DIVERGED:
            paths.append(_diverged_path(run, panel))
    return paths


def _diverged_path(run: DivergedRun, panel: Panel) -> DivergedPath:
    x, y = run.end(panel.x, panel.y)
    path = svg_path(panel.x, panel.y, run.line) if len(run.line) else NO_PATH
    height = min(100 - CROSS, max(CROSS, from_top(panel.y, y)))
    return DivergedPath(run.variant, run.label, path, panel.x.percent_of(x), height)


def svg_path(x_scale: Scale, y_scale: Scale, line: Line, begin: str = "M") -> Markup:
    """Convert a line to an SVG path through at most MAX_POINTS points. begin: `L` continues the previous path.

    Points far outside the panel are clipped to one panel height outside it.
    """
    indices = thinned(len(line))
    x = x_scale.percent(line.x[indices])
    y = np.clip(y_scale.percent(line.y[indices]), -100, 200)
    right = np.rint(x * WIDTH / 100).astype(int)
    down = np.rint((100 - y) * HEIGHT / 100).astype(int)
    points = [f"{a} {b}" for a, b in zip(right.tolist(), down.tolist(), strict=True)]
    if len(points) == 1 and begin == "M":
        return Markup(f"M{points[0]}h0")  # a line without length, which its round cap turns into a dot
    return Markup(begin + "L".join(points))


def label_room(labels: Sequence[str]) -> int:
    """Pixels for labels at line ends; 0 for a single line and for too many."""
    if not 1 < len(labels) <= MAX_TOGETHER:
        return 0
    return round(THREAD + CHARACTER * max(map(len, labels)))
