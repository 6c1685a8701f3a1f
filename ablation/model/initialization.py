"""Initial weights, keyed by seed and layer name."""

import keras
import numpy as np

from ablation import random_streams


def initialise(network: keras.Model, seed: int) -> None:
    """Give every random initial value its draw of `seed`: kernels, and the seeds of layers that draw while training.

    Keyed by the layer's name, so that a layer which two variants share starts equal in both, on every backend; a layer
    within a layer of the user's own is keyed by its path.
    """
    for layer in network._flatten_layers(include_self=False):
        within = layer not in network.layers
        for weight in [] if layer._layers else layer.weights:
            initializer = _initializer(layer, weight.name)
            key = layer.name if weight.name == "kernel" and not within else weight.path
            if isinstance(initializer, keras.initializers.VarianceScaling):
                weight.assign(_kernel(initializer, weight.shape, seed, key))
            elif hasattr(initializer, "seed"):  # another law, of the user's own: drawn by the backend
                law = {**initializer.get_config(), "seed": random_streams.word(seed, "init", key)}
                weight.assign(type(initializer).from_config(law)(weight.shape, weight.dtype))
        if hasattr(layer, "seed_generator"):
            state = layer.seed_generator.state
            key = state.path if within else layer.name
            state.assign(np.array([random_streams.word(seed, "noise", key), 0], "uint32"))


def _initializer(layer: keras.Layer, weight: str):
    """What a layer says that a weight starts as; None where it does not say so."""
    names = (f"{weight}_initializer", f"{weight.removesuffix('_kernel')}_initializer", "depthwise_initializer")
    return next((getattr(layer, name) for name in names if hasattr(layer, name)), None)


def _kernel(initializer, shape: tuple[int, ...], seed: int, name: str) -> np.ndarray:
    """Variance scaling as Keras defines it (He et al. 2015, arXiv 1502.01852; Glorot & Bengio 2010), float32."""
    receptive = int(np.prod(shape[:-2]))
    fan_in, fan_out = shape[-2] * receptive, shape[-1] * receptive
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[initializer.mode]
    draw = random_streams.generator(seed, "init", name)
    if initializer.distribution == "uniform":
        limit = np.float32(np.sqrt(3 * initializer.scale / fan))
        return (draw.random(shape, "float32") * 2 - 1) * limit
    values = draw.standard_normal(int(np.prod(shape)), "float32")
    outside = np.flatnonzero(np.abs(values) > 2)
    while outside.size:  # a normal cut at two deviations: draw again what lies outside
        values[outside] = draw.standard_normal(outside.size, "float32")
        outside = outside[np.abs(values[outside]) > 2]
    truncated = 0.87962566103423978  # the deviation of what is left
    values *= np.float32(np.sqrt(initializer.scale / fan) / truncated)
    return values.reshape(shape)
