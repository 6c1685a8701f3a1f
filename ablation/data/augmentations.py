"""Augmentations of a batch, drawn per image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

PAD = 4  # pixels on each side (He et al. 2015, section 4.2)


@dataclass(frozen=True)
class FillColours:
    """The colours that augmentations fill in, uint8 (c,). padding: around a crop. cutout: of the square."""

    padding: np.ndarray
    cutout: np.ndarray


def fill_colours(pad: str, mean: np.ndarray) -> FillColours:
    """The colours for `data.pad`. mean: of the training images, float32 (c,), from 0 to 255.

    The papers pad inputs from which the mean is subtracted (He et al. 2015, section 4.2), and pad them with zeros
    (fb.resnet.torch, which Gastaldi 2017 trains with): this is padding with the mean. The network sees about 0, because
    the mean is rounded to an integer.
    """
    rounded = np.rint(mean).astype("uint8")
    return FillColours(padding=PADS[pad](rounded), cutout=rounded)


def _mean(mean: np.ndarray) -> np.ndarray:
    return mean


def _black(mean: np.ndarray) -> np.ndarray:
    return np.zeros_like(mean)


class Draws(NamedTuple):
    """The random draws for each image: crop offsets, int (b, 2), from 0 to 2 * PAD; flips, bool (b,)."""

    offsets: np.ndarray
    flips: np.ndarray


def none(pixels: np.ndarray, draws: Draws, padding: np.ndarray) -> np.ndarray:
    """Return the pixels unchanged."""
    return pixels


def crop(pixels: np.ndarray, draws: Draws, padding: np.ndarray) -> np.ndarray:
    """Pad with a colour, uint8 (c,), and crop at each image's offset."""
    return crop_flip(pixels, Draws(draws.offsets, np.zeros_like(draws.flips)), padding)


def flip(pixels: np.ndarray, draws: Draws, padding: np.ndarray) -> np.ndarray:
    """Flip horizontally with probability 0.5."""
    flipped = pixels.copy()
    flipped[draws.flips] = _flipped(pixels[draws.flips])
    return flipped


def crop_flip(pixels: np.ndarray, draws: Draws, padding: np.ndarray) -> np.ndarray:
    """Pad with a colour, uint8 (c,), crop at each image's offset, then flip horizontally with probability 0.5."""
    count, height, width, channels = pixels.shape
    padded = np.empty((count, height + 2 * PAD, (width + 2 * PAD) * channels), "uint8")  # rows as flat bytes
    padded[:] = np.tile(padding, width + 2 * PAD)
    inner = padded[:, PAD:-PAD, PAD * channels : -PAD * channels]
    inner[:] = pixels.reshape(count, height, -1)
    inner[draws.flips] = _flipped(pixels[draws.flips]).reshape(-1, height, width * channels)
    # To crop an image and flip the crop is to crop the flipped image at the same distance from its other side.
    rows, columns = draws.offsets.T
    columns = np.where(draws.flips, 2 * PAD - columns, columns)
    crops = sliding_window_view(padded, (height, width * channels), axis=(1, 2))[:, :, ::channels]
    return crops[np.arange(count), rows, columns].reshape(pixels.shape)


def _flipped(pixels: np.ndarray) -> np.ndarray:
    """The pixels with the columns in reverse order. NumPy copies a channel faster than runs of a few bytes."""
    flipped = np.empty_like(pixels)
    for channel in range(pixels.shape[-1]):
        flipped[..., channel] = pixels[:, :, ::-1, channel]
    return flipped


def cutout(pixels: np.ndarray, centres: np.ndarray, side: int, blank: np.ndarray) -> np.ndarray:
    """Set a square in each image to `blank` (DeVries & Taylor 2017, arXiv 1708.04552, section 3.2).

    centres: int (b, 2); the square may extend beyond the border. side: in pixels; a square of even side extends one
    pixel further up and left. blank: uint8 (c,).
    """
    count, height, width, channels = pixels.shape
    rows = _span(centres[:, 0], side, height)
    columns = np.repeat(_span(centres[:, 1], side, width), channels, axis=1)
    square = rows[:, :, None] & columns[:, None, :]
    cut = pixels.copy()
    np.copyto(cut.reshape(count, height, -1), np.tile(blank, width), where=square)  # rows as flat bytes
    return cut


def _span(centres: np.ndarray, side: int, length: int) -> np.ndarray:
    """The rows or columns that each image's square covers: bool (b, length)."""
    first = (centres - side // 2)[:, None]
    positions = np.arange(length)
    return (positions >= first) & (positions < first + side)


# {value of data.augment: function of (pixels uint8 (b, h, w, c), draws, padding uint8 (c,)) that keeps shape and dtype}
AUGMENTS: dict[str, Callable[[np.ndarray, Draws, np.ndarray], np.ndarray]] = {
    "none": none,
    "crop": crop,
    "flip": flip,
    "crop_flip": crop_flip,
}
# {value of data.pad: function of the rounded mean, uint8 (c,), that returns a colour}
PADS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"mean": _mean, "black": _black}
