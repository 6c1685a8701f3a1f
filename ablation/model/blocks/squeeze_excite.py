"""Squeeze-and-excitation (Hu et al. 2018, arXiv 1709.01507)."""

import keras

from ablation.model.blocks.parts import Dense, Layer, Tensor


def squeeze_excite(x: Tensor, *, reduction: int, dense: Dense, activation: Layer, name: str) -> Tensor:
    """Scale each channel by a gate in (0, 1), computed from the means of all channels (section 3). Keeps the shape.

    reduction: the ratio r of channels to hidden units; there is at least one hidden unit. 0 adds no layer.
    """
    if not reduction:
        return x
    channels = x.shape[-1]
    weights = keras.layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_pool")(x)  # (batch, 1, 1, c)
    weights = dense(weights, max(channels // reduction, 1), name=f"{name}_fc1")
    weights = activation(weights, name=f"{name}_act")
    weights = dense(weights, channels, name=f"{name}_fc2")
    weights = keras.layers.Activation("sigmoid", name=f"{name}_gate")(weights)
    return keras.layers.Multiply(name=f"{name}_scale")([x, weights])
