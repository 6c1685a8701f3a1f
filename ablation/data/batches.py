"""The training batches as a pure function of the step: nothing to save or rewind, the same for every engine."""

from functools import lru_cache

import numpy as np

from ablation import random_streams
from ablation.config import plugins
from ablation.data import Images
from ablation.data.augmentations import AUGMENTS, PAD, Draws, cutout


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
        draw = random_streams.generator(self.seed, "augment", epoch)
        return (
            random_streams.generator(self.seed, "order", epoch).permutation(n),
            Draws(draw.integers(0, 2 * PAD + 1, (n, 2)), draw.random(n) < 0.5),
            self._centres(epoch, n) if self.cutout_size else None,
        )

    def _centres(self, epoch: int, n: int) -> np.ndarray:
        return random_streams.generator(self.seed, "cutout", epoch).integers(0, self.images.pixels.shape[1:3], (n, 2))

    def positions(self, step: int) -> np.ndarray:
        """Which images of the split make the batch of a step (from 0)."""
        epoch, batch = divmod(step, self.steps_per_epoch)
        return self._epoch(epoch)[0][batch * self.batch_size : (batch + 1) * self.batch_size]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Pixels uint8 (b, h, w, c) as the network sees them, and labels int32 (b,)."""
        positions = self.positions(step)
        pixels, labels = self.images.take(positions)
        _, draws, centres = self._epoch(step // self.steps_per_epoch)
        augment = {**AUGMENTS, **plugins.parts("AUGMENTS")}[self.augment]
        pixels = augment(pixels, Draws(*(each[positions] for each in draws)))
        if self.cutout_size:
            pixels = cutout(pixels, centres[positions], self.cutout_size, self.blank)
        return pixels, labels

    def mixing(self, step: int) -> tuple[np.ndarray, np.float32]:
        """For mixup (Zhang et al. 2018, section 2): each image's partner in the batch of a step, int32 (b,), and the
        share of the images' own, float32 (): one draw from Beta(alpha, alpha) per batch.
        """
        draw = random_streams.generator(self.seed, "mixup", step)
        share = np.float32(draw.beta(self.mixup_alpha, self.mixup_alpha))
        return draw.permutation(len(self.positions(step))).astype("int32"), share
