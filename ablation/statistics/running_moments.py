"""Mean and variance of the first n values, for every n, as interim looks need them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RunningMoments:
    """means, variances: float64 (values,); entry n - 1 belongs to the first n values. A single value has variance 0."""

    means: np.ndarray
    variances: np.ndarray


def running_moments(values: np.ndarray) -> RunningMoments:
    """Compute the moments in two passes, without cancellation. values: float64 (n,).

    A variance (n - 1) is exactly 0 where all values so far are equal.
    """
    counts = np.arange(1, len(values) + 1)
    means = np.cumsum(values) / counts
    deviations = values[None, :] - means[:, None]  # row n - 1: from the mean of the first n values
    # Sums run in order, so that later values change no bit of them.
    sums = (deviations**2).cumsum(axis=1).diagonal()
    variances = sums / np.maximum(counts - 1, 1)
    varies = np.maximum.accumulate(values) > np.minimum.accumulate(values)
    return RunningMoments(means, np.where(varies, variances, 0.0))
