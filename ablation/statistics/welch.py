"""Welch's t-test between two arms, and Holm's correction for multiple comparisons.

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
    """Adjusted p values; nan counts as 1. comparisons: their number, including those without a p so far."""
    filled = np.where(np.isnan(ps), 1.0, ps)
    adjusted, running = [1.0] * len(ps), 0.0
    for rank, i in enumerate(np.argsort(filled, kind="stable")):
        running = max(running, min(1.0, (comparisons - rank) * float(filled[i])))
        adjusted[i] = running
    return adjusted


def difference(arm: Arm, reference: Arm) -> float:
    """The arm's mean minus the reference's; nan if either has no run."""
    return arm.mean - reference.mean if arm.n and reference.n else nan


def estimate(arm: Arm, reference: Arm, arm_variance: float = 0.0, floored: bool = True) -> Estimate:
    """The difference of means with Welch's standard error and degrees of freedom; no standard error below two runs.

    arm_variance: a floor for the arm's variance in the degrees of freedom, but not in the standard error.
    floored: True to give every arm at least the variance of its resolution.
    """
    gap = difference(arm, reference)
    if min(arm.n, reference.n) < 2:
        return Estimate(gap)
    of_arm = (arm.floored_variance if floored else arm.variance) / arm.n
    of_reference = (reference.floored_variance if floored else reference.variance) / reference.n
    if of_arm + of_reference == 0:
        return Estimate(gap)
    freedom = _freedom(of_arm, arm.n, of_reference, reference.n)
    cautious = _freedom(max(of_arm, arm_variance / arm.n), arm.n, of_reference, reference.n)
    return Estimate(gap, sqrt(of_arm + of_reference), min(freedom, cautious))


def _freedom(of_arm: float, n: int, of_reference: float, m: int) -> float:
    share = of_arm / (of_arm + of_reference)
    return satterthwaite((share, 1 - share), (n, m))


def interval(arm: Arm, reference: Arm, confidence: float = CONFIDENCE) -> Interval:
    """Welch's interval of the difference of means; UNKNOWN if neither arm varies."""
    return estimate(arm, reference, floored=False).interval(confidence)


def welch_p(arm: Arm, reference: Arm) -> float:
    """Two-sided p of Welch's test; nan below two runs or if neither arm varies."""
    return estimate(arm, reference).p_value()


def welch_p_pooled(arm: Arm, reference: Arm, arm_variance: float = 0.0) -> float:
    """Welch's p with `arm_variance` as a floor in the degrees of freedom; nan below MIN_SEEDS runs."""
    if min(arm.n, reference.n) < MIN_SEEDS:
        return nan
    return estimate(arm, reference, arm_variance).p_value()


def tost_p(arm: Arm, reference: Arm, margin: float, arm_variance: float) -> float:
    """p of the two one-sided tests (TOST) of equivalence within the margin; nan below MIN_SEEDS runs."""
    if min(arm.n, reference.n) < MIN_SEEDS:
        return nan
    return estimate(arm, reference, arm_variance).equivalence_p(margin)


def half_widths(values: np.ndarray, reference: np.ndarray, confidence: float = CONFIDENCE) -> np.ndarray:
    """Half the width of Welch's interval of the difference of means, at each point of a curve.

    values: float64 (n, points). reference: float64 (m, points). Returns float64 (points,), 0 where neither varies.
    """
    of_values = values.var(0, ddof=1) / len(values)
    of_reference = reference.var(0, ddof=1) / len(reference)
    total = of_values + of_reference
    share = np.divide(of_values, total, out=np.ones_like(of_values), where=total > 0)
    freedom = satterthwaite((share, 1 - share), (len(values), len(reference)))
    return t_quantile(freedom, confidence) * np.sqrt(total)


def mean_variance(arms: Sequence[Arm]) -> float:
    """The mean variance of the arms, which guards against an arm that varies little by chance.

    Without this guard, Welch's test finds a difference among eight components without effect in up to 8 % of studies if
    their standard deviation is five times the baseline's (`benchmarks/verdict.py`).
    """
    variances = _variances(arms)
    return float(np.mean(variances)) if variances else 0.0


def median_variance(arms: Sequence[Arm]) -> float:
    """The median variance of the arms (the lower of two middle ones), which a single collapsed run does not inflate."""
    variances = sorted(_variances(arms))
    return variances[(len(variances) - 1) // 2] if variances else 0.0


def _variances(arms: Sequence[Arm]) -> list[float]:
    """The variance of each distinct arm that has at least two runs."""
    distinct = {id(arm): arm for arm in arms}
    return [arm.floored_variance for arm in distinct.values() if arm.n > 1]
