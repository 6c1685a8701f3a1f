"""The forest plot as inline SVG: positions in percent of its width, so that it grows with the page."""

from dataclasses import dataclass

from ablation.report.html.curve_paths import TickMark
from ablation.report.plots.axis import Scale
from ablation.report.plots.palette import verdict_style
from ablation.report.plots.plot_data import ForestPlot, ForestRow
from ablation.report.wording.number_format import typeset

LONG = 14  # with more rows, the axis is repeated above them
MAX_TICKS = 5


@dataclass(frozen=True)
class Bar:
    """One difference. low, high: the ends of its interval, cut at the edges; None without an interval.

    cut_left, cut_right: whether the interval continues beyond that edge. shape: of its marker, as in `palette`.
    """

    variant: int
    shape: str
    point: float
    low: float | None
    high: float | None
    cut_left: bool
    cut_right: bool


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
        bars={row.variant: _bar(row, plot.x) for row in plot.rows},
        ticks=tuple(ticks),
        zero=plot.x.percent_of(0.0),
        margin=_margin(plot),
    )


def _margin(plot: ForestPlot) -> Band | None:
    if not plot.margin:
        return None
    left, right = plot.x.percent_of(-plot.margin), plot.x.percent_of(plot.margin)
    return Band(left, round(right - left, 2))


def _bar(row: ForestRow, scale: Scale) -> Bar:
    shape = verdict_style(row.result.verdict).shape
    point = scale.percent_of(row.result.difference)
    if not row.interval_known:
        return Bar(row.variant, shape, point, None, None, cut_left=False, cut_right=False)
    low, high = (scale.percent_of(end) for end in row.result.interval)
    return Bar(row.variant, shape, point, max(0.0, low), min(100.0, high), cut_left=low < 0, cut_right=high > 100)
