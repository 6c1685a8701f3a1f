"""Initial weights, keyed by seed and layer name."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import keras
import numpy as np

from ablation import random_streams
from ablation.model import keras_private

TRUNCATED_SD = 0.87962566103423978  # standard deviation of a standard normal truncated at two standard deviations


def initialise(network: keras.Model, seed: int) -> None:
    """Draw all random initial values from `seed`: kernels, and the seeds of layers that draw during training.

    The draws are keyed by layer name, so a layer that two variants share starts from identical values in both, on every
    backend. A layer nested in a plugin's layer is keyed by its path.
    """
    for variable, draw in draws(network, seed):
        variable.assign(draw())


def draws(network: keras.Model, seed: int) -> Iterator[tuple[keras.Variable, Callable[[], np.ndarray]]]:
    """Each variable with a random initial value, and the function that draws it."""
    for layer in keras_private.all_layers(network):
        is_nested = layer not in network.layers
        if not keras_private.contains_layers(layer):
            for weight in layer.weights:
                draw = _draw(layer, weight, seed, is_nested)
                if draw is not None:
                    yield weight, draw
        if hasattr(layer, "seed_generator"):
            state = layer.seed_generator.state
            yield state, partial(_noise_seed, seed, state.path if is_nested else layer.name)


def _noise_seed(seed: int, key: str) -> np.ndarray:
    """The initial state of a layer's seed generator, uint32 (2,)."""
    return np.array([random_streams.derived_seed(seed, "noise", key), 0], "uint32")


def _draw(layer: keras.Layer, weight: keras.Variable, seed: int, is_nested: bool) -> Callable[[], np.ndarray] | None:
    """The function that draws the initial value of a weight; None for a constant initializer."""
    initializer = _initializer(layer, weight.name)
    key = layer.name if weight.name == "kernel" and not is_nested else weight.path
    if isinstance(initializer, keras.initializers.VarianceScaling):
        return partial(_variance_scaling, initializer, weight.shape, seed, key)
    if hasattr(initializer, "seed"):
        return partial(_drawn_by_backend, initializer, weight, random_streams.derived_seed(seed, "init", key))
    return None


def _drawn_by_backend(initializer: Any, weight: keras.Variable, seed: int) -> np.ndarray:
    """The initial value of a weight from another distribution, in a plugin."""
    config = {**initializer.get_config(), "seed": seed}
    return np.array(type(initializer).from_config(config)(weight.shape, weight.dtype))


def _initializer(layer: keras.Layer, weight: str) -> Any:
    """The initializer of a layer's weight; None if the layer has no attribute for it."""
    names = (f"{weight}_initializer", f"{weight.removesuffix('_kernel')}_initializer", "depthwise_initializer")
    for name in names:
        if hasattr(layer, name):
            return getattr(layer, name)
    return None


def _variance_scaling(
    initializer: keras.initializers.VarianceScaling, shape: tuple[int, ...], seed: int, key: str
) -> np.ndarray:
    """Variance scaling as defined by Keras (He et al. 2015, arXiv 1502.01852; Glorot & Bengio 2010), float32."""
    receptive = int(np.prod(shape[:-2]))
    fan_in, fan_out = shape[-2] * receptive, shape[-1] * receptive
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[initializer.mode]
    draw = random_streams.generator(seed, "init", key)
    if initializer.distribution == "uniform":
        limit = np.float32(np.sqrt(3 * initializer.scale / fan))
        return (draw.random(shape, "float32") * 2 - 1) * limit
    values = draw.standard_normal(int(np.prod(shape)), "float32")
    outside = np.flatnonzero(np.abs(values) > 2)
    while outside.size:  # truncated normal: redraw the values outside two standard deviations
        values[outside] = draw.standard_normal(outside.size, "float32")
        outside = outside[np.abs(values[outside]) > 2]
    values *= np.float32(np.sqrt(initializer.scale / fan) / TRUNCATED_SD)
    return values.reshape(shape)
