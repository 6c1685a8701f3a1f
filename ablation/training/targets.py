"""What a step trains towards: the labels themselves, or shares of the classes where labels are smoothed or mixed."""

from dataclasses import dataclass

import keras


class Labels:
    """Each image's one class, int32 (b,)."""

    def __call__(self, images, labels):
        return images, labels

    def symbolic(self, size: int):
        return keras.KerasTensor((size,), "int32")

    def loss(self):
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def accuracy(self):
        return keras.metrics.SparseCategoricalAccuracy(name="accuracy")


@dataclass(frozen=True)
class Shares:
    """Each image's share of every class, float32 (b, classes). The accuracy counts the class of the largest share.

    smoothing: the part of each label that is spread evenly over all classes (Szegedy et al. 2016, arXiv 1512.00567,
    section 7), in the loss of training alone.
    """

    classes: int
    smoothing: float

    def __call__(self, images, labels, *mixing):
        """With a batch's partners, int32 (b,), and share, float32 (), mixed as well."""
        shares = keras.ops.one_hot(labels, self.classes, dtype="float32")
        return tuple(mix(x, *mixing) for x in (images, shares)) if mixing else (images, shares)

    def symbolic(self, size: int):
        return keras.KerasTensor((size, self.classes), "float32")

    def loss(self):
        return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=self.smoothing)

    def accuracy(self):
        return keras.metrics.CategoricalAccuracy(name="accuracy")


Targets = Labels | Shares


def mix(x, partners, share):
    """mixup (Zhang et al. 2018, arXiv 1710.09412, section 2): share * x + (1 - share) * x of the partner, (b, …)."""
    return share * x + (1 - share) * keras.ops.take(x, partners, axis=0)


def targets(classes: int, smoothing: float, mixed: bool) -> Targets:
    """Shares where something is shared; the labels as they are otherwise, whose loss costs less."""
    return Shares(classes, smoothing) if smoothing or mixed else Labels()
