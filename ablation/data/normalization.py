"""`data.normalize`: the mapping from pixels to the network's input, (pixel - mean) / std. The engine applies it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PixelScale:
    """The mean to subtract from pixels and the std to divide them by, per channel: float32 (c,)."""

    mean: np.ndarray
    std: np.ndarray


def by_channel(mean: np.ndarray, std: np.ndarray) -> PixelScale:
    """Standardize each channel by the mean and standard deviation of the training images."""
    return PixelScale(mean, std)


def none(mean: np.ndarray, std: np.ndarray) -> PixelScale:
    """Divide by 255, independent of the training images."""
    return PixelScale(np.zeros_like(mean), np.full_like(std, 255))


NORMALIZATIONS = {"channel": by_channel, "none": none}
