"""A vision transformer (Dosovitskiy et al. 2021) in fifty lines."""

import keras
from keras import layers


class Positions(layers.Layer):
    """Adds a learned embedding of each position, and a class token in front."""

    def __init__(self, add_positions, **keywords):
        super().__init__(**keywords)
        self.add_positions = add_positions

    def build(self, shape):
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="zeros", name="token")
        if self.add_positions:
            start = keras.initializers.RandomNormal(stddev=0.02)
            self.positions = self.add_weight(shape=(1, shape[1] + 1, shape[-1]), initializer=start, name="positions")

    def call(self, x):
        token = keras.ops.repeat(self.token, keras.ops.shape(x)[0], axis=0)
        x = keras.ops.concatenate([token, x], axis=1)
        return x + self.positions if self.add_positions else x


def build(
    input_shape, classes, *, patch: int = 2, width: int = 16, depth: int = 2, attention: bool = True,
    positions: bool = True, dropout: float | None = None,
):  # fmt: skip
    """A vision transformer.

    patch: side of the patches in pixels
    attention: self-attention in every block
    positions: learned embeddings of the patches' positions
    """
    image = keras.Input(input_shape)
    x = layers.Conv2D(width, patch, strides=patch, name="patches")(image)
    x = layers.Reshape((-1, width))(x)
    x = Positions(positions, name="positions")(x)
    for i in range(depth):
        if attention:
            y = layers.LayerNormalization(name=f"block{i}_norm1")(x)
            x = x + layers.MultiHeadAttention(2, width // 2, dropout=dropout or 0.0, name=f"block{i}_attention")(y, y)
        y = layers.LayerNormalization(name=f"block{i}_norm2")(x)
        y = layers.Dense(2 * width, activation="gelu", name=f"block{i}_mlp1")(y)
        x = x + layers.Dense(width, name=f"block{i}_mlp2")(y)
    x = layers.LayerNormalization(name="head_norm")(x)
    return keras.Model(image, layers.Dense(classes, name="logits")(x[:, 0]))


NETWORKS = {"vit": build}
