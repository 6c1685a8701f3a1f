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

    forward sets a, backward sets b: `shake` draws it from U(0, 1), `even` is 0.5, `keep` takes the other's (both
    `keep`: one draw for both). level: a draw per `image` or one per `batch`. Without training, the mean.
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
        # The mix is computed in float32: in half precision the difference of two mixes loses the value (0.002).
        l32, r32 = ops.cast(left, "float32"), ops.cast(right, "float32")
        a, b = self.coefficients(ops.shape(left)[0], len(left.shape))
        seen, learnt = a * l32 + (1 - a) * r32, b * l32 + (1 - b) * r32
        return ops.cast(learnt + ops.stop_gradient(seen - learnt), left.dtype)

    def coefficients(self, batch, rank: int):
        """One a and one b for each image or for the batch, shaped to broadcast against `rank` dimensions."""
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
    """The shortcut where channels or stride change: the second path sees the image one pixel later.

    As in the author's code: (batch, h, w, c) to (batch, h/strides, w/strides, filters), half of them from each path.
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
    """Two branches of ReLU-conv-norm-ReLU-conv-norm, mixed, plus the shortcut; no activation after the sum."""
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
