"""Augmentations of a batch, drawn per image."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

PAD = 4  # pixels on each side (He et al. 2015, section 4.2)


class Draws(NamedTuple):
    """The random draws for each image: crop offsets, int (b, 2), from 0 to 2 * PAD; flips, bool (b,)."""

    offsets: np.ndarray
    flips: np.ndarray


def none(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """Return the pixels unchanged."""
    return pixels


def crop(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """Pad with zeros and crop at each image's offset."""
    return crop_flip(pixels, Draws(draws.offsets, np.zeros_like(draws.flips)))


def flip(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """Flip horizontally with probability 0.5."""
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
    """Set a square in each image to `blank` (DeVries & Taylor 2017, arXiv 1708.04552, section 3.2).

    centres: int (b, 2); the square may extend beyond the border. side: in pixels; a square of even side extends one
    pixel further up and left. blank: uint8 (c,); with the training mean the network sees about 0, because the mean is
    rounded to an integer.
    """
    rows = _span(centres[:, 0], side, pixels.shape[1])
    columns = _span(centres[:, 1], side, pixels.shape[2])
    square = rows[:, :, None] & columns[:, None, :]
    return np.where(square[..., None], blank, pixels)


def _span(centres: np.ndarray, side: int, length: int) -> np.ndarray:
    """The rows or columns that each image's square covers: bool (b, length)."""
    first = (centres - side // 2)[:, None]
    positions = np.arange(length)
    return (positions >= first) & (positions < first + side)


# {value of data.augment: function of (pixels uint8 (b, h, w, c), draws) that keeps shape and dtype}
AUGMENTS: dict[str, Callable[[np.ndarray, Draws], np.ndarray]] = {
    "none": none,
    "crop": crop,
    "flip": flip,
    "crop_flip": crop_flip,
}
