"""The forest plot as inline SVG: positions in percent of its width, so that it grows with the page."""

from dataclasses import dataclass

from ablation.report.html.curve_paths import TickMark
from ablation.report.plots.axis import Scale
from ablation.report.plots.palette import verdict_style
from ablation.report.plots.plot_data import ForestPlot, ForestRow, is_drawn
from ablation.report.wording import number_format
from ablation.report.wording.number_format import typeset
from ablation.statistics.intervals import Interval

LONG = 14  # with more rows, the axis is repeated above them
MAX_TICKS = 5


@dataclass(frozen=True)
class Segment:
    """An interval, cut at the edges."""

    low: float
    high: float


@dataclass(frozen=True)
class Bar:
    """One difference with its intervals.

    thick, thin: as in ForestRow; None without such an interval. cut_left, cut_right: whether one of them continues
    beyond that edge. shape: of its marker, as in `palette`. interval: the listed interval as text. remark: beside it.
    """

    variant: int
    shape: str
    point: float
    thick: Segment | None
    thin: Segment | None
    cut_left: bool
    cut_right: bool
    interval: str
    remark: str


@dataclass(frozen=True)
class Band:
    """A vertical band. left: its left edge."""

    left: float
    width: float


@dataclass(frozen=True)
class ForestBars:
    """The forest plot. bars: by variant. zero: position of no difference. margin: for equivalence, None without one."""

    bars: dict[int, Bar]
    ticks: tuple[TickMark, ...]
    zero: float
    margin: Band | None


def forest_bars(plot: ForestPlot) -> ForestBars:
    """Compute the positions of the rows, ticks and margin of a forest plot."""
    ticks = []
    for value in plot.x.ticks(MAX_TICKS):
        ticks.append(TickMark(plot.x.percent_of(value), typeset(f"{value:+g}") if value else "0"))
    return ForestBars(
        bars={row.variant: _bar(row, plot) for row in plot.rows},
        ticks=tuple(ticks),
        zero=plot.x.percent_of(0.0),
        margin=_margin(plot),
    )


def _margin(plot: ForestPlot) -> Band | None:
    if not plot.margin:
        return None
    left, right = plot.x.percent_of(-plot.margin), plot.x.percent_of(plot.margin)
    return Band(left, round(right - left, 2))


def _bar(row: ForestRow, plot: ForestPlot) -> Bar:
    scale = plot.x
    return Bar(
        variant=row.variant,
        shape=verdict_style(row.result.verdict).shape,
        point=scale.percent_of(row.result.difference),
        thick=_segment(row.thick, scale),
        thin=_segment(row.thin, scale),
        cut_left=any(scale.percent_of(ends.low) < 0 for ends in row.drawn),
        cut_right=any(scale.percent_of(ends.high) > 100 for ends in row.drawn),
        interval=typeset(number_format.interval(row.interval, plot.decimals)),
        remark=plot.remark(row),
    )


def _segment(ends: Interval, scale: Scale) -> Segment | None:
    if not is_drawn(ends):
        return None
    return Segment(max(0.0, scale.percent_of(ends.low)), min(100.0, scale.percent_of(ends.high)))
