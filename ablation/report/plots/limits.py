"""Which range the axes of figures and page show: one rule for each kind of plot."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import Line
from ablation.statistics.verdict import PairResult

LOG_FROM = 100  # a positive loss that spans more than this factor gets a log axis
MARGIN, LOG_MARGIN = 0.05, 1.3  # of the span beyond the values; the factor beyond them on a log axis
CUT_AT = 3.0  # times the largest difference: where intervals of a forest plot are cut
TYPICAL = 1.5  # times the typical interval, which is never cut


def x_scale(lines: Iterable[Line], key: str) -> Scale:
    """From the start of training to the last point. key: of `learning_curves.AXES`; epochs start at 1, others at 0."""
    places = [line.x for line in lines if len(line)]
    start = 1.0 if key == "epoch" else 0.0
    first = min([start, *(float(x[0]) for x in places)])
    last = max([start, *(float(x[-1]) for x in places)])
    if first == last:
        return Scale(first - 0.5, last + 0.5)
    return Scale(first - 0.02 * (last - first), last)


def y_scale(low: float, high: float, top: float = math.inf, log_allowed: bool = False) -> Scale:
    """From low to high with a margin. top: what no value can exceed."""
    if log_allowed and low > 0 and high > LOG_FROM * low:
        return Scale(low / LOG_MARGIN, high * LOG_MARGIN, log=True)
    margin = MARGIN * (high - low) or MARGIN * abs(high) or 0.1
    return Scale(low - margin, min(high + margin, top))


def value_range(values: Sequence[np.ndarray]) -> tuple[float, float]:
    """The smallest and the largest of all values; 0 to 1 where there is none."""
    every = np.concatenate([*values, []])
    return (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)


def forest_scale(results: Sequence[PairResult], margin: float | None) -> Scale:
    """Zero, all differences, the equivalence margin, and the intervals, of which very long ones are cut.

    With two seeds an interval can be a hundred times longer than every difference. It is cut at three times the largest
    difference, but never where the typical interval or the margin would be.
    """
    differences = np.array([0.0] + [result.difference for result in results])
    ends = [end for result in results for end in result.interval if math.isfinite(end)]
    farthest = sorted(max(map(abs, result.interval)) for result in results if math.isfinite(result.interval[0]))
    typical = farthest[(len(farthest) - 1) // 2] if farthest else 0.0
    half = margin or 0.0
    reach = max(CUT_AT * float(np.abs(differences).max()), TYPICAL * typical, TYPICAL * half) or math.inf
    low = min(float(differences.min()), -half, max(min(ends, default=0.0), -reach))
    high = max(float(differences.max()), half, min(max(ends, default=0.0), reach))
    room = 0.06 * (high - low) or 0.1
    return Scale(low - room, high + room)
