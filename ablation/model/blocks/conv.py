"""Convolution and activation, which are passed to every block."""

import keras

from ablation.model.blocks.parts import Tensor


def conv(
    x: Tensor,
    filters: int,
    kernel_size: int,
    strides: int,
    groups: int = 1,
    *,
    use_bias: bool,
    initializer: str,
    name: str,
) -> Tensor:
    """2D convolution, (batch, h, w, c) to (batch, h/strides, w/strides, filters); kernel (k, k, c/groups, filters).

    A strided convolution is padded equally on both sides, as in Caffe and Torch, which the papers used. Keras' `same`
    would pad an image of even size on the right and bottom only.
    """
    if strides > 1 and kernel_size > 1:
        x = keras.layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    return keras.layers.Conv2D(
        filters,
        kernel_size,
        strides,
        padding="same" if strides == 1 else "valid",
        groups=groups,
        use_bias=use_bias,
        kernel_initializer=initializer,
        name=name,
    )(x)


def activate(x: Tensor, *, activation: str, name: str) -> Tensor:
    """Keras activation with this name."""
    return keras.layers.Activation(activation, name=name)(x)


def absent(x: Tensor, *, name: str) -> Tensor:
    """The identity, in place of a norm or activation that this order of layers does not have."""
    return x


def subsample(x: Tensor, strides: int, *, name: str) -> Tensor:
    """Keep every `strides`-th pixel: the 1x1 average pooling of the papers' parameter-free shortcuts."""
    return keras.layers.AveragePooling2D(1, strides, name=name)(x) if strides > 1 else x
