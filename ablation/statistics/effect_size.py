"""Supplementary statistics of two arms, reported beside the verdict. They never change it.

Permutation and sign-flip tests and Fisher's test of shares (Fisher 1935), runs paired by seed, probability of
improvement (Agarwal et al. 2021) and Hedges' g.
"""

from dataclasses import dataclass
from itertools import combinations, product
from math import comb, nan, sqrt

import numpy as np
import scipy

from ablation.statistics import intervals
from ablation.statistics.intervals import Interval
from ablation.statistics.pair import Pair
from ablation.statistics.protocol import MIN_SEEDS

MAX_PERMUTATIONS = 200_000  # up to here all are enumerated; above, a normal approximation replaces them


@dataclass(frozen=True)
class Permutation:
    """The result of a permutation or sign-flip test. exhaustive: True if every permutation was enumerated."""

    p: float
    exhaustive: bool


@dataclass(frozen=True)
class Paired:
    """The comparison of n runs with the n runs of equal seed: mean difference, its 95 % CI, and correlation.

    correlation: nan if either arm has the same value for every seed.
    """

    n: int
    difference: float
    interval: Interval
    correlation: float


@dataclass(frozen=True)
class Share:
    """The number of diverged runs among all runs that have ended."""

    diverged: int
    runs: int


def randomization_test(pair: Pair) -> Permutation:
    """The test without an assumption on the distribution: sign flips of a paired comparison, else permutations."""
    if pair.paired:
        return sign_flip_test(pair.gaps)
    return permutation_test(pair.arm.array, pair.reference.array)


def sign_flip_test(gaps: np.ndarray) -> Permutation:
    """Two-sided test of paired differences: under the null hypothesis, each is as likely with the opposite sign.

    gaps: float64 (pairs,).
    """
    n = len(gaps)
    if n == 0:
        return Permutation(nan, True)
    size = abs(gaps.sum()) * (1 - 1e-12)
    if 2**n > MAX_PERMUTATIONS:
        error = sqrt((gaps**2).sum())
        return Permutation(float(2 * scipy.stats.norm.sf(size / error)) if error > 0 else 1.0, False)
    signs = np.array(list(product((1, -1), repeat=n)))
    rounding = 1e-12 * np.abs(gaps).max()
    return Permutation(float((np.abs(signs @ gaps) >= size - rounding).mean()), True)


def permutation_test(values: np.ndarray, reference: np.ndarray) -> Permutation:
    """Two-sided permutation test of the difference of means."""
    n, m = len(values), len(reference)
    if not (n and m):
        return Permutation(nan, True)
    gap = abs(values.mean() - reference.mean()) * (1 - 1e-12)
    pooled_values = np.concatenate([values, reference])
    if comb(n + m, n) > MAX_PERMUTATIONS:
        return Permutation(_normal_permutation_p(pooled_values, n, m, gap), False)
    chosen = np.array(list(combinations(range(n + m), n)))
    sums = pooled_values[chosen].sum(axis=1)
    gaps = np.abs(sums / n - (pooled_values.sum() - sums) / m)
    rounding = 1e-12 * np.abs(pooled_values).max()
    return Permutation(float((gaps >= gap - rounding).mean()), True)


def _normal_permutation_p(pooled_values: np.ndarray, n: int, m: int, gap: float) -> float:
    """The normal approximation, with the variance of a mean of n values drawn without replacement."""
    error = sqrt(pooled_values.var(ddof=1) * (1 / n + 1 / m))
    return float(2 * scipy.stats.norm.sf(gap / error)) if error > 0 else 1.0


def smallest_p(pair: Pair) -> float:
    """The smallest p that the randomization test of the pair can reach."""
    if pair.paired:
        return smallest_sign_flip_p(pair.n)
    return smallest_permutation_p(pair.arm.n, pair.reference.n)


def smallest_sign_flip_p(n: int) -> float:
    """The smallest p of n pairs: all signs equal, or all opposite."""
    return min(1.0, 2.0 ** (1 - n))


def smallest_permutation_p(n: int, m: int) -> float:
    """The smallest p that a permutation test of n against m runs can reach.

    There are C(n + m, n) ways to split the runs. With n = m the two most extreme splits are equally far apart.
    """
    extremes = 2 if n == m else 1
    return min(1.0, extremes / comb(n + m, n))


def paired_difference(pair: Pair) -> Paired | None:
    """Compare runs of equal seed; None if the arms share fewer than MIN_SEEDS seeds."""
    if len(pair.seeds) < MIN_SEEDS:
        return None
    estimate = pair.paired_estimate()
    of_arm, of_reference = pair.arm.only(pair.seeds).array, pair.reference.only(pair.seeds).array
    varies = min(np.ptp(of_arm), np.ptp(of_reference)) > 0
    correlation = float(np.corrcoef(of_arm, of_reference)[0, 1]) if varies else nan
    return Paired(len(pair.seeds), estimate.value, estimate.interval(), correlation)


def probability_of_improvement(values: np.ndarray, reference: np.ndarray, higher: bool) -> float:
    """The probability that a run of the arm beats a run of the reference; ties count as half.

    higher: True if a higher value is better.
    """
    if not (len(values) and len(reference)):
        return nan
    gaps = (values[:, None] - reference) * (1 if higher else -1)
    return float((gaps > 0).mean() + (gaps == 0).mean() / 2)


def hedges_g(values: np.ndarray, reference: np.ndarray) -> float:
    """The difference of means divided by the root mean square of the two SDs, corrected for small-sample bias."""
    n, m = len(values), len(reference)
    if not (n and m and n + m > 3):
        return nan
    pooled = (intervals.variance(values) + intervals.variance(reference)) / 2
    if not pooled > 0:
        return nan
    return float((values.mean() - reference.mean()) / sqrt(pooled) * (1 - 3 / (4 * (n + m) - 9)))


def fisher_p(arm: Share, reference: Share) -> float:
    """Two-sided p for the null hypothesis that the runs of both sides diverge equally often."""
    table = np.array([[share.diverged, share.runs - share.diverged] for share in (arm, reference)])
    return float(scipy.stats.fisher_exact(table).pvalue)
