"""Residual blocks, and with a shortcut of None their plain twins (He et al. 2015, arXiv 1512.03385, Figure 5)."""

import keras

EXPANSION = 4  # a bottleneck gives four times its filters


def basic(filters: int, strides: int, *, stride_in: str | None):
    """Two 3x3 convolutions, each (filters, kernel size, strides)."""
    return (filters, 3, strides), (filters, 3, 1)


def bottleneck(filters: int, strides: int, *, stride_in: str | None):
    """1x1, 3x3 and 1x1 convolutions, of which the last gives 4 filters.

    stride_in: `first` strides in the 1x1 convolution as the paper does, `3x3` in the next ("v1.5").
    """
    first, second = (1, strides) if stride_in == "3x3" else (strides, 1)
    return (filters, 1, first), (filters, 3, second), (EXPANSION * filters, 1, 1)


def residual(x, filters: int, strides: int, *, block, conv, norm, activation, shortcut, name: str):
    """(batch, h, w, c) to (batch, h/strides, w/strides, what the block's last convolution gives)."""
    convolutions = block(filters, strides)
    skip = shortcut(x, convolutions[-1][0], strides, name=f"{name}_shortcut")
    for i, convolution in enumerate(convolutions, start=1):
        x = conv(x, *convolution, name=f"{name}_conv{i}")
        x = norm(x, name=f"{name}_norm{i}")
        if i < len(convolutions):
            x = activation(x, name=f"{name}_act{i}")
    if skip is not None:
        x = keras.layers.Add(name=f"{name}_add")([skip, x])
    return activation(x, name=f"{name}_out")


BLOCKS = {"basic": basic, "bottleneck": bottleneck}
