"""Learning curves as inline SVG: paths, positions and ticks.

Positions are percentages of a drawing's width and height, so that it grows with the page while its text and strokes do
not. Curves are paths in a box of WIDTH x HEIGHT, which the page stretches.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from markupsafe import Markup

from ablation.report.html.variant_selection import MAX_LABELLED
from ablation.report.plots import label_placement
from ablation.report.plots.axis import Scale, x_ticks
from ablation.report.plots.label_placement import beside_each_other
from ablation.report.plots.plot_data import CurvePlot, DivergedRun, Line, Panel, Series, XAxis
from ablation.report.wording.number_format import count
from ablation.text import shorten

WIDTH, HEIGHT = 2000, 1000
MAX_POINTS = 200  # of a line; longer ones are thinned
MAX_SEED_LINES, MAX_DIVERGED = 120, 120  # lines of single runs in a panel
LONGEST_LABEL = 22  # characters of a label at a line end
LABEL_GAP = 5.4  # percent of the height, between labels
NO_PATH = Markup("")
CROSS = 2.0  # percent of the height: least distance of a cross from the edge, which would cut it
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
    """One panel. label_room: pixels for labels at line ends, 0 without labels.

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


def charts(plot: CurvePlot, drawn: Collection[int]) -> list[Chart]:
    """Build a chart for each panel of a plot. drawn: indices of the variants to draw."""
    return [_chart(panel, plot.x_axis, drawn) for panel in plot.panels]


def _chart(panel: Panel, x_axis: XAxis, drawn: Collection[int]) -> Chart:
    series = [curve for curve in panel.series if curve.variant in drawn]
    curves = _curves(panel, beside_each_other(series, x_axis))
    threshold = None if panel.threshold is None else _from_top(panel.y, panel.threshold)
    return Chart(
        title=panel.title,
        curves=tuple(curves),
        diverged=tuple(_diverged_paths(panel, drawn)),
        x_ticks=tuple(_x_ticks(panel, x_axis)),
        y_ticks=tuple(_y_ticks(panel)),
        label_room=_label_room(curves),
        threshold=threshold,
        readings=_readings(panel, x_axis, series),
    )


def _x_ticks(panel: Panel, x_axis: XAxis) -> list[TickMark]:
    marks = []
    for tick in x_ticks(panel.x, x_axis.key):
        marks.append(TickMark(panel.x.percent_of(tick.value), tick.text))
    return marks


def _y_ticks(panel: Panel) -> list[TickMark]:
    marks = []
    for value in panel.y.ticks():
        marks.append(TickMark(_from_top(panel.y, value), f"{value:g}"))
    return marks


def _from_top(scale: Scale, value: float) -> float:
    return round(100 - scale.percent_of(value), 2)


def _curves(panel: Panel, series: Sequence[Series]) -> list[CurvePath]:
    """Build the curves of all series with a mean."""
    with_mean = _with_mean(series)
    labels = shorten([curve.name for curve in with_mean], LONGEST_LABEL)
    ends = [_end(panel, curve) for curve in with_mean]
    places = label_placement.spread_labels(ends, LABEL_GAP, 0, 100)
    draws_seeds = panel.seed_count <= MAX_SEED_LINES
    paths = []
    for curve, label, end, place in zip(with_mean, labels, ends, places, strict=True):
        path = CurvePath(curve.variant, label, end=round(end, 2), label_place=round(place, 2))
        if len(curve.x) == 1:
            path = replace(path, point=_point(panel, curve))
        else:
            path = replace(path, mean=_path(panel, Line(curve.x, curve.mean)), band=_band(panel, curve))
        if draws_seeds:
            path = replace(path, seeds=_seeds(panel, curve))
        paths.append(path)
    return paths


def _with_mean(series: Sequence[Series]) -> list[Series]:
    return [curve for curve in series if curve.has_mean]


def _end(panel: Panel, series: Series) -> float:
    """Height of the mean's end in percent from the top, limited to the panel."""
    return min(100.0, max(0.0, _from_top(panel.y, float(series.mean[-1]))))


def _point(panel: Panel, series: Series) -> PointMark:
    return PointMark(
        x=panel.x.percent_of(float(series.x[0])),
        y=_from_top(panel.y, float(series.mean[0])),
        low=_from_top(panel.y, float(series.low[0])),
        high=_from_top(panel.y, float(series.high[0])),
    )


def _band(panel: Panel, series: Series) -> Markup:
    """Draw the outline: left to right along the upper end, then back along the lower one."""
    if not series.has_band:
        return NO_PATH
    upper = _path(panel, Line(series.x, series.high))
    lower = _path(panel, Line(series.x[::-1], series.low[::-1]), begin="L")
    return Markup(f"{upper}{lower}Z")


def _seeds(panel: Panel, series: Series) -> Markup:
    """Draw all seeds as one path."""
    if not series.draws_seeds:
        return NO_PATH
    paths = [_path(panel, line) for line in series.seeds]
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
    path = _path(panel, run.line) if len(run.line) else NO_PATH
    height = min(100 - CROSS, max(CROSS, _from_top(panel.y, y)))
    return DivergedPath(run.variant, run.label, path, panel.x.percent_of(x), height)


def _path(panel: Panel, line: Line, begin: str = "M") -> Markup:
    """Convert a line to an SVG path through at most MAX_POINTS points. begin: `L` continues the previous path.

    Points far outside the panel are clipped to one panel height outside it.
    """
    indices = _thinned(len(line))
    x = panel.x.percent(line.x[indices])
    y = np.clip(panel.y.percent(line.y[indices]), -100, 200)
    right = np.rint(x * WIDTH / 100).astype(int)
    down = np.rint((100 - y) * HEIGHT / 100).astype(int)
    points = [f"{a} {b}" for a, b in zip(right.tolist(), down.tolist(), strict=True)]
    if len(points) == 1 and begin == "M":
        return Markup(f"M{points[0]}h0")  # a line without length, which its round cap turns into a dot
    return Markup(begin + "L".join(points))


def _thinned(length: int) -> np.ndarray:
    """Indices of at most MAX_POINTS points, including the first and the last."""
    return np.unique(np.linspace(0, length - 1, min(MAX_POINTS, length)).round().astype(int))


def _label_room(curves: Sequence[CurvePath]) -> int:
    if not 1 < len(curves) <= MAX_LABELLED:
        return 0
    longest = max(curves, key=lambda curve: len(curve.label))
    return round(THREAD + CHARACTER * len(longest.label))


def _readings(panel: Panel, x_axis: XAxis, series: Sequence[Series]) -> dict[str, object]:
    """Collect the values shown on hover, for JSON.

    x: positions in percent of the width. heads: the same x values as text. low, high, log: the y axis. variants: lists
    of means and of both ends of the band at each x, null where there is no value.
    """
    with_mean = _with_mean(series)
    grid = _reading_grid(with_mean)
    variants = {}
    for curve in with_mean:
        variants[str(curve.variant)] = _numbers(curve, grid, exact=x_axis.key == "epoch")
    return {
        "x": np.round(panel.x.percent(grid), 2).tolist(),
        "heads": [_head(x_axis, x) for x in grid.tolist()],
        "low": panel.y.low,
        "high": panel.y.high,
        "log": panel.y.log,
        "variants": variants,
    }


def _reading_grid(series: Sequence[Series]) -> np.ndarray:
    """Return all x values, thinned to MAX_POINTS; the end of each curve is always included."""
    if not series:
        return np.empty(0)
    values, ends = [], []
    for curve in series:
        values.append(curve.x)
        ends.append(curve.x[-1:])
    distinct = np.unique(np.concatenate(values))
    return np.unique(np.concatenate([distinct[_thinned(len(distinct))], *ends]))


def _head(x_axis: XAxis, x: float) -> str:
    if x_axis.key == "epoch":
        return f"Epoch {round(x)}"
    name = x_axis.label.partition(" (")[0]
    return f"{name}: {_amount(x)}"


def _amount(x: float) -> str:
    if x.is_integer() and x < 1e6:
        return f"{x:,.0f}"
    return f"{x:.3g}" if x < 1000 else count(x)


def _numbers(series: Series, grid: np.ndarray, exact: bool) -> list[list[float | None]]:
    """Read mean, low and high on the grid. exact: only at points of the curve; else interpolated between them."""
    numbers = []
    for values in (series.mean, series.low, series.high):
        at_grid = np.interp(grid, series.x, values, left=np.nan, right=np.nan)
        if exact:
            at_grid[~np.isin(grid, series.x)] = np.nan
        numbers.append([_short(value) for value in at_grid.tolist()])
    return numbers


def _short(value: float) -> float | None:
    """Round to four significant digits; None, which becomes null in JSON, for nan and infinity."""
    return float(f"{value:.4g}") if isfinite(value) else None
