"""Rows of intervals as inline SVG: positions in percent of their width, so that they grow with the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from ablation.report.html.charts.curve_paths import HEIGHT, NO_PATH, WIDTH, TickMark
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import ForestPlot, ForestRow, is_drawn
from ablation.report.plots.label_placement import jitter
from ablation.report.plots.palette import verdict_style
from ablation.report.wording.number_format import aligned, interval, number, typeset, unsigned
from ablation.statistics.intervals import Interval
from ablation.text import capitalized

LONG = 14  # with more rows, the axis is repeated above them
MAX_TICKS = 5
DOT_ROOM = 0.7  # share of a row's height over which dots are jittered


@dataclass(frozen=True)
class Segment:
    """An interval, cut at the edges."""

    low: float
    high: float


@dataclass(frozen=True)
class Bar:
    """One row: a value with its intervals.

    style: CSS class of its colour. shape: of its marker, as in `palette`. thick, thin: as in ForestRow; None without
    such an interval. dots: SVG path of the seeds. cut_left, cut_right: where the interval ends, as text, if that is
    beyond that edge. value, interval: as text. remark: beside it. verdict, detail: as in the table. group: heading
    above the row, empty without one.
    """

    name: str
    style: str
    shape: str
    point: float
    thick: Segment | None
    thin: Segment | None
    dots: Markup
    cut_left: str
    cut_right: str
    value: str
    interval: str
    remark: str = ""
    verdict: str = ""
    detail: str = ""
    group: str = ""


@dataclass(frozen=True)
class Band:
    """A vertical band. left: its left edge."""

    left: float
    width: float


@dataclass(frozen=True)
class IntervalBars:
    """All rows. heading: of the listed values. label: of the axis. zero: position of no difference, None without one.

    left, right: the meaning of both sides of zero. margin: for equivalence, None without one. judged: whether the rows
    have verdicts. axis_on_top: whether the axis is repeated above a long list of rows.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[TickMark, ...]
    heading: str
    label: str
    zero: float | None = None
    left: str = ""
    right: str = ""
    margin: Band | None = None
    judged: bool = True

    @property
    def axis_on_top(self) -> bool:
        return len(self.bars) > LONG


def forest_bars(plot: ForestPlot) -> IntervalBars:
    """Compute the rows, ticks and margin of a forest plot."""
    return IntervalBars(
        bars=tuple(_bar(row, plot) for row in plot.rows),
        ticks=tuple(_ticks(plot)),
        heading=f"{capitalized(plot.quantity)} [{plot.kind}]",
        label=plot.label(plot.reference),
        zero=plot.x.percent_of(0.0) if plot.is_signed else None,
        left=plot.left,
        right=plot.right,
        margin=_margin(plot),
        judged=plot.is_judged,
    )


def _ticks(plot: ForestPlot) -> list[TickMark]:
    form = "+g" if plot.is_signed else "g"
    marks = []
    for value in plot.x.ticks(MAX_TICKS):
        marks.append(TickMark(plot.x.percent_of(value), typeset(f"{value:{form}}") if value else "0"))
    return marks


def _margin(plot: ForestPlot) -> Band | None:
    if not plot.margin:
        return None
    left, right = plot.x.percent_of(-plot.margin), plot.x.percent_of(plot.margin)
    return Band(left, round(right - left, 2))


def _bar(row: ForestRow, plot: ForestPlot) -> Bar:
    scale, decimals, sign = plot.x, plot.decimals, plot.is_signed
    look = verdict_style(row.outcome)
    low, high = _ends(row)
    return Bar(
        name=row.name,
        style=look.name,
        shape=look.shape,
        point=scale.percent_of(row.difference),
        thick=_segment(row.thick, scale),
        thin=_segment(row.thin, scale),
        dots=dots_path(row.dots, scale),
        cut_left=typeset(number(low, decimals, sign)) if low < scale.low else "",
        cut_right=typeset(number(high, decimals, sign)) if high > scale.high else "",
        value=typeset(aligned(row.difference, decimals, sign)),
        interval=typeset(interval(row.interval, decimals, number if sign else unsigned)),
        remark=plot.remark(row),
        verdict=row.verdict,
        detail=row.detail,
        group=row.group,
    )


def _ends(row: ForestRow) -> tuple[float, float]:
    """The outer ends of all intervals of a row; the difference where none is drawn."""
    lows, highs = [row.difference], [row.difference]
    for ends in row.drawn:
        lows.append(ends.low)
        highs.append(ends.high)
    return min(lows), max(highs)


def _segment(ends: Interval, scale: Scale) -> Segment | None:
    """Convert an interval to percent of the axis, cut at its edges; None if it is unknown."""
    if not is_drawn(ends):
        return None
    return Segment(max(0.0, scale.percent_of(ends.low)), min(100.0, scale.percent_of(ends.high)))


def dots_path(dots: Sequence[float], scale: Scale) -> Markup:
    """Draw values within the axis as lines without length, which their round caps turn into dots."""
    if not dots:
        return NO_PATH
    right = np.rint(scale.percent(np.array(dots)) * WIDTH / 100).astype(int)
    down = np.rint(HEIGHT * (0.5 + DOT_ROOM * np.array(jitter(len(dots))))).astype(int)
    points = []
    for x, y in zip(right.tolist(), down.tolist(), strict=True):
        if 0 <= x <= WIDTH:
            points.append(f"M{x} {y}h0")
    return Markup("".join(points))
