"""Power, minimum detectable difference and sample size."""

from collections.abc import Sequence
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import satterthwaite
from ablation.statistics.intervals import sd_interval
from ablation.statistics.protocol import LEVEL, MIN_SEEDS, POWER

MAX_SEEDS = 10_000  # beyond this no number of seeds is named
_GAUSS_LEGENDRE = np.polynomial.legendre.leggauss(400)
QUANTILES, WEIGHTS = (_GAUSS_LEGENDRE[0] + 1) / 2, _GAUSS_LEGENDRE[1] / 2  # to integrate over (0, 1)


class SeedRange(NamedTuple):
    """The fewest and the most seeds that may be needed; None stands for more than MAX_SEEDS."""

    fewest: int | None
    most: int | None


def power(difference: float, n: int, level: float = LEVEL) -> float:
    """Chance that a t test between n and n runs detects a true difference, given in standard deviations.

    The noncentral t, integrated over the SD that the runs may show, because SciPy's own fails for large differences.
    """
    freedom = 2 * n - 2
    bound = stats.t.ppf(1 - level / 2, freedom) * np.sqrt(stats.chi2.ppf(QUANTILES, freedom) / freedom)
    shift = difference * sqrt(n / 2)
    return float(WEIGHTS @ (stats.norm.sf(bound - shift) + stats.norm.cdf(-bound - shift)))


def minimum_detectable_effect(n: int, level: float = LEVEL, target: float = POWER) -> float:
    """The difference in standard deviations that n and n runs detect with the target power; infinite for one run."""
    if n < 2:
        return inf

    def excess_power(difference: float) -> float:
        return power(difference, n, level) - target

    return float(optimize.root_scalar(excess_power, bracket=(1e-6, 1e3), method="brentq").root)


def seeds_needed(difference: float, level: float = LEVEL, target: float = POWER) -> int | None:
    """The fewest seeds, from MIN_SEEDS, that detect a difference in standard deviations; None above MAX_SEEDS."""
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
    """How many seeds of each arm detect a difference, by where the arms' common SD may lie (95 %).

    The SD is the root of the mean variance, with as many degrees of freedom as the variances give together. Arms of a
    single run say nothing. Raises ValueError without an arm of two runs.
    """
    known = [arm for arm in arms if arm.n > 1]
    if not known:
        raise ValueError("no arm has two runs")
    total = sum(arm.variance for arm in known)
    if total > 0:
        shares = [arm.variance / total for arm in known]
        freedom = satterthwaite(shares, [arm.n for arm in known])
    else:
        freedom = sum(arm.n - 1 for arm in known)
    resolution = max(arm.resolution for arm in arms)
    interval = sd_interval(sqrt(total / len(known)), 1 + freedom)
    return SeedRange(*(_seeds(difference, max(sd, resolution), level) for sd in interval))


def _seeds(difference: float, sd: float, level: float) -> int | None:
    return seeds_needed(difference / sd, level) if sd > 0 else MIN_SEEDS
