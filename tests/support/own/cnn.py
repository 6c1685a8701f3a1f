"""A small CNN with attention over channels: one file, which imports Keras only."""

from typing import Literal

import keras
from keras import layers


def build(
    input_shape,
    classes,
    *,
    width: int = 8,
    attention: bool = True,
    pool: Literal["avg", "max"] = "avg",
    dropout: float = 0.1,
) -> keras.Model:
    """A CNN.

    width: filters of the first stage
    attention: squeeze-and-excitation between the stages
    pool: the last pooling
    dropout: dropout rate before the classifier
    """
    image = keras.Input(input_shape)
    x = layers.Conv2D(width, 3, padding="same", activation="relu", name="stage1_conv")(image)
    if attention:
        weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
        weights = layers.Dense(width // 2, activation="relu", name="attention_squeeze")(weights)
        weights = layers.Dense(width, activation="sigmoid", name="attention_excite")(weights)
        x = layers.Multiply()([x, weights])
    x = layers.Conv2D(2 * width, 3, strides=2, padding="same", name="stage2_conv")(x)
    x = layers.BatchNormalization(name="stage2_norm")(x)
    x = layers.ReLU()(x)
    x = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}[pool]()(x)
    if dropout:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    return keras.Model(image, layers.Dense(classes, name="logits")(x))


NETWORKS = {"cnn": build}
