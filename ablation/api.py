"""The functions that a notebook imports from `ablation`."""

from collections.abc import Sequence

from ablation.cli.composition import compose
from ablation.config import plugins


def build(overrides: Sequence[str], input_shape: tuple[int, int, int] | None, classes: int | None):
    """See `ablation.build`."""
    from ablation import data

    if input_shape is not None:  # what the data's own size would be refused for does not matter then
        overrides = [*overrides, f"data.image_size={min(*input_shape[:2], 1024)}"]
    if input_shape and classes:  # and whether its folder is there does not matter either
        overrides = ["data.root=.", *overrides] if "data=folder" in overrides else overrides
    config = compose(overrides).config
    if input_shape is None or classes is None:
        shape, names = data.describe(config.data)
        input_shape, classes = input_shape or shape, classes or len(names)
    from ablation.model import network
    from ablation.runtime import backend

    plugins.take(config.plugins)
    with backend.neutral():
        return network.build(config.model, input_shape, classes, config.seed)
