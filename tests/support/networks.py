"""Small networks, what is in them, and the references that their layers are compared with, in NumPy, channels last."""

import re
from functools import partial

import keras
import numpy as np

import ablation
from ablation.model.blocks.conv import conv
from ablation.model.blocks.norm import NORMS

SMALL = ((32, 32, 3), 10)
TINY = {  # the smallest network of each family
    "vgg": ["model=vgg16", "model.head=global_pool", "model.repeats=[1,2]", "model.width=4"],
    "resnet": ["model=resnet18", "model.repeats=[1,1]", "model.width=4"],
    "bottleneck": ["model=resnet50", "model.repeats=[1,1]", "model.width=4"],
    "plain": ["model=plain18", "model.repeats=[1,1]", "model.width=4"],
    "resnet_cifar": ["model=resnet_cifar", "model.depth=8", "model.width=4"],
    "shake": ["model=shake26", "model.depth=8", "model.width=4"],
}
CONV = partial(conv, use_bias=False, initializer="he_normal")
NORM = partial(NORMS["batch"], momentum=0.9, epsilon=1e-5)


def relu(x, *, name: str):
    return keras.layers.Activation("relu", name=name)(x)


def small(*overrides: str) -> keras.Model:
    """The network of these overrides for colour images of 32x32 pixels in 10 classes."""
    return ablation.build(overrides, *SMALL)


def names(network: keras.Model, pattern: str) -> list[str]:
    return [layer.name for layer in network.layers if re.fullmatch(pattern, layer.name)]


def kernels(network: keras.Model) -> dict[str, np.ndarray]:
    return {layer.name: np.asarray(layer.kernel) for layer in network.layers if hasattr(layer, "kernel")}


def initial(network: keras.Model) -> dict[str, np.ndarray]:
    """Every initial value by layer and role, with the seeds of the layers that draw."""
    values = {weight.path: np.asarray(weight) for weight in network.weights}
    drawing = (layer for layer in network.layers if hasattr(layer, "seed_generator"))
    return values | {f"{layer.name}/seed": np.asarray(layer.seed_generator.state) for layer in drawing}


def randomise(network: keras.Model) -> None:
    """Other values than zeros and ones, so that every weight counts."""
    draw = np.random.default_rng(2)
    for weight in network.weights:
        values = draw.normal(size=weight.shape)
        weight.assign(0.5 + np.abs(values) if weight.name == "moving_variance" else values)


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def apply(part, x: np.ndarray, **arguments) -> tuple[np.ndarray, keras.Model]:
    """A block on x, with random weights; and the model that holds them."""
    inputs = keras.Input(x.shape[1:])
    network = keras.Model(inputs, part(inputs, **arguments))
    randomise(network)
    return np.asarray(network(x)), network


def convolve(x, kernel, strides: int = 1, pad: int = 0):
    """Correlation of (b, h, w, c) with (k, k, c, f), zeros on every side."""
    x = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows[:, ::strides, ::strides], kernel)


def normalise(x, gamma, beta, mean, variance, epsilon: float = 1e-5):
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta


def seen(network: keras.Model, *layers: str) -> list[np.ndarray]:
    """What these layers give for one random image, without training."""
    outputs = [network.get_layer(name).output for name in layers]
    return [np.asarray(y) for y in keras.Model(network.input, outputs)(images(1, *network.input_shape[1:]))]


def conv_norm(network: keras.Model, prefix: str, number: str, x: np.ndarray, strides: int = 1) -> np.ndarray:
    """A convolution of the network and the batch norm behind it, in NumPy."""
    (kernel,) = network.get_layer(f"{prefix}_conv{number}").get_weights()
    statistics = network.get_layer(f"{prefix}_norm{number}").get_weights()
    return normalise(convolve(x, kernel, strides, kernel.shape[0] // 2), *statistics)
