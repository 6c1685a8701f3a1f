"""MobileNet of `keras.applications`, without its ImageNet weights."""

import keras


def build(input_shape, classes, *, alpha: float = 0.25, dropout: float = 0.001, pooling: bool = True):
    """MobileNet (Howard et al. 2017).

    alpha: width multiplier
    dropout: dropout rate before the classifier
    pooling: global average pooling before the classifier, instead of flattened features
    """
    body = keras.applications.MobileNet(input_shape, alpha=alpha, include_top=False, weights=None)
    x = (keras.layers.GlobalAveragePooling2D() if pooling else keras.layers.Flatten())(body.output)
    x = keras.layers.Dropout(dropout, name="head_dropout")(x)
    return keras.Model(body.input, keras.layers.Dense(classes, name="logits")(x))


NETWORKS = {"mobilenet": build}
