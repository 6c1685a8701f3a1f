"""Confidence intervals of means and standard deviations."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy import stats


def sd_interval(deviation: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Where the true deviation of a normal lies, from the deviation (n - 1) of n runs, by the chi-square law."""
    tail, freedom = (1 - confidence) / 2, n - 1
    low, high = (deviation * sqrt(freedom / stats.chi2.ppf(q, freedom)) for q in (1 - tail, tail))
    return float(low), float(high)


def variance(values: np.ndarray) -> float:
    """Of the sample (n - 1); 0 of a lone value, and where all are equal, to the last bit."""
    return float(np.var(values, ddof=1)) if len(values) > 1 and np.ptp(values) > 0 else 0.0


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Student's t interval of the mean; (nan, nan) for one value, and where no value differs from another."""
    if len(values) < 2 or not np.ptp(values) > 0:
        return float("nan"), float("nan")
    mean, n = float(np.mean(values)), len(values)
    half = float(stats.t.ppf((1 + confidence) / 2, n - 1) * np.std(values, ddof=1) / sqrt(n))
    return mean - half, mean + half


def paired(mean: float, error: float, n: int) -> tuple[float, float]:
    """Half of the 95 % interval of a mean of n differences with its standard error, and the p of its being nothing."""
    return float(stats.t.ppf(0.975, n - 1)) * error, float(2 * stats.t.sf(abs(mean) / error, n - 1))
