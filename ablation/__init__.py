"""Ablation studies of Keras models: identical initial weights and batches, checked removals, statistics over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

__all__ = ["__version__", "build"]
__version__ = "0.1.0"


def build(
    overrides: Sequence[str], input_shape: tuple[int, ...] | None = None, classes: int | None = None
) -> keras.Model:
    """Build the network that `ablate` would train with these overrides, with the initial weights of its seed.

    overrides: the arguments of `ablate`, for example `["model=resnet34", "data=cifar10", "seed=1"]`.
    input_shape: (height, width, channels) in pixels; None takes it from the data set.
    classes: the number of classes; None takes it from the data set.
    Returns an uncompiled model on the Keras backend of this process. It maps float32 images of shape (batch, height,
    width, channels), normalised as configured by `data.normalize`, to float32 logits of shape (batch, classes).
    Raises AblateError for overrides that the command would refuse.
    The settings of Hydra, OmegaConf and Keras in this process stay unchanged.
    """
    from ablation import api

    return api.build(overrides, input_shape, classes)
