"""Power, minimum detectable difference and sample size."""

from collections.abc import Sequence
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
import scipy

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import satterthwaite
from ablation.statistics.intervals import sd_interval
from ablation.statistics.protocol import LEVEL, MIN_SEEDS, POWER

MAX_SEEDS = 10_000  # larger numbers of seeds are not reported
_GAUSS_LEGENDRE = np.polynomial.legendre.leggauss(400)
QUANTILES, WEIGHTS = (_GAUSS_LEGENDRE[0] + 1) / 2, _GAUSS_LEGENDRE[1] / 2  # nodes and weights on (0, 1)


class SeedRange(NamedTuple):
    """The lowest and highest number of seeds that may be needed; None means more than MAX_SEEDS."""

    fewest: int | None
    most: int | None


def power(difference: float, n: int, level: float = LEVEL) -> float:
    """Power of a t-test of n against n runs. difference: the true difference in standard deviations.

    Integrates the normal power over the distribution of the sample SD: SciPy's noncentral t fails at large differences.
    """
    freedom = 2 * n - 2
    bound = scipy.stats.t.ppf(1 - level / 2, freedom) * np.sqrt(scipy.stats.chi2.ppf(QUANTILES, freedom) / freedom)
    shift = difference * sqrt(n / 2)
    return float(WEIGHTS @ (scipy.stats.norm.sf(bound - shift) + scipy.stats.norm.cdf(-bound - shift)))


def minimum_detectable_effect(n: int, level: float = LEVEL, target: float = POWER) -> float:
    """The difference, in SDs, that n against n runs detect with the target power; infinite for a single run."""
    if n < 2:
        return inf

    def excess_power(difference: float) -> float:
        return power(difference, n, level) - target

    return float(scipy.optimize.root_scalar(excess_power, bracket=(1e-6, 1e3), method="brentq").root)


def seeds_needed(difference: float, level: float = LEVEL, target: float = POWER) -> int | None:
    """The lowest number of seeds, at least MIN_SEEDS, that detects the difference; None if more than MAX_SEEDS.

    difference: in standard deviations. level: two-sided. target: the power.
    """
    if difference <= 0 or minimum_detectable_effect(MAX_SEEDS, level, target) > difference:
        return None
    low, high = MIN_SEEDS, MAX_SEEDS
    while low < high:
        middle = (low + high) // 2
        if power(difference, middle, level) >= target:
            high = middle
        else:
            low = middle + 1
    return low


def seeds_to_detect(difference: float, arms: Sequence[Arm], level: float) -> SeedRange:
    """The number of seeds per arm that detects a difference, at both ends of the 95 % CI of the arms' common SD.

    The common SD is the root of the mean variance, with Satterthwaite's degrees of freedom. Arms with a single run are
    ignored. Raises ValueError if no arm has two runs.
    """
    replicated = [arm for arm in arms if arm.n > 1]
    if not replicated:
        raise ValueError("no arm has two runs")
    total = sum(arm.variance for arm in replicated)
    if total > 0:
        shares = [arm.variance / total for arm in replicated]
        freedom = satterthwaite(shares, [arm.n for arm in replicated])
    else:
        freedom = sum(arm.n - 1 for arm in replicated)
    resolution = max(arm.resolution for arm in arms)
    interval = sd_interval(sqrt(total / len(replicated)), 1 + freedom)
    return SeedRange(*(_seeds(difference, max(sd, resolution), level) for sd in interval))


def _seeds(difference: float, sd: float, level: float) -> int | None:
    return seeds_needed(difference / sd, level) if sd > 0 else MIN_SEEDS
