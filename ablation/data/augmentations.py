"""Augmentations of a batch, drawn per image."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

PAD = 4  # pixels on each side (He et al. 2015, section 4.2)


class Draws(NamedTuple):
    """The random draws of each image: crop offsets (b, 2) from 0 to 2 PAD, and whether it is flipped, bool (b,)."""

    offsets: np.ndarray
    flips: np.ndarray


def none(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """The pixels as they are."""
    return pixels


def crop(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """Pad with zeros and crop at each image's offset: `crop_flip` without the flip."""
    return crop_flip(pixels, Draws(draws.offsets, np.zeros_like(draws.flips)))


def flip(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """Flip horizontally, each image with probability 0.5: `crop_flip` without the crop."""
    return np.where(draws.flips[:, None, None, None], pixels[:, :, ::-1], pixels)


def crop_flip(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """Pad with zeros, crop at each image's offset, then flip horizontally with probability 0.5."""
    _, height, width, _ = pixels.shape
    padded = np.pad(pixels, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
    columns = np.arange(width)
    columns = np.where(draws.flips[:, None], columns[::-1], columns) + draws.offsets[:, 1:]
    rows = np.arange(height) + draws.offsets[:, :1]
    return padded[np.arange(len(pixels))[:, None, None], rows[:, :, None], columns[:, None, :]]


def cutout(pixels: np.ndarray, centres: np.ndarray, side: int, blank: np.ndarray) -> np.ndarray:
    """Set a square to blank, uint8 (c,), around each image's centre (b, 2); it may reach beyond the border.

    DeVries & Taylor 2017, arXiv 1708.04552, section 3.2. With the training mean as blank, the network sees 0 there, up
    to the rounding of the mean to a whole pixel value. A square of even side reaches one pixel further up and left.
    """
    rows = _span(centres[:, 0], side, pixels.shape[1])
    columns = _span(centres[:, 1], side, pixels.shape[2])
    square = rows[:, :, None] & columns[:, None, :]
    return np.where(square[..., None], blank, pixels)


def _span(centres: np.ndarray, side: int, length: int) -> np.ndarray:
    """Which of `length` rows or columns each image's square covers, bool (b, length)."""
    first = (centres - side // 2)[:, None]
    places = np.arange(length)
    return (places >= first) & (places < first + side)


# data.augment -> augment(pixels uint8 (b, h, w, c), draws) -> the same shape and dtype
AUGMENTS: dict[str, Callable[[np.ndarray, Draws], np.ndarray]] = {
    "none": none,
    "crop": crop,
    "flip": flip,
    "crop_flip": crop_flip,
}
