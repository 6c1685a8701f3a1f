"""What a number of seeds can tell: Welch's t over seeds, two-sided, Holm over a study's comparisons.

Differences are in deviations of one arm (Cohen 1988's d) where no unit is given. Both arms have n seeds.
"""

from collections.abc import Sequence
from math import comb, sqrt

import numpy as np
from scipy import optimize, stats

from ablation.compare.rules import FEWEST, LEVEL, POWER

MOST = 10_000  # seeds that anybody is told to train
_nodes, _weights = np.polynomial.legendre.leggauss(400)
SHARES, WEIGHTS = (_nodes + 1) / 2, _weights / 2  # integrate over (0, 1)


def smallest_p(n: int) -> float:
    """The least two-sided p of an exact permutation test between n and n runs: one of C(2n, n) ways, and its mirror."""
    return min(1.0, 2 / comb(2 * n, n))


def power(difference: float, n: int, level: float = LEVEL) -> float:
    """Chance that the t test between n and n runs tells a true difference: beyond the bounds of the noncentral t.

    Averaged over the deviation that the runs show, for SciPy's own noncentral t fails where differences are large.
    """
    freedom = 2 * n - 2
    bound = stats.t.ppf(1 - level / 2, freedom) * np.sqrt(stats.chi2.ppf(SHARES, freedom) / freedom)
    shift = difference * sqrt(n / 2)
    return float(WEIGHTS @ (stats.norm.sf(bound - shift) + stats.norm.cdf(-bound - shift)))


def detectable(n: int, level: float = LEVEL, wanted: float = POWER) -> float:
    """The difference, in deviations, that n and n runs tell with the wanted power. Infinite for one run."""
    if n < 2:
        return float("inf")
    return float(optimize.brentq(lambda d: power(d, n, level) - wanted, 1e-6, 1e3))


def seeds_needed(difference: float, level: float = LEVEL, wanted: float = POWER) -> int | None:
    """The fewest seeds, from FEWEST, that tell a difference in deviations; None for more than MOST."""
    if difference <= 0 or detectable(MOST, level, wanted) > difference:
        return None
    low, high = FEWEST, MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(difference, middle, level) >= wanted else (middle + 1, high)
    return low


def deviation_interval(deviation: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
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
