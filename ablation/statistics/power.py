"""Power, minimum detectable difference and sample size."""

from math import comb, sqrt

import numpy as np
from scipy import optimize, stats

from ablation.statistics.protocol import LEVEL, MIN_SEEDS, POWER

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


def minimum_detectable_effect(n: int, level: float = LEVEL, wanted: float = POWER) -> float:
    """The difference, in deviations, that n and n runs tell with the wanted power. Infinite for one run."""
    if n < 2:
        return float("inf")
    return float(optimize.brentq(lambda d: power(d, n, level) - wanted, 1e-6, 1e3))


def seeds_needed(difference: float, level: float = LEVEL, wanted: float = POWER) -> int | None:
    """The fewest seeds, from MIN_SEEDS, that tell a difference in deviations; None for more than MOST."""
    if difference <= 0 or minimum_detectable_effect(MOST, level, wanted) > difference:
        return None
    low, high = MIN_SEEDS, MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(difference, middle, level) >= wanted else (middle + 1, high)
    return low
