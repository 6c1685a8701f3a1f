"""The trained network for use elsewhere: it takes images as stored, and consists of Keras' own layers."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from ablation.model import keras_private
from ablation.model.blocks.batch_normalization import BatchNormalization, plain
from ablation.model.blocks.shake import ShakeShake
from ablation.model.blocks.shortcut import PadChannels
from ablation.model.blocks.stochastic_depth import StochasticDepth

SMALLEST_STD = 1e-5  # Keras' layer takes a std below 1e-7 for 1e-7


def from_pixels(network: keras.Model, mean: np.ndarray, std: np.ndarray) -> keras.Model:
    """The network with its weights, behind a layer that maps pixels to (pixel - mean) / std.

    mean, std: per channel, float32 (c,). The layers of this package are replaced by layers of Keras that compute the
    same at inference, so that files of the network can be read without this package. The layers of a plugin stay.
    """
    names = {network.name, *(layer.name for layer in keras_private.all_layers(network))}
    scale = _scale(mean, std, names)

    def call(layer: keras.Layer, *inputs: Any, **keywords: Any) -> Any:
        scaled: Any = keras.tree.map_structure(_of_image(scale), (inputs, keywords))
        inputs, keywords = scaled
        if isinstance(layer, keras.layers.Average) and len(inputs) > 1:  # in the place of ShakeShake
            return layer(list(inputs), **keywords)
        return layer(*inputs, **keywords)

    portable = keras.models.clone_model(network, clone_function=_portable, call_function=call)
    for weight, value in zip(portable.weights, network.weights, strict=True):
        if weight is not value:
            weight.assign(value)
    keras_private.finalize(portable)
    return portable


def _of_image(scale: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that scales the network's input, and returns anything else as it is."""
    return lambda value: scale(value) if _is_image(value) else value


def _scale(mean: np.ndarray, std: np.ndarray, names: set[str]) -> Callable[[Any], Any]:
    """A function that applies one layer to the images, once however often it is called. names: that are taken.

    Keras' layer divides by the root of the variance, which in binary arithmetic is the standard deviation to the bit.
    """
    factors = _factors(std)
    mean, std = mean.astype("float32") * factors, std.astype("float32") * factors
    standardized = keras.layers.Normalization(
        mean=mean.tolist(), variance=(std**2).tolist(), dtype="float32", name=_free("normalization", names)
    )
    scales = [standardized]
    if (factors != 1).any():
        scales.insert(0, keras.layers.Rescaling(factors.tolist(), dtype="float32", name=_free("rescaling", names)))
    scaled: dict[int, Any] = {}

    def apply(pixels: Any) -> Any:
        if id(pixels) not in scaled:
            values = pixels
            for layer in scales:
                values = layer(values)
            scaled[id(pixels)] = values
        return scaled[id(pixels)]

    return apply


def _free(name: str, taken: set[str]) -> str:
    """The name, or the first of `name_of_pixels`, … that no layer has."""
    while name in taken:
        name = f"{name}_of_pixels"
    return name


def _factors(std: np.ndarray) -> np.ndarray:
    """Powers of two per channel, which change no digit of a number, for a std whose square would lose some."""
    is_extreme = (std < SMALLEST_STD) | (std > 1 / SMALLEST_STD)
    return np.where(is_extreme, 2.0 ** -np.floor(np.log2(std.astype("float64"))), 1).astype("float32")


def _is_image(value: Any) -> bool:
    """Return whether a value in the network's graph is its input."""
    if not isinstance(value, keras.KerasTensor):
        return False
    return isinstance(keras_private.made_by(value), keras.layers.InputLayer)


def _portable(layer: keras.Layer) -> keras.Layer:
    """A layer of Keras that computes the same as this one at inference. A layer of a plugin itself."""
    if not isinstance(layer, keras.Layer):  # an operation of a plugin's network, such as x + y, holds no weights
        return layer
    if type(layer) in STAND_INS:
        return STAND_INS[type(layer)](layer)
    if not keras_private.is_of_keras(layer) or keras_private.children(layer):
        return layer
    try:
        return type(layer).from_config(layer.get_config())
    except (TypeError, ValueError, NotImplementedError):  # with a function of a plugin, which Keras cannot find by name
        return layer


def _identity(layer: keras.Layer) -> dict[str, Any]:
    return {"name": layer.name, "dtype": layer.dtype_policy}


def _mean_of_branches(layer: ShakeShake) -> keras.Layer:
    """At inference, Shake-Shake is the mean of its branches."""
    return keras.layers.Average(**_identity(layer))


def _dropout_of_branch(layer: StochasticDepth) -> keras.Layer:
    """Dropout of a whole image's branch: stochastic depth, with draws of Keras' own."""
    return keras.layers.Dropout(layer.rate, noise_shape=(None, 1, 1, 1), **_identity(layer))


def _padding(layer: PadChannels) -> keras.Layer:
    """Zero channels, which Keras' layer appends to (b, h, w, c) if it takes w and c for height and width."""
    channels: Any = layer.input
    added = layer.filters - channels.shape[-1]
    return keras.layers.ZeroPadding2D(((0, 0), (0, added)), data_format="channels_first", **_identity(layer))


STAND_INS: dict[type, Callable[[Any], keras.Layer]] = {
    BatchNormalization: plain,
    ShakeShake: _mean_of_branches,
    StochasticDepth: _dropout_of_branch,
    PadChannels: _padding,
}
