"""The benchmark's networks in plain Keras, for the arms that train without `ablate`.

Written independently of `ablation.model`, so that a faster layer there does not speed up the arms it is compared with.
Layers have the names of `ablate`'s, which lets the gate copy weights by path.
"""

from collections.abc import Callable
from typing import Any

import keras

CLASSES, SHAPE = 10, (32, 32, 3)
Tensor = Any


def conv(x: Tensor, filters: int, kernel: int, strides: int, name: str, **more: Any) -> Tensor:
    """Pad equally on both sides, as the papers do and as `same` does not if the strides are 2."""
    if strides > 1 and kernel > 1:
        x = keras.layers.ZeroPadding2D(kernel // 2)(x)
    return keras.layers.Conv2D(
        filters,
        kernel,
        strides,
        padding="same" if strides == 1 else "valid",
        kernel_initializer="he_normal",
        name=name,
        **{"use_bias": False, **more},
    )(x)


def norm(x: Tensor, name: str) -> Tensor:
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def dense(x: Tensor, units: int, name: str, activation: str | None = None) -> Tensor:
    return keras.layers.Dense(units, activation, kernel_initializer="he_normal", name=name)(x)


def pooled_head(x: Tensor) -> Tensor:
    return dense(keras.layers.GlobalAveragePooling2D()(x), CLASSES, "classifier")


def relu(x: Tensor) -> Tensor:
    return keras.layers.ReLU()(x)


def residual(x: Tensor, filters: int, strides: int, shortcut: Callable, name: str) -> Tensor:
    """A basic block (He et al. 2015): two convolutions plus the shortcut."""
    skip = x if strides == 1 else shortcut(x, filters, strides, name)
    x = conv(x, filters, 3, strides, f"{name}_conv1")
    x = relu(norm(x, f"{name}_norm1"))
    x = conv(x, filters, 3, 1, f"{name}_conv2")
    x = norm(x, f"{name}_norm2")
    return relu(keras.layers.Add()([skip, x]))


def padded(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
    """Option A: every second pixel, and zeros in the new channels."""
    x = x[:, ::strides, ::strides]
    return keras.ops.pad(x, [(0, 0), (0, 0), (0, 0), (0, filters - x.shape[-1])])


def projected(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
    """Option B: a 1x1 convolution."""
    x = conv(x, filters, 1, strides, f"{name}_shortcut_conv")
    return norm(x, f"{name}_shortcut_norm")


def stages(x: Tensor, block: Callable, width: int, repeats: tuple[int, ...]) -> Tensor:
    """block: function of (x, filters, strides, name)."""
    for i, count in enumerate(repeats):
        for j in range(count):
            x = block(x, width * 2**i, 2 if i and not j else 1, f"stage{i + 1}_block{j}")
    return x


def resnet_cifar(x: Tensor, mode: str) -> Tensor:
    """ResNet-20."""
    x = relu(norm(conv(x, 16, 3, 1, "stem_conv"), "stem_norm"))

    def block(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
        return residual(x, filters, strides, padded, name)

    return pooled_head(stages(x, block, 16, (3, 3, 3)))


def resnet34(x: Tensor, mode: str) -> Tensor:
    """ResNet-34 with the stem for ImageNet."""
    x = relu(norm(conv(x, 64, 7, 2, "stem_conv"), "stem_norm"))
    x = keras.layers.MaxPooling2D(3, 2)(keras.layers.ZeroPadding2D(1)(x))

    def block(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
        return residual(x, filters, strides, projected, name)

    return pooled_head(stages(x, block, 64, (3, 4, 6, 3)))


class ShakeShake(keras.layers.Layer):
    """The mix of two branches with one draw per image, and another in the backward pass (Gastaldi 2017)."""

    def __init__(self, mode: str):
        """mode: `shake`, or `even` for coefficients of 0.5."""
        super().__init__()
        self.mode = mode
        self.generator = keras.random.SeedGenerator()

    def call(self, left: Tensor, right: Tensor, training: bool = False) -> Tensor:
        if not training or self.mode == "even":
            return 0.5 * left + 0.5 * right
        shape = (keras.ops.shape(left)[0], 1, 1, 1)
        alpha = keras.random.uniform(shape, seed=self.generator)
        beta = keras.random.uniform(shape, seed=self.generator)
        forward = alpha * left + (1 - alpha) * right
        backward = beta * left + (1 - beta) * right
        return backward + keras.ops.stop_gradient(forward - backward)


def shake26(x: Tensor, mode: str) -> Tensor:
    """Shake-Shake-26 2x16d."""
    x = norm(conv(x, 16, 3, 1, "stem_conv"), "stem_norm")

    def branch(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
        x = norm(conv(relu(x), filters, 3, strides, f"{name}_conv1"), f"{name}_norm1")
        return norm(conv(relu(x), filters, 3, 1, f"{name}_conv2"), f"{name}_norm2")

    def shortcut(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
        x = relu(x)
        shifted = keras.ops.pad(x, [(0, 0), (1, 0), (1, 0), (0, 0)])[:, :-1, :-1]
        paths = []
        for i, path in enumerate((x, shifted), start=1):
            paths.append(conv(path[:, ::strides, ::strides], filters // 2, 1, 1, f"{name}_conv{i}"))
        return norm(keras.layers.Concatenate()(paths), f"{name}_norm")

    def block(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
        skip = x if strides == 1 else shortcut(x, filters, strides, f"{name}_shortcut")
        left, right = (branch(x, filters, strides, f"{name}_{side}") for side in ("left", "right"))
        return keras.layers.Add()([skip, ShakeShake(mode)(left, right)])

    return pooled_head(relu(stages(x, block, 16, (4, 4, 4))))


def vgg16(x: Tensor, mode: str) -> Tensor:
    """VGG-16, configuration D."""
    for i, (count, filters) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), start=1):
        for j in range(1, count + 1):
            x = conv(x, filters, 3, 1, f"stage{i}_conv{j}", use_bias=True, activation="relu")
        x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Flatten()(x)
    for i in (1, 2):
        x = dense(x, 4096, f"head_fc{i}", activation="relu")
    return dense(x, CLASSES, "classifier")


NETWORKS = {"resnet_cifar": resnet_cifar, "resnet34": resnet34, "shake26": shake26, "vgg16": vgg16}


def build(name: str, mode: str = "shake") -> keras.Model:
    """A network of NETWORKS from images, float32 (b, 32, 32, 3), to logits (b, 10). mode: of `ShakeShake`."""
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, NETWORKS[name](inputs, mode))
