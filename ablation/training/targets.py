"""Training targets: class labels, or soft labels with label smoothing or mixup."""

from dataclasses import dataclass
from typing import Any

import keras

Tensor = Any  # an array or tensor of the backend; the backends share no type


class SparseLabels:
    """Class labels, int32 (b,)."""

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the images and labels unchanged."""
        return images, labels

    def symbolic(self, batch_size: int) -> keras.KerasTensor:
        """A symbolic batch of targets."""
        return keras.KerasTensor((batch_size,), "int32")

    def loss(self) -> keras.losses.Loss:
        """Cross-entropy."""
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def accuracy(self) -> keras.metrics.Metric:
        """The share of images whose largest logit belongs to their class."""
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")


@dataclass(frozen=True)
class SoftLabels:
    """Class probabilities for each image, float32 (b, classes).

    smoothing: label smoothing, in the training loss only (Szegedy et al. 2016, arXiv 1512.00567, section 7).
    """

    classes: int
    smoothing: float

    def __call__(
        self, images: Tensor, labels: Tensor, partners: Tensor = None, share: Tensor = None
    ) -> tuple[Tensor, Tensor]:
        """The images and their soft labels, mixed if partners, int32 (b,), and share, float32 (), are given."""
        soft = keras.ops.one_hot(labels, self.classes, dtype="float32")
        if partners is None:
            return images, soft
        return mix(images, partners, share), mix(soft, partners, share)

    def symbolic(self, batch_size: int) -> keras.KerasTensor:
        """A symbolic batch of targets."""
        return keras.KerasTensor((batch_size, self.classes), "float32")

    def loss(self) -> keras.losses.Loss:
        """Cross-entropy with smoothed labels."""
        return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=self.smoothing)

    def accuracy(self) -> keras.metrics.Metric:
        """The share of images whose largest logit belongs to their most probable class."""
        return keras.metrics.CategoricalAccuracy(name="accuracy")


Targets = SparseLabels | SoftLabels


def mix(x: Tensor, partners: Tensor, share: Tensor) -> Tensor:
    """Mix each example of a batch with its partner (mixup: Zhang et al. 2018, arXiv 1710.09412, section 2).

    x: (b, …). partners: the position of each example's partner in the batch, int32 (b,). share: the paper's lambda.
    """
    return share * x + (1 - share) * keras.ops.take(x, partners, axis=0)


def targets(classes: int, smoothing: float, mixed: bool) -> Targets:
    """Soft labels with label smoothing or mixup; otherwise sparse labels, whose loss is cheaper."""
    if smoothing or mixed:
        return SoftLabels(classes, smoothing)
    return SparseLabels()
