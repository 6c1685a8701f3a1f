"""Initial weights, keyed by seed and layer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np

from ablation import random_streams
from ablation.model import keras_private
from ablation.model.coupling import Places, variable_name
from ablation.model.layer_origins import origins_of

TRUNCATED_SD = 0.87962566103423978  # standard deviation of a standard normal truncated at two standard deviations


def initialise(network: keras.Model, seed: int) -> None:
    """Draw all random initial values from `seed`: kernels, and the seeds of layers that draw during training.

    The draws are keyed by layer name, so a layer that two variants share starts from identical values in both, on every
    backend. A layer nested in a plugin's layer is keyed by its path, and one without a name of its own by its place
    (see `coupling`).
    """
    for variable, draw in draws(network, seed):
        variable.assign(draw())


@dataclass(frozen=True)
class Start:
    """A variable that has an initial value, with the key of the layer that it belongs to.

    key: the same for the same variable of two variants. is_seed: whether it is the state of a layer's random numbers.
    """

    key: str
    variable: keras.Variable
    is_seed: bool


def starts(network: keras.Model) -> Iterator[Start]:
    """Every weight of a network, and the seeds of its layers that draw random numbers."""
    places, outermost = Places(network, origins_of(network)), set(map(id, network.layers))
    for layer in keras_private.all_layers(network):
        place = places.of(layer)
        for weight in keras_private.own_weights(layer):
            is_kernel = id(layer) in outermost and place.is_named and weight.name == "kernel"
            key = layer.name if is_kernel else f"{place.key}/{variable_name(layer, weight)}"
            yield Start(key, weight, is_seed=False)
        for position, generator in enumerate(keras_private.seed_generators(layer)):
            key = f"{place.key} {position}" if position else place.key
            yield Start(key, generator.state, is_seed=True)


def draws(network: keras.Model, seed: int) -> Iterator[tuple[keras.Variable, Callable[[], np.ndarray]]]:
    """Each variable with a random initial value, and the function that draws it."""
    initializers = origins_of(network).initializers
    for start in starts(network):
        if start.is_seed:
            yield start.variable, partial(_noise_seed, seed, start.key)
            continue
        draw = _draw(initializers.get(id(start.variable)), start.variable, seed, start.key)
        if draw is not None:
            yield start.variable, draw


def _noise_seed(seed: int, key: str) -> np.ndarray:
    """The initial state of a layer's seed generator, uint32 (2,)."""
    return np.array([random_streams.derived_seed(seed, "noise", key), 0], "uint32")


def _draw(initializer: Any, weight: keras.Variable, seed: int, key: str) -> Callable[[], np.ndarray] | None:
    """The function that draws the initial value of a weight; None for one that does not come from a random law."""
    if isinstance(initializer, keras.initializers.VarianceScaling):
        return partial(_variance_scaling, initializer, weight.shape, seed, key)
    if isinstance(initializer, keras.initializers.Initializer) and hasattr(initializer, "seed"):
        return partial(_drawn_by_backend, initializer, weight, random_streams.derived_seed(seed, "init", key))
    return None


def _drawn_by_backend(initializer: Any, weight: keras.Variable, seed: int) -> np.ndarray:
    """The initial value of a weight from another law, in a plugin."""
    config = {**initializer.get_config(), "seed": seed}
    return np.array(type(initializer).from_config(config)(weight.shape, weight.dtype))


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """The numbers of inputs and outputs of a unit, as Keras counts them; of a vector, both are its length."""
    if len(shape) < 2:
        size = int(np.prod(shape))
        return size, size
    receptive = int(np.prod(shape[:-2]))
    return shape[-2] * receptive, shape[-1] * receptive


def _variance_scaling(
    initializer: keras.initializers.VarianceScaling, shape: tuple[int, ...], seed: int, key: str
) -> np.ndarray:
    """Variance scaling as defined by Keras (He et al. 2015, arXiv 1502.01852; Glorot & Bengio 2010), float32."""
    fan_in, fan_out = _fans(shape)
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
