"""The VGG block (Simonyan & Zisserman 2014, arXiv 1409.1556, Table 1)."""

import keras

from ablation.model.blocks.parts import Conv, Layer, Tensor


def vgg(x: Tensor, filters: int, convolutions: int, *, conv: Conv, norm: Layer, activation: Layer, name: str) -> Tensor:
    """3x3 convolutions, then 2x2 max pooling: (batch, h, w, c) to (batch, h/2, w/2, filters)."""
    for i in range(1, convolutions + 1):
        x = conv(x, filters, 3, 1, name=f"{name}_conv{i}")
        x = norm(x, name=f"{name}_norm{i}")
        x = activation(x, name=f"{name}_act{i}")
    return keras.layers.MaxPooling2D(2, name=f"{name}_pool")(x)
