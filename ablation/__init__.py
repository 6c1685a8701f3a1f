"""Ablation studies of neural networks in Keras: identical starts, checked removals, statistics over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

__all__ = ["__version__", "build"]
__version__ = "0.1.0"


def build(
    overrides: Sequence[str], input_shape: tuple[int, int, int] | None = None, classes: int | None = None
) -> keras.Model:
    """Build the network that `ablate` with these overrides would train, with the initial weights of its seed.

    overrides: as typed behind `ablate`, for example `["model=resnet34", "data=cifar10", "seed=1"]`.
    input_shape: (height, width, channels) in pixels; None for that of the data set.
    classes: the number of classes; None for that of the data set.
    Returns a model that is not compiled, on the Keras backend of this process: it maps float32 images, shape (batch,
    height, width, channels), normalised as `data.normalize` says, to float32 logits, shape (batch, classes).
    Raises AblateError for overrides that the command would refuse.
    Nothing else of the process is changed: Hydra, OmegaConf and Keras keep their settings.
    """
    from ablation import api

    return api.build(overrides, input_shape, classes)
