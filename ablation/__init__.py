"""Ablation studies: from a few lines of YAML to an honest verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

__version__ = "0.1.0"


def build(
    overrides: Sequence[str], input_shape: tuple[int, int, int] | None = None, classes: int | None = None
) -> keras.Model:
    """Build the network that `ablate` with these overrides would train, with the initial weights of its seed.

    overrides: as typed behind `ablate`, for example `["model=resnet34", "data=cifar10", "seed=1"]`.
    input_shape: (height, width, channels), and classes: given by `data` unless given here.
    Returns a `keras.Model` from float32 images, shape (batch, height, width, channels), to logits, shape
    (batch, classes). It is built on the Keras backend of this process and not compiled.
    Raises AblateError for overrides that the command line would refuse.
    """
    from ablation import api

    return api.build(overrides, input_shape, classes)
