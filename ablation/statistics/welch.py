"""Welch's t-test, Satterthwaite's degrees of freedom, and Holm's correction.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6.
"""

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np
from scipy import stats

from ablation.statistics.arm import Arm
from ablation.statistics.protocol import MIN_SEEDS


def holm(ps: Sequence[float], many: int) -> list[float]:
    """Adjusted p values; nan counts as 1. many: comparisons, of which some may have no p yet."""
    ps = [1.0 if np.isnan(p) else p for p in ps]
    adjusted, running = [1.0] * len(ps), 0.0
    for rank, i in enumerate(np.argsort(ps, kind="stable")):
        running = max(running, min(1.0, (many - rank) * ps[i]))
        adjusted[i] = running
    return adjusted


def difference(arm: Arm, other: Arm) -> float:
    return arm.mean - other.mean if arm.n and other.n else nan


def interval(arm: Arm, other: Arm, confidence: float = 0.95) -> tuple[float, float]:
    """Welch's, of the difference of means; (nan, nan) where no run differs from another of its arm."""
    error, freedom = _error(arm, other, floor=False)
    if not error > 0:
        return nan, nan
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    gap = difference(arm, other)
    return gap - half, gap + half


def welch(arm: Arm, other: Arm) -> float:
    """Two-sided p. An arm's deviation never counts below one image; nan where no spread is known."""
    error, freedom = _error(arm, other)
    return float(2 * stats.t.sf(abs(difference(arm, other)) / error, freedom)) if error > 0 else nan


def _error(arm: Arm, other: Arm, floor: bool = True, shown: float = 0.0) -> tuple[float, float]:
    """Standard error of the difference, and degrees of freedom (Welch and Satterthwaite); (nan, nan) below two runs.

    shown: a variance that the arm's own is not believed to be below, where degrees of freedom are counted.
    """
    if min(arm.n, other.n) < 2:
        return nan, nan
    one, two = (max(a.variance, a.resolution**2 * floor) / a.n for a in (arm, other))
    if one + two == 0:
        return nan, nan
    freedom = _freedom(one, arm.n, two, other.n)
    return sqrt(one + two), min(freedom, _freedom(max(one, shown / arm.n), arm.n, two, other.n))


def _freedom(one: float, n: int, two: float, m: int) -> float:
    share = one / (one + two)  # of the larger scale, for squares of tiny numbers vanish
    return 1 / (share**2 / (n - 1) + (1 - share) ** 2 / (m - 1))


def mean_variance(arms: Sequence[Arm]) -> float:
    """The mean variance of the arms: one that happens to show little would else lend its comparison too much trust.

    Without it Welch's test tells something of eight parts that do nothing in up to 8 % of studies, where their
    deviation is five times the baseline's (`benchmarks/verdict.py`).
    """
    return float(np.mean(known)) if (known := _variances(arms)) else 0.0


def median_variance(arms: Sequence[Arm]) -> float:
    """The middle variance of the arms, the lower of two: a collapsed run does not hide itself in it."""
    known = sorted(_variances(arms))
    return known[(len(known) - 1) // 2] if known else 0.0


def _variances(arms: Sequence[Arm]) -> list[float]:
    return [max(arm.variance, arm.resolution**2) for arm in {id(arm): arm for arm in arms}.values() if arm.n > 1]


def welch_p_pooled(arm: Arm, other: Arm, shown: float = 0.0) -> float:
    """Welch's, with degrees of freedom as if the arm were as noisy as arms are shown to be; nan for too few seeds."""
    error, freedom = _error(arm, other, shown=shown)
    if min(arm.n, other.n) < MIN_SEEDS or not error > 0:
        return nan
    return float(2 * stats.t.sf(abs(difference(arm, other)) / error, freedom))


def tost_p(arm: Arm, other: Arm, margin: float, shown: float) -> float:
    """p of the claim that the difference lies within the margin: two one-sided tests (Schuirmann 1987)."""
    error, freedom = _error(arm, other, shown=shown)
    if min(arm.n, other.n) < MIN_SEEDS or not error > 0:
        return nan
    return float(stats.t.sf((margin - abs(difference(arm, other))) / error, freedom))
