"""data.normalize: what maps pixels to the network's input, (pixel - mean) / std. The engine applies it to a batch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PixelScale:
    """What is subtracted from pixels, and what they are divided by: per channel, float32 (c,)."""

    mean: np.ndarray
    std: np.ndarray


def by_channel(mean: np.ndarray, std: np.ndarray) -> PixelScale:
    """Standardize each channel by the mean and standard deviation of the training images."""
    return PixelScale(mean, std)


def none(mean: np.ndarray, std: np.ndarray) -> PixelScale:
    """Divide by 255, whatever the training images are."""
    return PixelScale(np.zeros_like(mean), np.full_like(std, 255))


NORMALIZATIONS = {"channel": by_channel, "none": none}
