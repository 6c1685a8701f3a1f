"""A network of one-dimensional convolutions for signals."""

import keras
from keras import layers


def build(input_shape, classes, *, width: int = 8, kernel: int = 5, norm: bool = True, skip: bool = True):
    """A CNN on signals.

    width: filters
    kernel: length of the convolutions
    norm: batch normalisation
    skip: shortcut connection
    """
    signal = keras.Input(input_shape)
    x = layers.Conv1D(width, kernel, padding="same", name="stem")(signal)
    y = layers.Conv1D(width, kernel, padding="same", name="block_conv1")(x)
    if norm:
        y = layers.BatchNormalization(name="block_norm")(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv1D(width, kernel, padding="same", name="block_conv2")(y)
    x = layers.Add()([x, y]) if skip else y
    x = layers.GlobalMaxPooling1D()(layers.Activation("relu")(x))
    return keras.Model(signal, layers.Dense(classes, name="logits")(x))


NETWORKS = {"signal": build}
