"""The training batches as a pure function of the step: nothing to save or rewind, the same for every engine."""

from functools import lru_cache

import numpy as np

from ablation import streams
from ablation.data import Images

PAD = 4  # pixels on each side (He et al. 2015, section 4.2)


class Feed:
    """Every image exactly once an epoch, in an order drawn anew from (seed, epoch); the last batch may be short."""

    def __init__(self, images: Images, seed: int, batch_size: int, augment: str):
        self.images, self.seed, self.batch_size, self.augment = images, seed, batch_size, augment
        self.steps_per_epoch = -(-len(images) // batch_size)
        self._epoch = lru_cache(maxsize=2)(self._draw)  # prefetching crosses the border between two epochs

    def _draw(self, epoch: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The epoch's order (n,), and each image's crop offsets (n, 2) and flip (n,)."""
        n = len(self.images)
        draw = streams.generator(self.seed, "augment", epoch)
        return (
            streams.generator(self.seed, "order", epoch).permutation(n),
            draw.integers(0, 2 * PAD + 1, (n, 2)),
            draw.random(n) < 0.5,
        )

    def positions(self, step: int) -> np.ndarray:
        """Which images of the split make the batch of a step (from 0)."""
        epoch, batch = divmod(step, self.steps_per_epoch)
        return self._epoch(epoch)[0][batch * self.batch_size : (batch + 1) * self.batch_size]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Pixels uint8 (b, h, w, c) as the network sees them, and labels int32 (b,)."""
        positions = self.positions(step)
        pixels, labels = self.images.take(positions)
        if self.augment == "crop_flip":
            _, offsets, flips = self._epoch(step // self.steps_per_epoch)
            pixels = crop_flip(pixels, offsets[positions], flips[positions])
        return pixels, labels


def crop_flip(pixels: np.ndarray, offsets: np.ndarray, flips: np.ndarray) -> np.ndarray:
    """Pad with zeros, crop at each image's offset (b, 2), mirror where its flip (b,) is true."""
    _, height, width, _ = pixels.shape
    padded = np.pad(pixels, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
    columns = np.arange(width)
    columns = np.where(flips[:, None], columns[::-1], columns) + offsets[:, 1:]
    rows = np.arange(height) + offsets[:, :1]
    return padded[np.arange(len(pixels))[:, None, None], rows[:, :, None], columns[:, None, :]]
