"""Call signatures of the parts that are passed to blocks. `ablation.model.network` binds their settings."""

from typing import Protocol

import keras

Tensor = keras.KerasTensor  # symbolic, (batch, height, width, channels) unless stated otherwise


class Conv(Protocol):
    """A convolution."""

    def __call__(
        self, x: Tensor, filters: int, kernel_size: int, strides: int, groups: int = 1, *, name: str
    ) -> Tensor: ...


class Layer(Protocol):
    """A layer that keeps the shape: a norm, an activation, squeeze-and-excitation, dropout or the identity."""

    def __call__(self, x: Tensor, *, name: str) -> Tensor: ...


class Dense(Protocol):
    """A dense layer with bias. dtype: None for the precision of the run."""

    def __call__(self, x: Tensor, units: int, *, name: str, dtype: str | None = None) -> Tensor: ...


class Shortcut(Protocol):
    """A shortcut; returns None in a plain network.

    activated: x after the block's first norm and activation, only in pre-activation order.
    """

    def __call__(
        self, x: Tensor, filters: int, strides: int, *, name: str, activated: Tensor | None = None
    ) -> Tensor | None: ...


class Mix(Protocol):
    """A constructor of the layer that mixes two branches."""

    def __call__(self, *, name: str) -> keras.Layer: ...


class Convolutions(Protocol):
    """The convolutions of a block's residual branch, each (filters, kernel size, strides, groups)."""

    def __call__(self, filters: int, strides: int) -> tuple[tuple[int, int, int, int], ...]: ...
