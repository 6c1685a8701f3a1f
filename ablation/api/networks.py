"""`ablation.build` and `ablation.load`: networks as Keras models."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ablation.cli.composition import compose
from ablation.config.plugins import registry
from ablation.redaction import HIDDEN

if TYPE_CHECKING:
    import keras

IMAGE_AXES = 3  # height, width, channels
LARGEST_IMAGE = 1024  # pixels, the limit of `data.image_size`


def build(
    overrides: Sequence[str], input_shape: tuple[int, ...] | None = None, classes: int | None = None
) -> keras.Model:
    """Build a network with its initial weights; see `ablation.build`."""
    with HIDDEN.restored(), _random_state_restored():
        return _build(overrides, input_shape, classes)


def _build(overrides: Sequence[str], input_shape: tuple[int, ...] | None, classes: int | None) -> keras.Model:
    from ablation import data

    config = compose(_with_input(overrides, input_shape, classes)).config
    registry.take(config.plugins)
    if input_shape is None or classes is None:
        shape, names = data.describe(config.data)
        input_shape = input_shape or shape
        classes = classes or len(names)
    from ablation.model import network
    from ablation.model.blocks import batch_normalization
    from ablation.runtime import backend

    with backend.neutral():
        return batch_normalization.as_keras(network.build(config.model, input_shape, classes, config.seed))


def load(
    run: str | os.PathLike[str], plugins: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = ()
) -> keras.Model:
    """Restore the network of a completed run; see `ablation.load`."""
    files = [plugins] if isinstance(plugins, str | os.PathLike) else plugins
    with _random_state_restored():
        from ablation.run import trained_network

        return trained_network.load(Path(run).expanduser(), [os.fspath(file) for file in files])


@contextlib.contextmanager
def _random_state_restored() -> Iterator[None]:
    """Restore the state of Python's `random`, from which Keras draws the seeds of initializers without one."""
    before = random.getstate()
    try:
        yield
    finally:
        random.setstate(before)


def _with_input(overrides: Sequence[str], input_shape: tuple[int, ...] | None, classes: int | None) -> list[str]:
    """The overrides, extended so that the config is validated for the given input instead of the data set's.

    With an input shape, the data set's own image size may be too small for the network. With an input shape and a
    number of classes, the folder of images need not exist.
    """
    extended = list(overrides)
    if input_shape is not None and len(input_shape) == IMAGE_AXES:
        extended.append(f"data.image_size={min(*input_shape[:2], LARGEST_IMAGE)}")
        if classes is not None and "data=folder" in extended:
            extended.insert(0, "data.root=.")
    return extended
