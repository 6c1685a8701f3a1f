"""Supplementary statistics of two arms: they stand beside a verdict and never decide it.

Permutations (Fisher 1935), runs paired by seed, the probability of improvement (Agarwal et al. 2021) and Hedges' g.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb, nan, sqrt

import numpy as np
from scipy import stats

from ablation.statistics import intervals
from ablation.statistics.intervals import Interval
from ablation.statistics.protocol import MIN_SEEDS

MAX_PERMUTATIONS = 200_000  # all of them are tried up to here; beyond, their distribution is taken to be normal


@dataclass(frozen=True)
class Permutation:
    """A permutation test. exhaustive: whether every permutation was tried."""

    p: float
    exhaustive: bool


@dataclass(frozen=True)
class Paired:
    """Runs of equal seed: n of them, their mean difference with its 95 % CI, and the correlation of the two sides.

    correlation: nan where one side does not vary.
    """

    n: int
    difference: float
    interval: Interval
    correlation: float


def permutation_test(values: np.ndarray, reference: np.ndarray) -> Permutation:
    """Two-sided test of the difference of means over all ways to divide the runs among the two arms."""
    n, m = len(values), len(reference)
    if not (n and m):
        return Permutation(nan, True)
    gap = abs(values.mean() - reference.mean()) * (1 - 1e-12)
    together = np.concatenate([values, reference])
    if comb(n + m, n) > MAX_PERMUTATIONS:
        return Permutation(_normal_permutation_p(together, n, m, gap), False)
    chosen = np.array(list(combinations(range(n + m), n)))
    sums = together[chosen].sum(axis=1)
    gaps = np.abs(sums / n - (together.sum() - sums) / m)
    rounding = 1e-12 * np.abs(together).max()
    return Permutation(float((gaps >= gap - rounding).mean()), True)


def _normal_permutation_p(together: np.ndarray, n: int, m: int, gap: float) -> float:
    """By the variance of a mean of n values drawn from all, without replacement."""
    error = sqrt(together.var(ddof=1) * (1 / n + 1 / m))
    return float(2 * stats.norm.sf(gap / error)) if error > 0 else 1.0


def smallest_permutation_p(n: int, m: int) -> float:
    """The least p that a permutation test between n and m runs can reach.

    One of C(n + m, n) divisions; of arms of equal size its mirror image lies as far apart.
    """
    extremes = 2 if n == m else 1
    return min(1.0, extremes / comb(n + m, n))


def paired_difference(values: Mapping[int, float], reference: Mapping[int, float]) -> Paired | None:
    """Compare runs of equal seed; None with fewer than MIN_SEEDS common seeds."""
    seeds = sorted(values.keys() & reference.keys())
    if len(seeds) < MIN_SEEDS:
        return None
    own = np.array([values[seed] for seed in seeds])
    other = np.array([reference[seed] for seed in seeds])
    gaps, n = own - other, len(seeds)
    mean, half_width = float(gaps.mean()), float(intervals.mean_half_width(gaps.std(ddof=1), n))
    varies = min(np.ptp(own), np.ptp(other)) > 0
    correlation = float(np.corrcoef(own, other)[0, 1]) if varies else nan
    return Paired(n, mean, Interval(mean - half_width, mean + half_width), correlation)


def probability_of_improvement(values: np.ndarray, reference: np.ndarray, higher: bool) -> float:
    """The chance that a run of the arm is better than one of the reference; equal runs count as half.

    higher: whether a higher value is better.
    """
    if not (len(values) and len(reference)):
        return nan
    gaps = (values[:, None] - reference) * (1 if higher else -1)
    return float((gaps > 0).mean() + (gaps == 0).mean() / 2)


def hedges_g(values: np.ndarray, reference: np.ndarray) -> float:
    """The difference in units of the root mean square of both SDs, corrected for its bias in small samples."""
    n, m = len(values), len(reference)
    if not (n and m and n + m > 3):
        return nan
    pooled = (intervals.variance(values) + intervals.variance(reference)) / 2
    if not pooled > 0:
        return nan
    return float((values.mean() - reference.mean()) / sqrt(pooled) * (1 - 3 / (4 * (n + m) - 9)))
