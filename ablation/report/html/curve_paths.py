"""Learning curves as inline SVG: paths, places and ticks.

Places are percent of a drawing's width and height, so that it grows with the page while its text and strokes do not;
curves are paths in a box of WIDTH x HEIGHT, which the page stretches.
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
MAX_POINTS = 200  # of one line
MAX_SEED_LINES, MAX_DIVERGED = 120, 120  # lines of single runs in a panel
LONGEST_LABEL = 22  # characters that labels at line ends have room for
LABEL_GAP = 5.4  # percent of the height between two labels
NO_PATH = Markup("")
CROSS = 2.0  # percent of the height: half of a cross, which the panel's edge would cut
CHARACTER, THREAD = 6.6, 22  # pixels: of a character, and of the thread from a line's end to its label


@dataclass(frozen=True)
class TickMark:
    """A tick at so many percent of its axis, from the left or from the top."""

    at: float
    text: str


@dataclass(frozen=True)
class PointMark:
    """A single epoch: percent of width and height, with the ends of its band; low and high are equal without one."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class CurvePath:
    """One variant's curve. mean, band, seeds: SVG paths, empty where there is nothing to draw.

    end: percent of the height where the mean ends. label_place: the same of its label.
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
    """A diverged run: its path, and the place of its cross in percent of width and height."""

    variant: int
    label: str
    path: Markup
    x: float
    y: float


@dataclass(frozen=True)
class Chart:
    """One panel. label_room: pixels for labels at line ends, 0 where there are none.

    threshold: percent of the height where it lies, None without one. readings: what hovering shows, as JSON has it.
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
    """The panels of a plot. drawn: the variants whose curves are wanted."""
    return [_chart(panel, plot.x_axis, drawn) for panel in plot.panels]


def _chart(panel: Panel, x_axis: XAxis, drawn: Collection[int]) -> Chart:
    series = [one for one in panel.series if one.variant in drawn]
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
    """Those of the series that have a mean."""
    with_mean = [one for one in series if one.has_mean]
    labels = shorten([one.name for one in with_mean], LONGEST_LABEL)
    ends = [_end(panel, one) for one in with_mean]
    places = label_placement.spread_labels(ends, LABEL_GAP, 0, 100)
    draws_seeds = panel.seed_count <= MAX_SEED_LINES
    curves = []
    for one, label, end, place in zip(with_mean, labels, ends, places, strict=True):
        path = CurvePath(one.variant, label, end=round(end, 2), label_place=round(place, 2))
        if len(one.x) == 1:
            path = replace(path, point=_point(panel, one))
        else:
            path = replace(path, mean=_path(panel, Line(one.x, one.mean)), band=_band(panel, one))
        if draws_seeds:
            path = replace(path, seeds=_seeds(panel, one))
        curves.append(path)
    return curves


def _end(panel: Panel, series: Series) -> float:
    """Percent of the height where the mean ends, within the panel."""
    return min(100.0, max(0.0, _from_top(panel.y, float(series.mean[-1]))))


def _point(panel: Panel, series: Series) -> PointMark:
    return PointMark(
        x=panel.x.percent_of(float(series.x[0])),
        y=_from_top(panel.y, float(series.mean[0])),
        low=_from_top(panel.y, float(series.low[0])),
        high=_from_top(panel.y, float(series.high[0])),
    )


def _band(panel: Panel, series: Series) -> Markup:
    """From left to right along the upper end and back along the lower one."""
    if not series.has_band:
        return NO_PATH
    upper = _path(panel, Line(series.x, series.high))
    lower = _path(panel, Line(series.x[::-1], series.low[::-1]), begin="L")
    return Markup(f"{upper}{lower}Z")


def _seeds(panel: Panel, series: Series) -> Markup:
    """The seeds as one path."""
    if not series.draws_seeds:
        return NO_PATH
    paths = [_path(panel, line) for line in series.seeds]
    return Markup("".join(paths))


def _diverged_paths(panel: Panel, drawn: Collection[int]) -> list[DivergedPath]:
    """Those of the variants that are drawn; of very many the first ones."""
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
    """A line as an SVG path, through at most MAX_POINTS of its points. begin: L continues the path before it.

    What lies far outside the panel is drawn a height outside it.
    """
    places = _thinned(len(line))
    x = panel.x.percent(line.x[places])
    y = np.clip(panel.y.percent(line.y[places]), -100, 200)
    right = np.rint(x * WIDTH / 100).astype(int)
    down = np.rint((100 - y) * HEIGHT / 100).astype(int)
    points = [f"{a} {b}" for a, b in zip(right.tolist(), down.tolist(), strict=True)]
    if len(points) == 1 and begin == "M":
        return Markup(f"M{points[0]}h0")  # a line without length, of which a round cap makes a dot
    return Markup(begin + "L".join(points))


def _thinned(length: int) -> np.ndarray:
    """Places of the points that are drawn, the first and the last among them."""
    return np.unique(np.linspace(0, length - 1, min(MAX_POINTS, length)).round().astype(int))


def _label_room(curves: Sequence[CurvePath]) -> int:
    if not 1 < len(curves) <= MAX_LABELLED:
        return 0
    longest = max(curves, key=lambda curve: len(curve.label))
    return round(THREAD + CHARACTER * len(longest.label))


def _readings(panel: Panel, x_axis: XAxis, series: Sequence[Series]) -> dict[str, object]:
    """The x values that can be read, their places in percent and how they are written; each variant's numbers there.

    low, high, log: the y axis. variants: mean and both ends of the band, null where there is no number.
    """
    with_mean = [one for one in series if one.has_mean]
    grid = _reading_grid(with_mean)
    variants = {}
    for one in with_mean:
        variants[str(one.variant)] = _numbers(one, grid, exact=x_axis.key == "epoch")
    return {
        "x": np.round(panel.x.percent(grid), 2).tolist(),
        "heads": [_head(x_axis, x) for x in grid.tolist()],
        "low": panel.y.low,
        "high": panel.y.high,
        "log": panel.y.log,
        "variants": variants,
    }


def _reading_grid(series: Sequence[Series]) -> np.ndarray:
    """All x values, or of many some, and always where a curve ends."""
    if not series:
        return np.empty(0)
    places, ends = [], []
    for one in series:
        places.append(one.x)
        ends.append(one.x[-1:])
    every = np.unique(np.concatenate(places))
    return np.unique(np.concatenate([every[_thinned(len(every))], *ends]))


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
    """exact: only where the curve has a point; else also between two of them, on the straight line."""
    numbers = []
    for values in (series.mean, series.low, series.high):
        at_grid = np.interp(grid, series.x, values, left=np.nan, right=np.nan)
        if exact:
            at_grid[~np.isin(grid, series.x)] = np.nan
        numbers.append([_short(value) for value in at_grid.tolist()])
    return numbers


def _short(value: float) -> float | None:
    """Four digits; None, which JSON has, for what is no number."""
    return float(f"{value:.4g}") if isfinite(value) else None
