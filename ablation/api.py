"""What `ablation` offers to a notebook, behind its `__init__`, which imports nothing until it is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ablation.cli.composition import compose
from ablation.config import plugins

if TYPE_CHECKING:
    import keras

LARGEST_IMAGE = 1024  # pixels, as `data.image_size` allows


def build(
    overrides: Sequence[str], input_shape: tuple[int, int, int] | None = None, classes: int | None = None
) -> keras.Model:
    """Build a network with its initial weights; see `ablation.build`."""
    from ablation import data

    config = compose(_with_input(overrides, input_shape, classes)).config
    if input_shape is None or classes is None:
        shape, names = data.describe(config.data)
        input_shape = input_shape or shape
        classes = classes or len(names)
    from ablation.model import network
    from ablation.runtime import backend

    plugins.take(config.plugins)
    with backend.neutral():
        return network.build(config.model, input_shape, classes, config.seed)


def _with_input(overrides: Sequence[str], input_shape: tuple[int, int, int] | None, classes: int | None) -> list[str]:
    """The overrides, with those that make the given input stand for that of the data.

    What the size of the data's own images would be refused for does not matter beside a given size; and where all is
    given, neither does it matter whether the folder of images is there.
    """
    words = list(overrides)
    if input_shape is not None:
        words.append(f"data.image_size={min(*input_shape[:2], LARGEST_IMAGE)}")
        if classes is not None and "data=folder" in words:
            words.insert(0, "data.root=.")
    return words
