"""The training batches as a pure function of the step: nothing to save or rewind, the same for every engine."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ablation import plugins, streams
from ablation.data import Images

PAD = 4  # pixels on each side (He et al. 2015, section 4.2)


class Draws(NamedTuple):
    """What chance decides for each image: crop offsets (b, 2) in 0 … 2 PAD, and whether it is mirrored, bool (b,)."""

    offsets: np.ndarray
    flips: np.ndarray


class Feed:
    """Every image exactly once an epoch, in an order drawn anew from (seed, epoch); the last batch may be short."""

    def __init__(
        self,
        images: Images,
        seed: int,
        batch_size: int,
        augment: str,
        cutout_size: int = 0,
        blank: np.ndarray | None = None,
        mixup_alpha: float = 0.0,
    ):
        """augment: a name in AUGMENTS. cutout_size: side in pixels of what is set to blank, uint8 (c,)."""
        self.images, self.seed, self.batch_size, self.augment = images, seed, batch_size, augment
        self.cutout_size, self.blank, self.mixup_alpha = cutout_size, blank, mixup_alpha
        self.steps_per_epoch = -(-len(images) // batch_size)
        self._epoch = lru_cache(maxsize=2)(self._draw)  # prefetching crosses the border between two epochs

    def _draw(self, epoch: int) -> tuple[np.ndarray, Draws, np.ndarray | None]:
        """The epoch's order (n,), and each image's draws and the centre of its cutout (n, 2)."""
        n = len(self.images)
        draw = streams.generator(self.seed, "augment", epoch)
        return (
            streams.generator(self.seed, "order", epoch).permutation(n),
            Draws(draw.integers(0, 2 * PAD + 1, (n, 2)), draw.random(n) < 0.5),
            self._centres(epoch, n) if self.cutout_size else None,
        )

    def _centres(self, epoch: int, n: int) -> np.ndarray:
        return streams.generator(self.seed, "cutout", epoch).integers(0, self.images.pixels.shape[1:3], (n, 2))

    def positions(self, step: int) -> np.ndarray:
        """Which images of the split make the batch of a step (from 0)."""
        epoch, batch = divmod(step, self.steps_per_epoch)
        return self._epoch(epoch)[0][batch * self.batch_size : (batch + 1) * self.batch_size]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Pixels uint8 (b, h, w, c) as the network sees them, and labels int32 (b,)."""
        positions = self.positions(step)
        pixels, labels = self.images.take(positions)
        _, draws, centres = self._epoch(step // self.steps_per_epoch)
        augment = {**AUGMENTS, **plugins.own("AUGMENTS")}[self.augment]
        pixels = augment(pixels, Draws(*(each[positions] for each in draws)))
        if self.cutout_size:
            pixels = cutout(pixels, centres[positions], self.cutout_size, self.blank)
        return pixels, labels

    def mixing(self, step: int) -> tuple[np.ndarray, np.float32]:
        """For mixup (Zhang et al. 2018, section 2): each image's partner in the batch of a step, int32 (b,), and the
        share of the images' own, float32 (): one draw from Beta(alpha, alpha) per batch.
        """
        draw = streams.generator(self.seed, "mixup", step)
        share = np.float32(draw.beta(self.mixup_alpha, self.mixup_alpha))
        return draw.permutation(len(self.positions(step))).astype("int32"), share


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
