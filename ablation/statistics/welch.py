"""Welch's t-test between two arms, and Holm's correction for multiple comparisons.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6.
"""

from collections.abc import Iterable, Sequence
from math import nan, sqrt

import numpy as np

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate, satterthwaite
from ablation.statistics.intervals import CONFIDENCE, t_quantile

UNEQUAL_SIZES = 2  # ratio of sizes from which the degrees of freedom are those of the smaller side


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


def estimate(arm: Arm, reference: Arm) -> Estimate:
    """The difference of means with Welch's standard error and degrees of freedom; no standard error below two runs.

    Each arm has at least the variance of its resolution.
    """
    return _estimate(arm, reference, arm.floored_variance)


def guarded_estimate(arm: Arm, reference: Arm, usual_variance: float = 0.0) -> Estimate:
    """The estimate on which a verdict rests: its degrees of freedom are cautious where Welch's are too many.

    Among several comparisons, an arm that varies less than usual is taken to vary as usual, but only in the degrees of
    freedom. They are those of the smaller side if it has at most half the runs of the other.
    usual_variance: of the arms judged together; 0 for a single comparison.
    """
    guarded = _estimate(arm, reference, max(arm.floored_variance, usual_variance))
    smaller, larger = sorted((arm.n, reference.n))
    if smaller < 2 or larger < UNEQUAL_SIZES * smaller:
        return guarded
    return Estimate(guarded.value, guarded.standard_error, min(guarded.freedom, smaller - 1))


def _estimate(arm: Arm, reference: Arm, arm_variance: float) -> Estimate:
    """arm_variance: of the arm, at least its own; a larger one lowers the degrees of freedom only."""
    gap = difference(arm, reference)
    if min(arm.n, reference.n) < 2:
        return Estimate(gap)
    of_arm, of_reference = arm.floored_variance / arm.n, reference.floored_variance / reference.n
    if of_arm + of_reference == 0:
        return Estimate(gap)
    freedom = _freedom(of_arm, arm.n, of_reference, reference.n)
    cautious = _freedom(arm_variance / arm.n, arm.n, of_reference, reference.n)
    return Estimate(gap, sqrt(of_arm + of_reference), min(freedom, cautious))


def _freedom(of_arm: float, n: int, of_reference: float, m: int) -> float:
    share = of_arm / (of_arm + of_reference)
    return satterthwaite((share, 1 - share), (n, m))


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


def geometric_mean_variance(arms: Iterable[Arm]) -> float:
    """The geometric mean of the arms' variances, which guards against an arm that varies little by chance.

    Without this guard, Welch's test finds a difference among eight components without effect in up to 10 % of studies
    if their standard deviation is ten times the baseline's. The arithmetic mean would let one arm of
    large SD silence all others (`benchmarks/verdict.py`). Arms that do not vary at all are ignored.
    """
    variances = [variance for variance in _variances(arms) if variance > 0]
    return float(np.exp(np.mean(np.log(variances)))) if variances else 0.0


def median_variance(arms: Iterable[Arm]) -> float:
    """The median variance of the arms (the lower of two middle ones), which a single collapsed run does not inflate."""
    variances = sorted(_variances(arms))
    return variances[(len(variances) - 1) // 2] if variances else 0.0


def _variances(arms: Iterable[Arm]) -> list[float]:
    """The variance of each distinct arm that has at least two runs."""
    distinct = {id(arm): arm for arm in arms}
    return [arm.floored_variance for arm in distinct.values() if arm.n > 1]
