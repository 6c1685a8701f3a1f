"""Convolution and activation, the parts that every block receives."""

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
    """Convolve; of several groups each sees its own share of the channels: kernel (k, k, c/groups, filters).

    A strided kernel is padded evenly on both sides as in Caffe and Torch, where the papers ran; Keras' own `same`
    would pad an even image on the right and bottom only.
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
    """A Keras activation by its name."""
    return keras.layers.Activation(activation, name=name)(x)


def absent(x: Tensor, *, name: str) -> Tensor:
    """Nothing, where another order of the layers has a norm or an activation."""
    return x


def subsample(x: Tensor, strides: int, *, name: str) -> Tensor:
    """Every `strides`-th pixel: the 1x1 average pooling of the papers' parameter-free shortcuts."""
    return keras.layers.AveragePooling2D(1, strides, name=name)(x) if strides > 1 else x
