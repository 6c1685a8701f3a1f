"""A multilayer perceptron for a table, as a subclass of `keras.Model`."""

import keras
from keras import layers


class MLP(keras.Model):
    """Hidden layers with residual connections and batch normalisation."""

    def __init__(
        self, input_shape, classes, *, width: int = 32, residual: bool = True, norm: bool = True, dropout: float = 0.1
    ):
        super().__init__()
        self.residual = residual
        self.embed = layers.Dense(width)
        self.hidden1 = layers.Dense(width, activation="relu")
        self.norm1 = layers.BatchNormalization() if norm else None
        self.hidden2 = layers.Dense(width, activation="relu")
        self.drop = layers.Dropout(dropout)
        self.logits = layers.Dense(classes)

    def call(self, x, training=False):
        x = self.embed(x)
        y = self.hidden1(x)
        if self.norm1 is not None:
            y = self.norm1(y, training=training)
        x = x + y if self.residual else y
        x = x + self.hidden2(x) if self.residual else self.hidden2(x)
        return self.logits(self.drop(x, training=training))


NETWORKS = {"mlp": MLP}
