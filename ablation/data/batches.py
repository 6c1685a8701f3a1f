"""Training batches as a pure function of the step: there is no state to save, and every engine gets the same ones."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ablation import random_streams
from ablation.config.plugins import registry
from ablation.data.augmentations import AUGMENTS, PAD, Draws, FillColours, cutout
from ablation.data.dataset import Images

IMAGES = 4  # axes of a batch of images


@dataclass(frozen=True)
class EpochDraws:
    """The random draws of one epoch.

    order: of the images, int (n,). augment: crop and flip of each image. centres: of each image's cutout, int (n, 2);
    always drawn, because cutout has its own stream.
    """

    order: np.ndarray
    augment: Draws
    centres: np.ndarray


def _spatial(pixels: np.ndarray) -> tuple[int, ...]:
    """The height and width of images; of other arrays, which have no cutout, 1."""
    return pixels.shape[1:3] if pixels.ndim == IMAGES else (1, 1)


class Feed:
    """Batches in which every image occurs once per epoch, in an order drawn from (seed, epoch).

    The last batch of an epoch may be smaller.
    """

    def __init__(
        self,
        images: Images,
        seed: int,
        batch_size: int,
        augment: str,
        cutout_size: int = 0,
        fill: FillColours | None = None,
        mixup_alpha: float = 0.0,
    ):
        """augment: a name in AUGMENTS or in a plugin. cutout_size: the side of the cutout. fill: black by default."""
        self.images, self.seed, self.batch_size = images, seed, batch_size
        self.augment, self.cutout_size, self.mixup_alpha = augment, cutout_size, mixup_alpha
        black = np.zeros(images.pixels.shape[-1], "uint8")
        self.fill = fill or FillColours(padding=black, cutout=black)
        self.steps_per_epoch = -(-len(images) // batch_size)
        self.epoch_draws = lru_cache(maxsize=2)(self._draw)  # two, because prefetching crosses epoch boundaries

    def _draw(self, epoch: int) -> EpochDraws:
        count = len(self.images)
        order = random_streams.generator(self.seed, "order", epoch)
        augment = random_streams.generator(self.seed, "augment", epoch)
        centres = random_streams.generator(self.seed, "cutout", epoch)
        return EpochDraws(
            order.permutation(count),
            Draws(augment.integers(0, 2 * PAD + 1, (count, 2)), augment.random(count) < 0.5),
            centres.integers(0, _spatial(self.images.pixels), (count, 2)),
        )

    def positions(self, step: int) -> np.ndarray:
        """The positions in the split of the images in a batch. step: from 0."""
        epoch, batch = divmod(step, self.steps_per_epoch)
        first = batch * self.batch_size
        return self.epoch_draws(epoch).order[first : first + self.batch_size]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Augmented pixels, (b, h, w, c) of images, in the data's own type, and labels, int32 (b,)."""
        positions = self.positions(step)
        draws = self.epoch_draws(step // self.steps_per_epoch)
        pixels, labels = self.images.take(positions)
        pixels = self._augmented(pixels, Draws(draws.augment.offsets[positions], draws.augment.flips[positions]))
        if self.cutout_size:
            pixels = cutout(pixels, draws.centres[positions], self.cutout_size, self.fill.cutout)
        return pixels, labels

    def _augmented(self, pixels: np.ndarray, draws: Draws) -> np.ndarray:
        from_plugins = registry.parts("AUGMENTS")
        if self.augment in from_plugins:
            return from_plugins[self.augment](pixels, draws)
        return AUGMENTS[self.augment](pixels, draws, self.fill.padding)

    def mixing(self, step: int) -> tuple[np.ndarray, np.float32]:
        """The mixup of a step (Zhang et al. 2018, arXiv 1710.09412, section 2): the partners and lambda.

        Returns each image's partner, as a position in the batch, int32 (b,), and lambda, the weight of the image
        itself, float32 (): one draw from Beta(alpha, alpha) per batch.
        """
        draw = random_streams.generator(self.seed, "mixup", step)
        share = np.float32(draw.beta(self.mixup_alpha, self.mixup_alpha))
        return draw.permutation(len(self.positions(step))).astype("int32"), share
