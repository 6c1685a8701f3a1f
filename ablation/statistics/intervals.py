"""Confidence intervals of means and standard deviations."""

from collections.abc import Sequence
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy import special

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """An interval from low to high; both are nan if it is unknown."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


UNKNOWN = Interval(nan, nan)


def t_quantile(freedom, confidence: float = CONFIDENCE):
    """The two-sided quantile of Student's t. freedom: degrees of freedom, a number or an array."""
    return -special.stdtrit(freedom, (1 - confidence) / 2)


def mean_half_width(sd, n: int, confidence: float = CONFIDENCE):
    """Half the width of Student's t interval of a mean. sd: the sample SD of n values, a number or an array."""
    return t_quantile(n - 1, confidence) * sd / sqrt(n)


def mean_interval(values: np.ndarray | Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Student's t interval of the mean; UNKNOWN for a single value or if all values are equal."""
    if len(values) < 2 or not np.ptp(values) > 0:
        return UNKNOWN
    mean = float(np.mean(values))
    half_width = float(mean_half_width(np.std(values, ddof=1), len(values), confidence))
    return Interval(mean - half_width, mean + half_width)


def sd_interval(sd: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """The chi-square interval of a normal distribution's SD. sd: the sample SD (n - 1) of n values.

    n need not be an integer: it is one more than the degrees of freedom.
    """
    tail, freedom = (1 - confidence) / 2, n - 1
    low = sd * sqrt(freedom / (2 * special.gammainccinv(freedom / 2, tail)))
    high = sd * sqrt(freedom / (2 * special.gammaincinv(freedom / 2, tail)))
    return Interval(float(low), float(high))


def variance(values: np.ndarray) -> float:
    """Sample variance (n - 1); exactly 0 for a single value or if all values are equal."""
    if len(values) < 2 or not np.ptp(values) > 0:
        return 0.0
    return float(np.var(values, ddof=1))
