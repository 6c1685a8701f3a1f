"""`data.normalize`: the mapping from pixels to the network's input, (pixel - mean) / std. The engine applies it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PixelScale:
    """The mean to subtract from pixels and the std to divide them by, per channel: float32 (c,).

    dtype: of the pixels, `uint8` or `float32`.
    """

    mean: np.ndarray
    std: np.ndarray
    dtype: str = "uint8"


def by_channel(mean: np.ndarray, std: np.ndarray, is_image: bool = True) -> PixelScale:
    """Standardize each channel by the mean and standard deviation of the training examples."""
    return PixelScale(mean, std)


def none(mean: np.ndarray, std: np.ndarray, is_image: bool = True) -> PixelScale:
    """Divide the pixels of images by 255, and leave other arrays as they are, independent of the training examples."""
    return PixelScale(np.zeros_like(mean), np.full_like(std, 255 if is_image else 1))


NORMALIZATIONS = {"channel": by_channel, "none": none}
