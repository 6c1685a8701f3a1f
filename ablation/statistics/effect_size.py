"""What stands beside a verdict and never takes its place, of two arms given by their values.

Runs paired by seed, permutations (Fisher 1935), the probability of improvement (Agarwal et al. 2021) and Hedges' g.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb, nan, sqrt

import numpy as np
from scipy import stats

from ablation.statistics import intervals
from ablation.statistics.protocol import MIN_SEEDS

ALL = 200_000  # regroupings that are all gone through; more are taken to be normal


@dataclass(frozen=True)
class Paired:
    """Runs of equal seed: mean difference, its 95 % interval, and the correlation of the seeds (nan without spread)."""

    n: int
    difference: float
    interval: tuple[float, float]
    correlation: float


def regrouped(one: np.ndarray, other: np.ndarray) -> tuple[float, bool]:
    """Two-sided p of the difference of means over regroupings of all runs, and whether all were tried."""
    n, m = len(one), len(other)
    if not (n and m):
        return nan, True
    values, gap = np.concatenate([one, other]), abs(one.mean() - other.mean()) * (1 - 1e-12)
    if comb(n + m, n) > ALL:  # by the variance of a mean of n drawn from all, without replacement
        error = sqrt(values.var(ddof=1) * (1 / n + 1 / m))
        return (float(2 * stats.norm.sf(gap / error)) if error > 0 else 1.0), False
    chosen = np.array(list(combinations(range(n + m), n)))
    sums = values[chosen].sum(axis=1)
    gaps = np.abs(sums / n - (values.sum() - sums) / m)
    return float((gaps >= gap - 1e-12 * np.abs(values).max()).mean()), True


def paired(one: Mapping[int, float], other: Mapping[int, float]) -> Paired | None:
    """By seed; None of fewer than MIN_SEEDS common ones."""
    seeds = sorted(one.keys() & other.keys())
    if len(seeds) < MIN_SEEDS:
        return None
    a, b = (np.array([values[seed] for seed in seeds]) for values in (one, other))
    gaps, n = a - b, len(seeds)
    half, mean = float(stats.t.ppf(0.975, n - 1) * gaps.std(ddof=1) / sqrt(n)), float(gaps.mean())
    spread = min(np.ptp(a), np.ptp(b)) > 0
    return Paired(n, mean, (mean - half, mean + half), float(np.corrcoef(a, b)[0, 1]) if spread else nan)


def improvement(one: np.ndarray, other: np.ndarray, higher: bool) -> float:
    """The chance that a run of one is better than one of the other; half of it where they are equal."""
    if not (len(one) and len(other)):
        return nan
    gaps = (one[:, None] - other) * (1 if higher else -1)
    return float((gaps > 0).mean() + (gaps == 0).mean() / 2)


def effect(one: np.ndarray, other: np.ndarray) -> float:
    """Hedges' g, by the root mean square of both deviations; of few runs a standardised difference is too large."""
    runs, spread = len(one) + len(other), (intervals.variance(one) + intervals.variance(other)) / 2
    if not (len(one) and len(other) and runs > 3 and spread > 0):
        return nan
    return float((one.mean() - other.mean()) / sqrt(spread) * (1 - 3 / (4 * runs - 9)))
