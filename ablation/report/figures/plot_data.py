"""What figures show: arms as curves with bands, runs that diverged, and what of them the axes show."""

import math
from dataclasses import dataclass

import numpy as np

LOG_FROM = 100  # what spans more, and is above zero, is drawn on a log axis
MOST_SEEDS = 10  # of one arm, drawn as thin lines


@dataclass(frozen=True)
class DivergedTrace:
    """A diverged run as far as it came, float64 (epochs,) each; empty where it diverged in its first epoch."""

    told: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Trace:
    """One arm in one plot, float64 (points,) each, empty where it has no mean. low, high: its band.

    span: the least and the largest value that the axis should show. seeds: lines, thin where there are few.
    rank: what arms are judged by. holes: were places without a number left out?
    """

    name: str
    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    span: tuple[float, float] = (math.nan, math.nan)
    seeds: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    baseline: bool = False
    rank: float = -math.inf
    lost: tuple[DivergedTrace, ...] = ()
    holes: bool = False

    @property
    def thin(self) -> bool:
        """Are its seeds few enough to be told apart?"""
        return 1 < len(self.seeds) <= MOST_SEEDS and any(len(x) > 1 for x, _ in self.seeds)


@dataclass(frozen=True)
class Bounds:
    """What the axes show. log: is y logarithmic?"""

    x: tuple[float, float]
    y: tuple[float, float]
    log: bool = False


@dataclass(frozen=True)
class Plot:
    """One metric of all arms. zero: a difference, about a line at zero. log: may it be? top: what no value exceeds.

    level: a threshold, a line across.
    """

    title: str
    traces: tuple[Trace, ...]
    zero: bool = False
    log: bool = False
    top: float = math.inf
    level: float | None = None

    @property
    def drawn(self) -> list[Trace]:
        return [trace for trace in self.traces if len(trace.x)]

    def bounds(self, key: str) -> Bounds | None:
        """By what completed: a loss on its way to infinity would flatten the rest. None where nothing did.

        key: the axis. On that of epochs the first one is 1, on others the start is shown.
        """
        traces = [trace for trace in self.traces if len(trace.x) or trace.seeds]
        places = [x for t in traces for x in (t.x, *(x for x, _ in t.seeds)) if len(x)]
        if not places:
            return None
        first, last = float(min(x[0] for x in places)), float(max(x[-1] for x in places))
        first = min(first, 1.0 if key == "epoch" else 0.0)
        across = (first - 0.5, last + 0.5) if first == last else (first - 0.02 * (last - first), last)
        low, high = min(t.span[0] for t in traces), max(t.span[1] for t in traces)
        if self.zero:
            low, high = min(low, 0.0), max(high, 0.0)
        if self.level is not None:
            low, high = min(low, self.level), max(high, self.level)
        if self.log and low > 0 and high > LOG_FROM * low:
            return Bounds(across, (low / 1.3, high * 1.3), True)
        margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.1
        return Bounds(across, (low - margin, min(high + margin, self.top)))
