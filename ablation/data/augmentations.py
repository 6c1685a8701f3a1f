"""Augmentations of a batch, drawn per image."""

from typing import NamedTuple

import numpy as np

PAD = 4  # pixels on each side (He et al. 2015, section 4.2)


class Draws(NamedTuple):
    """What chance decides for each image: crop offsets (b, 2) in 0 … 2 PAD, and whether it is mirrored, bool (b,)."""

    offsets: np.ndarray
    flips: np.ndarray


def none(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """The pixels as they are."""
    return pixels


def crop(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """The crops of `crop_flip`, and no mirror."""
    return crop_flip(pixels, draws.offsets, np.zeros_like(draws.flips))


def flip(pixels: np.ndarray, draws: Draws) -> np.ndarray:
    """The mirrors of `crop_flip`, and no crop."""
    return np.where(draws.flips[:, None, None, None], pixels[:, :, ::-1], pixels)


def crop_flip(pixels: np.ndarray, offsets: np.ndarray, flips: np.ndarray) -> np.ndarray:
    """Pad with zeros, crop at each image's offset (b, 2), mirror where its flip (b,) is true."""
    _, height, width, _ = pixels.shape
    padded = np.pad(pixels, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
    columns = np.arange(width)
    columns = np.where(flips[:, None], columns[::-1], columns) + offsets[:, 1:]
    rows = np.arange(height) + offsets[:, :1]
    return padded[np.arange(len(pixels))[:, None, None], rows[:, :, None], columns[:, None, :]]


def cutout(pixels: np.ndarray, centres: np.ndarray, side: int, blank: np.ndarray) -> np.ndarray:
    """Set a square to blank, uint8 (c,), around each image's centre (b, 2); it may reach over the border.

    DeVries & Taylor 2017, arXiv 1708.04552, section 3.2. With the training mean as blank it is 0 to the network, but
    for the mean's rounding to a whole pixel value. An even side has one pixel less behind its centre than before it.
    """
    first = centres - side // 2
    rows, columns = (
        (np.arange(length) >= start[:, None]) & (np.arange(length) < start[:, None] + side)
        for length, start in zip(pixels.shape[1:3], first.T, strict=True)
    )
    return np.where((rows[:, :, None] & columns[:, None, :])[..., None], blank, pixels)


# data.augment -> augment(pixels uint8 (b, h, w, c), draws) -> the same shape and type
AUGMENTS = {
    "none": none,
    "crop": crop,
    "flip": flip,
    "crop_flip": lambda pixels, draws: crop_flip(pixels, *draws),
}
