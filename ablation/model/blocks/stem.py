"""The layers before the first stage."""

import keras

from ablation.model.blocks.parts import Conv, Layer, Tensor


def imagenet(x: Tensor, filters: int, *, conv: Conv, norm: Layer, activation: Layer) -> Tensor:
    """7x7 convolution with stride 2, then 3x3 max pooling with stride 2 (He et al. 2015, Table 1): h to h/4.

    The pooling pads with zeros, as Keras' ResNet50V2 does. After a ReLU the padding never changes the maximum.
    """
    x = conv(x, filters, 7, 2, name="stem_conv")
    x = norm(x, name="stem_norm")
    x = activation(x, name="stem_act")
    x = keras.layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
    return keras.layers.MaxPooling2D(3, 2, name="stem_pool")(x)


def cifar(x: Tensor, filters: int, *, conv: Conv, norm: Layer, activation: Layer) -> Tensor:
    """One 3x3 convolution at full resolution (He et al. 2015, section 4.2)."""
    x = conv(x, filters, 3, 1, name="stem_conv")
    x = norm(x, name="stem_norm")
    return activation(x, name="stem_act")


STEMS = {"imagenet": imagenet, "cifar": cifar}
