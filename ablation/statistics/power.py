"""Power, minimum detectable difference and sample size."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import inf, nan, sqrt
from typing import NamedTuple

import numpy as np
import scipy
from scipy import special

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate, satterthwaite
from ablation.statistics.intervals import sd_interval, t_quantile
from ablation.statistics.protocol import LEVEL, MIN_SEEDS, POWER

MAX_SEEDS = 10_000  # larger numbers of seeds are not reported
_GAUSS_LEGENDRE = np.polynomial.legendre.leggauss(400)
QUANTILES, WEIGHTS = (_GAUSS_LEGENDRE[0] + 1) / 2, _GAUSS_LEGENDRE[1] / 2  # nodes and weights on (0, 1)


class SeedRange(NamedTuple):
    """The lowest and highest number of seeds that may be needed; None means more than MAX_SEEDS."""

    fewest: int | None
    most: int | None


def power(difference: float, n: int, level: float = LEVEL, paired: bool = False) -> float:
    """Power of a t-test of n against n runs. difference: the true difference in standard deviations of one run.

    paired: True for the test of differences by seed, here of uncorrelated runs, which it suits least.
    """
    return t_power(difference * sqrt(n / 2), n - 1 if paired else 2 * n - 2, level)


def t_power(shift: float, freedom: float, level: float) -> float:
    """Power of a two-sided t-test. shift: the true difference in standard errors. freedom: degrees of freedom.

    Integrates the normal power over the distribution of the sample SD: SciPy's noncentral t fails at large differences.
    """
    bound = t_quantile(freedom, 1 - level) * _sample_sds(freedom)
    return float(WEIGHTS @ (special.ndtr(shift - bound) + special.ndtr(-bound - shift)))


@lru_cache(maxsize=1024)
def _sample_sds(freedom: float) -> np.ndarray:
    """float64 (nodes,): quantiles of the sample SD, in true SDs. They take most of the time of a power."""
    return np.sqrt(2 * special.gammaincinv(freedom / 2, QUANTILES) / freedom)


def minimum_detectable_effect(n: int, level: float = LEVEL, target: float = POWER, paired: bool = False) -> float:
    """The difference, in SDs, that n against n runs detect with the target power; infinite for a single run.

    paired: as in `power`.
    """
    if n < 2:
        return inf

    def excess_power(difference: float) -> float:
        return power(difference, n, level, paired) - target

    return _root(excess_power)


def seeds_needed(difference: float, level: float = LEVEL, target: float = POWER, paired: bool = False) -> int | None:
    """The lowest number of seeds, at least MIN_SEEDS, that detects the difference; None if more than MAX_SEEDS.

    difference: in standard deviations. level: two-sided. target: the power. paired: as in `power`.
    """

    def is_enough(seeds: int) -> bool:
        return power(difference, seeds, level, paired) >= target

    return _lowest(is_enough)


def detectable_difference(estimate: Estimate, level: float, target: float = POWER) -> float:
    """The smallest difference that the test behind an estimate detects with the target power; nan if unknown."""
    if not estimate.standard_error > 0:
        return nan

    def excess_power(shift: float) -> float:
        return t_power(shift, estimate.freedom, level) - target

    return _root(excess_power) * estimate.standard_error


def _root(increasing: Callable[[float], float]) -> float:
    """The positive root of a function that is negative at 0."""
    low, high = 0.0, 1.0
    while increasing(high) < 0:
        low, high = high, 2 * high
    return float(scipy.optimize.brentq(increasing, low, high))


@lru_cache(maxsize=1024)
def seeds_to_detect(difference: float, estimate: Estimate, n: int, level: float) -> SeedRange | None:
    """The number of seeds that detects a difference, at both ends of the 95 % CI of the standard error's SD.

    estimate: from n seeds. With m seeds, its variance is n / m times as large, and its degrees of freedom grow in
    proportion to m - 1. None if the standard error is unknown.
    """
    if not estimate.standard_error > 0 or n < 2:
        return None
    errors = sd_interval(estimate.standard_error, 1 + estimate.freedom)
    return SeedRange(*(_seeds(difference, Estimate(0.0, error, estimate.freedom), n, level) for error in errors))


def _seeds(difference: float, estimate: Estimate, n: int, level: float) -> int | None:
    """The lowest number of seeds, at least MIN_SEEDS, with the target power; None if more than MAX_SEEDS."""

    def is_enough(seeds: int) -> bool:
        shift = difference / (estimate.standard_error * sqrt(n / seeds))
        return t_power(shift, estimate.freedom * (seeds - 1) / (n - 1), level) >= POWER

    quantiles = special.ndtri(1 - level / 2) + special.ndtri(POWER)
    with_known_sd = n * (estimate.standard_error * quantiles / difference) ** 2 if difference else inf
    return _lowest(is_enough, at_least=int(min(MAX_SEEDS, with_known_sd)))


def _lowest(is_enough: Callable[[int], bool], at_least: int = MIN_SEEDS) -> int | None:
    """The lowest number from MIN_SEEDS to MAX_SEEDS that is enough; None if none is.

    at_least: a number that none below it can be enough; the search is fast if it is close.
    """
    low, step = max(MIN_SEEDS, at_least), 1
    high = low
    while not is_enough(high):
        if high == MAX_SEEDS:
            return None
        low, high, step = high + 1, min(MAX_SEEDS, high + step), 2 * step
    while low < high:
        middle = (low + high) // 2
        if is_enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


def seeds_for_common_sd(difference: float, arms: Sequence[Arm], level: float) -> SeedRange:
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
    fewest, most = sd_interval(sqrt(total / len(replicated)), 1 + freedom)
    return SeedRange(
        _seeds_for_sd(difference, max(fewest, resolution), level),
        _seeds_for_sd(difference, max(most, resolution), level),
    )


def _seeds_for_sd(difference: float, sd: float, level: float) -> int | None:
    return seeds_needed(difference / sd, level) if sd > 0 else MIN_SEEDS
