"""Shake-Shake regularisation (Gastaldi 2017, arXiv 1705.07485)."""

from typing import Any

import keras

from ablation.model.blocks.conv import subsample
from ablation.model.blocks.parts import Conv, Layer, Mix, Tensor

MODES = ("shake", "even", "keep")

ops: Any = keras.ops  # Keras' annotations allow for backends that return None


@keras.saving.register_keras_serializable("ablation")
class ShakeShake(keras.layers.Layer):
    """Mix two branches: y = a l + (1 - a) r, with gradients b to l and 1 - b to r (section 2).

    forward determines a, backward determines b: `shake` draws from U(0, 1), `even` is 0.5, `keep` copies the other
    coefficient (if both are `keep`, they share one draw). level: one draw per `image` or per `batch`. At inference, y
    is the mean of the branches.
    """

    def __init__(self, forward: str = "shake", backward: str = "shake", level: str = "image", seed=None, **kwargs):
        super().__init__(**kwargs)
        for argument, value in (("forward", forward), ("backward", backward)):
            if value not in MODES:
                raise ValueError(f"Expected {argument} to be one of {MODES}. Received: {argument}={value}")
        if level not in ("image", "batch"):
            raise ValueError(f"Expected level to be 'image' or 'batch'. Received: level={level}")
        self.forward, self.backward, self.level = forward, backward, level
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, left, right, training=False):
        """left, right: (batch, h, w, c). Returns the same shape and dtype."""
        if not training:
            return (left + right) * 0.5
        # Mixed in float32: half precision loses accuracy (0.002) in the difference of two mixes.
        l32, r32 = ops.cast(left, "float32"), ops.cast(right, "float32")
        a, b = self.coefficients(ops.shape(left)[0], len(left.shape))
        forward, backward = a * l32 + (1 - a) * r32, b * l32 + (1 - b) * r32
        return ops.cast(backward + ops.stop_gradient(forward - backward), left.dtype)

    def coefficients(self, batch, rank: int):
        """The coefficients (a, b), per image or per batch, in a shape that broadcasts against `rank` dimensions."""
        shape = (batch if self.level == "image" else 1,) + (1,) * (rank - 1)

        def draw():
            return keras.random.uniform(shape, dtype="float32", seed=self.seed_generator)

        a, b = (draw() if m == "shake" else ops.full(shape, 0.5) for m in (self.forward, self.backward))
        if self.forward == self.backward == "keep":
            a = b = draw()
        elif self.forward == "keep":
            a = b
        elif self.backward == "keep":
            b = a
        return a, b

    def compute_output_shape(self, left_shape, right_shape):
        return left_shape

    def get_config(self):
        modes = {"forward": self.forward, "backward": self.backward, "level": self.level}
        return {**super().get_config(), **modes}


def two_path(x: Tensor, filters: int, strides: int, *, conv: Conv, norm: Layer, activation: Layer, name: str) -> Tensor:
    """The shortcut if channels or size change: two paths, the second on the image shifted by one pixel.

    As in the author's code: (batch, h, w, c) to (batch, h/strides, w/strides, filters), half of the filters per path.
    """
    x = activation(x, name=f"{name}_act")
    shifted = keras.layers.ZeroPadding2D(((1, 0), (1, 0)), name=f"{name}_shift_pad")(x)
    shifted = keras.layers.Cropping2D(((0, 1), (0, 1)), name=f"{name}_shift_crop")(shifted)
    paths = []
    for i, path in enumerate((x, shifted), start=1):
        path = subsample(path, strides, name=f"{name}_subsample{i}")
        paths.append(conv(path, filters // 2, 1, 1, name=f"{name}_conv{i}"))
    return norm(keras.layers.Concatenate(name=f"{name}_concat")(paths), name=f"{name}_norm")


def shake(
    x: Tensor, filters: int, strides: int, *, conv: Conv, norm: Layer, activation: Layer, mix: Mix, name: str
) -> Tensor:
    """Two branches of activation-conv-norm-activation-conv-norm, mixed, plus the shortcut; no final activation."""
    skip = x
    if strides > 1 or x.shape[-1] != filters:
        skip = two_path(x, filters, strides, conv=conv, norm=norm, activation=activation, name=f"{name}_shortcut")
    branches = []
    for branch in ("left", "right"):
        y = activation(x, name=f"{name}_{branch}_act1")
        y = conv(y, filters, 3, strides, name=f"{name}_{branch}_conv1")
        y = norm(y, name=f"{name}_{branch}_norm1")
        y = activation(y, name=f"{name}_{branch}_act2")
        y = conv(y, filters, 3, 1, name=f"{name}_{branch}_conv2")
        branches.append(norm(y, name=f"{name}_{branch}_norm2"))
    return keras.layers.Add(name=f"{name}_add")([skip, mix(name=f"{name}_shake")(*branches)])
