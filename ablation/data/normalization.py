"""`data.normalize`: the mapping from pixels to the network's input, (pixel - mean) / std. The engine applies it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ablation.data.dataset import Dataset


@dataclass(frozen=True)
class PixelScale:
    """The mean to subtract from pixels and the std to divide them by, per channel: float32 (c,).

    dtype: of the pixels, `uint8` or `float32`.
    """

    mean: np.ndarray
    std: np.ndarray
    dtype: str = "uint8"


def by_channel(images: Dataset) -> PixelScale:
    """Standardize each channel by the mean and standard deviation of the training examples."""
    return PixelScale(images.mean, images.std, str(images.train.pixels.dtype))


def none(images: Dataset) -> PixelScale:
    """Divide the pixels of images by 255, and leave other arrays as they are, independent of the training examples."""
    largest = 255 if images.is_image else 1
    dtype = str(images.train.pixels.dtype)
    return PixelScale(np.zeros_like(images.mean), np.full_like(images.std, largest), dtype)


NORMALIZATIONS: dict[str, Callable[[Dataset], PixelScale]] = {"channel": by_channel, "none": none}
