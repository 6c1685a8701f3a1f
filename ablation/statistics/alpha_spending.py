"""Nominal levels of interim looks at 3, 4, 5, … pairs of runs, such that all looks together keep the level.

The level is spent in proportion to the seeds (Lan & DeMets 1983, Biometrika 70; the power family of Kim & DeMets 1987,
Biometrika 74, with exponent 1). The nominal levels are those of the one-sample t statistic of independent normal
values. Its null law has no free parameter, so it is computed here. The levels for a known variance would let 5.9 % of
studies end in a false verdict instead of 5 %.

With r = sum of x / root of the sum of x squared, one more value gives r' = r cos(angle) + sin(angle). The angle is
independent of all earlier values, because the direction of a normal vector is independent of its length, and the
tangent of the angle times the root of n has Student's t distribution with n degrees of freedom.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from math import pi, sqrt

import numpy as np
import scipy
from scipy import special

from ablation.statistics.protocol import LEVEL, MIN_SEEDS

CELLS = 400  # of the distribution of |r| over the paths that no earlier look has stopped
ANGLES = np.linspace(-pi / 2, pi / 2, 20_001)  # at which the distribution of the angle is tabulated
SMALLEST_BOUND = 1e-9  # of |r|, in the search for a bound


def looks(max_seeds: int) -> tuple[int, ...]:
    """The numbers of pairs at which a study is analysed."""
    return tuple(range(MIN_SEEDS, max_seeds + 1))


def nominal_levels(max_seeds: int, level: float = LEVEL) -> tuple[float, ...]:
    """The two-sided nominal level of each look. level: of all looks together."""
    return tuple(nominal_level(max_seeds, level, n) for n in looks(max_seeds))


def nominal_level(max_seeds: int, level: float, n: int) -> float:
    """The two-sided nominal level of the look at n pairs. It depends on earlier looks only, which are computed once."""
    spending = _spending(max_seeds, level)
    while len(spending.levels) <= n - MIN_SEEDS:
        spending.look()
    return spending.levels[n - MIN_SEEDS]


@lru_cache(maxsize=1024)
def _spending(max_seeds: int, level: float) -> "_Spending":
    return _Spending(max_seeds, level)


@dataclass
class _Spending:
    """The looks of a study so far. levels: their nominal levels. paths: those that no look has stopped."""

    max_seeds: int
    level: float
    levels: list[float] = field(default_factory=list)
    paths: "_Paths | None" = None

    def look(self) -> None:
        """Compute the next look."""
        n = MIN_SEEDS + len(self.levels)
        tail = self._spent(n) - (self._spent(n - 1) if self.levels else 0.0)
        if self.paths is None:
            nominal = tail
            self.paths = _Paths.of_first_look(n, _ratio(float(-special.stdtrit(n - 1, nominal / 2)), n))
        else:
            step = _Step(self.paths, n - 1)
            bound = step.bound(tail)
            nominal = float(2 * special.stdtr(n - 1, -_statistic(bound, n)))
            self.paths = step.paths(bound)
        self.levels.append(nominal)

    def _spent(self, n: int) -> float:
        """The level that the looks up to n pairs may use."""
        return self.level * n / self.max_seeds


def _ratio(statistic: float, n: int) -> float:
    """The |r| of n values whose t statistic is given."""
    return statistic * sqrt(n) / sqrt(n - 1 + statistic**2)


def _statistic(ratio, n: int):
    """The t statistic of n values with this |r|, a number or an array."""
    return ratio * np.sqrt((n - 1) / (n - ratio**2))


def _edges(bound: float) -> np.ndarray:
    """float64 (CELLS + 1,): edges from 0 to the bound, close together at the bound, near which the next paths stop."""
    return bound * (1 - np.linspace(1, 0, CELLS + 1) ** 3)


@dataclass(frozen=True)
class _Paths:
    """The distribution of |r| over the paths that are not yet stopped. centres, masses: float64 (CELLS,)."""

    centres: np.ndarray
    masses: np.ndarray

    @classmethod
    def of_first_look(cls, n: int, bound: float) -> "_Paths":
        edges = _edges(bound)
        return cls.of_distribution(edges, 2 * special.stdtr(n - 1, _statistic(edges, n)) - 1)

    @classmethod
    def of_distribution(cls, edges: np.ndarray, below: np.ndarray) -> "_Paths":
        """below: the probability that |r| lies below each edge."""
        return cls((edges[1:] + edges[:-1]) / 2, np.diff(below))


class _Step:
    """One more value for all paths. before: with n values. Because of the symmetry, r is taken as positive."""

    def __init__(self, before: _Paths, n: int):
        self.before = before
        self.angle_below = special.stdtr(n, sqrt(n) * np.tan(ANGLES))
        self.largest = sqrt(n + 1)

    def bound(self, tail: float) -> float:
        """The bound of |r'| beyond which paths with this total probability lie."""
        total = self.before.masses.sum()

        def excess(bound: float) -> float:
            return total - float(self._below(np.array([bound]))[0]) - tail

        return float(scipy.optimize.brentq(excess, SMALLEST_BOUND, self.largest * (1 - 1e-15)))

    def paths(self, bound: float) -> _Paths:
        """The paths that remain within the bound."""
        edges = _edges(bound)
        return _Paths.of_distribution(edges, self._below(edges))

    def _below(self, bounds: np.ndarray) -> np.ndarray:
        """The probability, over all paths, that |r'| lies below each bound."""
        return self.before.masses @ (self._signed_below(bounds) - self._signed_below(-bounds))

    def _signed_below(self, bounds: np.ndarray) -> np.ndarray:
        """P(r' <= bound) given r, (CELLS, bounds): r' = amplitude * sin(angle + phase) falls again above its peak."""
        ratios = self.before.centres[:, None]
        amplitudes, phases = np.sqrt(1 + ratios**2), np.arctan(ratios)
        peak_angles = np.arcsin(np.clip(bounds / amplitudes, -1, 1))
        rising = self._angle_distribution(peak_angles - phases)
        falling = 1 - self._angle_distribution(pi - peak_angles - phases)
        below = rising + np.where(bounds >= 1, falling, 0.0)
        return np.where(bounds >= amplitudes, 1.0, np.where(bounds <= -1, 0.0, below))

    def _angle_distribution(self, angles: np.ndarray) -> np.ndarray:
        return np.interp(angles, ANGLES, self.angle_below)
