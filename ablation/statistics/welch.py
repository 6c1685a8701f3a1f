"""Welch's t-test between two arms, and Holm's correction over many.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6.
"""

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate, satterthwaite
from ablation.statistics.intervals import CONFIDENCE, Interval, t_quantile
from ablation.statistics.protocol import MIN_SEEDS


def holm(ps: Sequence[float], comparisons: int) -> list[float]:
    """Adjusted p values; nan counts as 1. comparisons: how many there are, of which some may have no p yet."""
    known = np.where(np.isnan(ps), 1.0, ps)
    adjusted, running = [1.0] * len(ps), 0.0
    for rank, i in enumerate(np.argsort(known, kind="stable")):
        running = max(running, min(1.0, (comparisons - rank) * float(known[i])))
        adjusted[i] = running
    return adjusted


def difference(arm: Arm, reference: Arm) -> float:
    """The arm's mean minus the reference's; nan where one has no run."""
    return arm.mean - reference.mean if arm.n and reference.n else nan


def estimate(arm: Arm, reference: Arm, arm_variance: float = 0.0, floored: bool = True) -> Estimate:
    """The difference of means with Welch's standard error and degrees of freedom; without an error below two runs.

    arm_variance: the arm's variance counts as no less than this in the degrees of freedom, though not in the error.
    floored: no arm varies less than its resolution.
    """
    gap = difference(arm, reference)
    if min(arm.n, reference.n) < 2:
        return Estimate(gap)
    own = (arm.floored_variance if floored else arm.variance) / arm.n
    other = (reference.floored_variance if floored else reference.variance) / reference.n
    if own + other == 0:
        return Estimate(gap)
    freedom = _freedom(own, arm.n, other, reference.n)
    cautious = _freedom(max(own, arm_variance / arm.n), arm.n, other, reference.n)
    return Estimate(gap, sqrt(own + other), min(freedom, cautious))


def _freedom(own: float, n: int, other: float, m: int) -> float:
    share = own / (own + other)
    return satterthwaite((share, 1 - share), (n, m))


def interval(arm: Arm, reference: Arm, confidence: float = CONFIDENCE) -> Interval:
    """Welch's interval of the difference of means; unknown where no run differs from another of its arm."""
    return estimate(arm, reference, floored=False).interval(confidence)


def welch_p(arm: Arm, reference: Arm) -> float:
    """Two-sided p of Welch's test; nan below two runs, and where no spread is known."""
    return estimate(arm, reference).p_value()


def welch_p_pooled(arm: Arm, reference: Arm, arm_variance: float = 0.0) -> float:
    """Welch's p with the degrees of freedom of an arm that varies at least so much; nan below MIN_SEEDS runs."""
    if min(arm.n, reference.n) < MIN_SEEDS:
        return nan
    return estimate(arm, reference, arm_variance).p_value()


def tost_p(arm: Arm, reference: Arm, margin: float, arm_variance: float) -> float:
    """p of the claim that the difference lies within the margin (TOST); nan below MIN_SEEDS runs."""
    if min(arm.n, reference.n) < MIN_SEEDS:
        return nan
    return estimate(arm, reference, arm_variance).equivalence_p(margin)


def half_widths(values: np.ndarray, reference: np.ndarray, confidence: float = CONFIDENCE) -> np.ndarray:
    """Half the width of Welch's interval of the difference of means, at each of many points.

    values: float64 (n, points). reference: float64 (m, points). 0 where no value differs from another of its side.
    """
    own = values.var(0, ddof=1) / len(values)
    other = reference.var(0, ddof=1) / len(reference)
    total = own + other
    share = np.divide(own, total, out=np.ones_like(own), where=total > 0)
    freedom = satterthwaite((share, 1 - share), (len(values), len(reference)))
    return t_quantile(freedom, confidence) * np.sqrt(total)


def mean_variance(arms: Sequence[Arm]) -> float:
    """The mean variance of the arms: one that happens to vary little would else lend its comparison too much trust.

    Without it Welch's test finds a difference among eight components without effect in up to 8 % of studies, where
    their standard deviation is five times the baseline's (`benchmarks/verdict.py`).
    """
    known = _variances(arms)
    return float(np.mean(known)) if known else 0.0


def median_variance(arms: Sequence[Arm]) -> float:
    """The middle variance of the arms, the lower of two: a collapsed run does not hide itself in it."""
    known = sorted(_variances(arms))
    return known[(len(known) - 1) // 2] if known else 0.0


def _variances(arms: Sequence[Arm]) -> list[float]:
    """Of each arm once, if it has two runs."""
    distinct = {id(arm): arm for arm in arms}
    return [arm.floored_variance for arm in distinct.values() if arm.n > 1]
