"""Ranges of the axes of figures and page: one rule for each kind of plot."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import ForestRow, is_drawn
from ablation.report.plots.plot_data import Line
from ablation.statistics.intervals import Interval

LOG_FROM = 100  # a positive loss that spans more than this factor gets a log axis
MARGIN, LOG_MARGIN = 0.05, 1.3  # room beyond the values: share of their span; factor on a log axis
TOP = 1.01  # times the largest value that is possible: a point there keeps clear of the edge
CUT_AT = 3.0  # times the largest difference: where intervals of a forest plot are cut
TYPICAL = 1.5  # times the typical interval, which is never cut; times the intervals, beyond which no dot is drawn


def x_scale(lines: Iterable[Line], key: str) -> Scale:
    """Scale from the start of training to the last point; epochs start at 1. key: of `learning_curves.AXES`."""
    start = 1.0 if key == "epoch" else 0.0
    first, last = start, start
    for line in lines:
        if len(line):
            first = min(first, float(line.x[0]))
            last = max(last, float(line.x[-1]))
    if first == last:
        return Scale(first - 0.5, last + 0.5)
    return Scale(first - 0.02 * (last - first), last)


def y_scale(low: float, high: float, top: float = math.inf, log_allowed: bool = False) -> Scale:
    """Scale from low to high with a margin. top: upper limit of the scale."""
    if log_allowed and low > 0 and high > LOG_FROM * low:
        return Scale(low / LOG_MARGIN, high * LOG_MARGIN, log=True)
    margin = MARGIN * (high - low) or MARGIN * abs(high) or 0.1
    return Scale(low - margin, min(high + margin, top))


def mean_scale(means: Sequence[float], ends: Sequence[Interval], top: float | None) -> Scale:
    """Cover means and their intervals; very long intervals, as of two seeds, are cut.

    They are cut beyond the span of the means, but never within the typical interval. top: the largest value that is
    possible, if any.
    """
    low, high = min(means), max(means)
    known = [interval for interval in ends if is_drawn(interval)]
    half_widths = sorted(interval.half_width for interval in known)
    reach = high - low
    if half_widths:
        reach = max(reach, TYPICAL * half_widths[(len(half_widths) - 1) // 2])
    lowest = min([low, *(max(interval.low, low - reach) for interval in known)])
    highest = max([high, *(min(interval.high, high + reach) for interval in known)])
    return y_scale(lowest, highest, top=math.inf if top is None else max(high, TOP * top))


def value_range(values: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the smallest and the largest of all values; 0 and 1 where there are none."""
    joined = np.concatenate([*values, []])
    if not len(joined):
        return 0.0, 1.0
    return float(joined.min()), float(joined.max())


def forest_scale(rows: Sequence[ForestRow], margin: float | None) -> Scale:
    """Cover zero, all differences, the equivalence margin, the listed intervals and dots; what is far out is cut.

    With two seeds, an interval can be a hundred times longer than any difference. It is cut at CUT_AT times the largest
    difference, but never within the typical interval or the margin. Dots are covered up to TYPICAL times the rest.
    """
    half = margin or 0.0
    differences, intervals, dots = [0.0], [], []
    for row in rows:
        differences.append(row.difference)
        dots += row.dots
        if is_drawn(row.interval):
            intervals.append(row.interval)
    lowest, highest = min(differences), max(differences)
    ends = np.array(intervals).reshape(-1, 2)
    reach = max(CUT_AT * max(-lowest, highest), TYPICAL * _typical(ends), TYPICAL * half) or math.inf
    low, high = value_range([np.zeros(1), np.clip(ends.ravel(), -reach, reach)])
    low, high = min(low, lowest, -half), max(high, highest, half)
    reach = TYPICAL * max(-low, high) or math.inf
    near = [dot for dot in dots if abs(dot) <= reach]
    low, high = min([low, *near]), max([high, *near])
    room = 0.06 * (high - low) or 0.1
    return Scale(low - room, high + room)


def _typical(ends: np.ndarray) -> float:
    """Median of the distances from zero to the farther end, the lower of two. ends: (intervals, 2)."""
    if not len(ends):
        return 0.0
    farthest = np.sort(np.abs(ends).max(axis=1))
    return float(farthest[(len(farthest) - 1) // 2])
