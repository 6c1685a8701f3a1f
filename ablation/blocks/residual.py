"""Residual blocks, and with a shortcut of None their plain twins (He et al. 2015, arXiv 1512.03385, Figure 5)."""

import keras

EXPANSION = 4  # a bottleneck gives four times its filters


def basic(x, filters: int, strides: int, *, conv, norm, activation, shortcut, stride_in: str | None, name: str):
    """Two 3x3 convolutions: (batch, h, w, c) to (batch, h/strides, w/strides, filters)."""
    skip = shortcut(x, filters, strides, name=f"{name}_shortcut")
    x = conv(x, filters, 3, strides, name=f"{name}_conv1")
    x = norm(x, name=f"{name}_norm1")
    x = activation(x, name=f"{name}_act1")
    x = conv(x, filters, 3, 1, name=f"{name}_conv2")
    x = norm(x, name=f"{name}_norm2")
    return _join(skip, x, activation, name)


def bottleneck(x, filters: int, strides: int, *, conv, norm, activation, shortcut, stride_in: str | None, name: str):
    """1x1, 3x3 and 1x1 convolutions: (batch, h, w, c) to (batch, h/strides, w/strides, 4 filters).

    stride_in: `first` strides in the 1x1 convolution as the paper does, `3x3` in the next ("v1.5").
    """
    first, second = (1, strides) if stride_in == "3x3" else (strides, 1)
    skip = shortcut(x, EXPANSION * filters, strides, name=f"{name}_shortcut")
    x = conv(x, filters, 1, first, name=f"{name}_conv1")
    x = norm(x, name=f"{name}_norm1")
    x = activation(x, name=f"{name}_act1")
    x = conv(x, filters, 3, second, name=f"{name}_conv2")
    x = norm(x, name=f"{name}_norm2")
    x = activation(x, name=f"{name}_act2")
    x = conv(x, EXPANSION * filters, 1, 1, name=f"{name}_conv3")
    x = norm(x, name=f"{name}_norm3")
    return _join(skip, x, activation, name)


def _join(skip, x, activation, name: str):
    if skip is not None:
        x = keras.layers.Add(name=f"{name}_add")([skip, x])
    return activation(x, name=f"{name}_out")


BLOCKS = {"basic": basic, "bottleneck": bottleneck}
