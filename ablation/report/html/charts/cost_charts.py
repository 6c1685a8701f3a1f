"""The metric against the costs of variants as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from ablation.report.html.charts.curve_paths import (
    CHARACTER,
    LABEL_GAP,
    NO_PATH,
    THREAD,
    TickMark,
    from_top,
    svg_path,
    y_marks,
)
from ablation.report.plots.axis import Scale, cost_ticks
from ablation.report.plots.label_placement import Beside, beside_points
from ablation.report.plots.palette import verdict_names, verdict_style
from ablation.report.plots.plot_data import CostPanel, CostPoint, Line, TradeoffPlot
from ablation.report.wording.number_format import is_known
from ablation.text import shorten

LONGEST_LABEL = 18  # characters
MAX_NAMED = 14  # points with a name
LEAST_WIDTH = 240  # pixels: of a chart on a phone, for which labels are placed
MAX_TICKS = 4


@dataclass(frozen=True)
class PointMark:
    """One variant, in percent of width and height.

    style, shape: of its marker. low, high: ends of its interval, equal without one. label: empty where it has none;
    its left edge and its middle are at label_x and label_y.
    """

    name: str
    style: str
    shape: str
    x: float
    y: float
    low: float
    high: float
    label: str = ""
    label_x: float = 0.0
    label_y: float = 0.0


@dataclass(frozen=True)
class CostChart:
    """One cost. front: SVG path. label_room: pixels right of the chart for the last labels."""

    x_label: str
    points: tuple[PointMark, ...]
    front: Markup
    x_ticks: tuple[TickMark, ...]
    y_ticks: tuple[TickMark, ...]
    label_room: int


@dataclass(frozen=True)
class LegendMark:
    """A style of points. shape: of the marker."""

    name: str
    style: str
    shape: str


@dataclass(frozen=True)
class TradeoffSection:
    """The section. note: the caption. legend: empty where no point has a verdict's style."""

    note: str
    y_label: str
    charts: tuple[CostChart, ...]
    legend: tuple[LegendMark, ...]


def tradeoff_section(plot: TradeoffPlot | None) -> TradeoffSection | None:
    """Build the section; None without a plot."""
    if plot is None:
        return None
    legend = []
    if plot.judged:
        for name, look in verdict_names(plot.panels[0].points).items():
            legend.append(LegendMark(name, look.name, look.shape))
    charts = tuple(_chart(panel, plot.y) for panel in plot.panels)
    return TradeoffSection(" ".join(plot.notes), plot.y_label, charts, tuple(legend))


def _chart(panel: CostPanel, y: Scale) -> CostChart:
    labels = _labels(panel.points)
    room = round(THREAD + CHARACTER * max(map(len, labels.values()), default=0))
    places = _places(panel, y, labels, room)
    points = [_point(point, panel.x, y, labels, places) for point in panel.points]
    ticks = [TickMark(panel.x.percent_of(tick.value), tick.text) for tick in cost_ticks(panel.x, MAX_TICKS)]
    return CostChart(panel.x_label, tuple(points), _front(panel, y), tuple(ticks), tuple(y_marks(y, MAX_TICKS)), room)


def _labels(points: Sequence[CostPoint]) -> dict[int, str]:
    """The labels by variant; where there are many points, only the baseline's."""
    named = [point for point in points if len(points) <= MAX_NAMED or point.baseline]
    return dict(
        zip([point.variant for point in named], shorten([point.name for point in named], LONGEST_LABEL), strict=True)
    )


def _places(panel: CostPanel, y: Scale, labels: dict[int, str], room: int) -> dict[int, Beside]:
    named = [point for point in panel.points if point.variant in labels]
    places = [(panel.x.percent_of(point.x), from_top(y, point.y)) for point in named]
    beside = beside_points(places, 100 * room / LEAST_WIDTH, LABEL_GAP)
    return dict(zip([point.variant for point in named], beside, strict=True))


def _point(point: CostPoint, x: Scale, y: Scale, labels: dict[int, str], places: dict[int, Beside]) -> PointMark:
    look = verdict_style(point.outcome)
    middle = from_top(y, point.y)
    low = high = middle
    if is_known(point.ends):
        low, high = from_top(y, point.ends.low), from_top(y, point.ends.high)
    mark = PointMark(point.name, look.name, look.shape, x.percent_of(point.x), middle, low, high)
    if point.variant not in labels:
        return mark
    place = places[point.variant]
    return PointMark(**{**vars(mark), "label": labels[point.variant], "label_x": place.x, "label_y": round(place.y, 2)})


def _front(panel: CostPanel, y: Scale) -> Markup:
    """Draw the front as steps: along each point's mean up to the next point's cost, then up to its mean."""
    if not panel.front:
        return NO_PATH
    costs, means = [], []
    for point, following in zip(panel.front, [*panel.front[1:], None], strict=True):
        costs += [point.x, panel.x.high if following is None else following.x]
        means += [point.y, point.y]
    return svg_path(panel.x, y, Line(np.array(costs), np.array(means)))
