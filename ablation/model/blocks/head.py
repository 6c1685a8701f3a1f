"""Classifier heads: (batch, h, w, c) to logits (batch, classes), which are float32 with every precision."""

import keras

from ablation.model.blocks.parts import Dense, Layer, Tensor


def global_pool(x: Tensor, classes: int, *, dense: Dense, activation: Layer, dropout: Layer) -> Tensor:
    """Global average pooling and one dense layer."""
    x = keras.layers.GlobalAveragePooling2D(name="head_pool")(x)
    x = dropout(x, name="head_dropout")
    return dense(x, classes, dtype="float32", name="classifier")


def vgg(x: Tensor, classes: int, *, dense: Dense, activation: Layer, dropout: Layer) -> Tensor:
    """Two hidden layers of 4096 units (Simonyan & Zisserman 2014, Table 1)."""
    x = keras.layers.Flatten(name="head_flatten")(x)
    for i in (1, 2):
        x = dense(x, 4096, name=f"head_fc{i}")
        x = activation(x, name=f"head_act{i}")
        x = dropout(x, name=f"head_dropout{i}")
    return dense(x, classes, dtype="float32", name="classifier")


def dense(x: Tensor, units: int, *, initializer: str, name: str, dtype: str | None = None) -> Tensor:
    """Dense layer with bias. dtype: None for the precision of the run."""
    return keras.layers.Dense(units, kernel_initializer=initializer, dtype=dtype, name=name)(x)


def drop(x: Tensor, *, rate: float, name: str) -> Tensor:
    """Dropout (Srivastava et al. 2014); a rate of 0 adds no layer."""
    return keras.layers.Dropout(rate, name=name)(x) if rate else x


HEADS = {"global_pool": global_pool, "vgg": vgg}
