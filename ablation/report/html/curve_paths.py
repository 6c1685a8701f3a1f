"""Learning curves as inline SVG: paths, places and ticks.

Places are percent of a drawing's width and height, so that it grows with the page while its text and strokes do not;
curves are paths in a box of WIDTH x HEIGHT, which the page stretches.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
    mean: Markup
    band: Markup
    seeds: Markup
    point: PointMark | None
    end: float
    label_place: float


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
    placed = beside_each_other(series, x_axis)
    curves = _curves(panel, [one for one in placed if one.has_mean])
    diverged = [run for run in panel.diverged if run.variant in drawn]
    threshold = None if panel.threshold is None else _from_top(panel.y, panel.threshold)
    return Chart(
        title=panel.title,
        curves=tuple(curves),
        diverged=tuple(_diverged(run, panel) for run in diverged[:MAX_DIVERGED]),
        x_ticks=tuple(TickMark(panel.x.percent_of(tick.value), tick.text) for tick in x_ticks(panel.x, x_axis.key)),
        y_ticks=tuple(TickMark(_from_top(panel.y, value), f"{value:g}") for value in panel.y.ticks()),
        label_room=_label_room(curves),
        threshold=threshold,
        readings=_readings(panel, x_axis, [one for one in series if one.has_mean]),
    )


def _from_top(scale: Scale, value: float) -> float:
    return round(100 - scale.percent_of(value), 2)


def _curves(panel: Panel, series: Sequence[Series]) -> list[CurvePath]:
    labels = shorten([one.name for one in series], LONGEST_LABEL)
    ends = []
    for one in series:
        ends.append(min(100.0, max(0.0, _from_top(panel.y, float(one.mean[-1])))))
    places = label_placement.spread_labels(ends, LABEL_GAP, 0, 100)
    draws_seeds = sum(len(one.seeds) for one in series) <= MAX_SEED_LINES
    curves = []
    for one, label, end, place in zip(series, labels, ends, places, strict=True):
        single = len(one.x) == 1
        curves.append(
            CurvePath(
                variant=one.variant,
                label=label,
                mean=Markup("") if single else _path(panel, Line(one.x, one.mean)),
                band=_band(panel, one),
                seeds=_seeds(panel, one) if draws_seeds else Markup(""),
                point=_point(panel, one) if single else None,
                end=round(end, 2),
                label_place=round(place, 2),
            )
        )
    return curves


def _point(panel: Panel, series: Series) -> PointMark:
    x, y, low, high = (float(values[0]) for values in (series.x, series.mean, series.low, series.high))
    return PointMark(panel.x.percent_of(x), _from_top(panel.y, y), _from_top(panel.y, low), _from_top(panel.y, high))


def _band(panel: Panel, series: Series) -> Markup:
    """From left to right along the upper end and back along the lower one."""
    if not series.has_band or len(series.x) == 1:
        return Markup("")
    upper = _path(panel, Line(series.x, series.high))
    lower = _path(panel, Line(series.x[::-1], series.low[::-1]), begin="L")
    return Markup(f"{upper}{lower}Z")


def _seeds(panel: Panel, series: Series) -> Markup:
    if not series.draws_seeds:
        return Markup("")
    return Markup("".join(_path(panel, line) for line in series.seeds))


def _diverged(run: DivergedRun, panel: Panel) -> DivergedPath:
    x, y = run.end(panel.x, panel.y)
    path = _path(panel, run.line) if len(run.line) else Markup("")
    return DivergedPath(run.variant, run.label, path, panel.x.percent_of(x), _from_top(panel.y, y))


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
    longest = max(len(curve.label) for curve in curves)
    return round(THREAD + CHARACTER * longest)


def _readings(panel: Panel, x_axis: XAxis, series: Sequence[Series]) -> dict[str, object]:
    """The x values that can be read, their places in percent and how they are written; each variant's numbers there.

    low, high, log: the y axis. variants: mean and both ends of the band, null where there is no number.
    """
    grid = _reading_grid(series)
    return {
        "x": [round(x, 2) for x in panel.x.percent(grid).tolist()],
        "heads": [_head(x_axis, x) for x in grid.tolist()],
        "low": panel.y.low,
        "high": panel.y.high,
        "log": panel.y.log,
        "variants": {str(one.variant): _numbers(one, grid, exact=x_axis.key == "epoch") for one in series},
    }


def _reading_grid(series: Sequence[Series]) -> np.ndarray:
    """All x values, or of many some, and always where a curve ends."""
    if not series:
        return np.empty(0)
    every = np.unique(np.concatenate([one.x for one in series]))
    ends = np.array([one.x[-1] for one in series])
    return np.unique(np.concatenate([every[_thinned(len(every))], ends]))


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
