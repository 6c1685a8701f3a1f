"""Shortcuts of residual blocks (He et al. 2015, section 3.3): `shortcut(x, filters, strides)`, or None if plain.

activated: in pre-activation order, x after the block's first norm and activation. A projection takes it as its input;
an identity shortcut still takes x (He et al. 2016, arXiv 1603.05027, and its authors' code).
"""

import keras

from ablation.model.blocks.conv import subsample
from ablation.model.blocks.parts import Conv, Layer, Tensor


def _fits(x: Tensor, filters: int, strides: int) -> bool:
    return strides == 1 and x.shape[-1] == filters


def identity_pad(
    x: Tensor, filters: int, strides: int, *, conv: Conv, norm: Layer, name: str, activated: Tensor | None = None
) -> Tensor:
    """Option A: every `strides`-th pixel, padded with zero channels; no parameters."""
    if _fits(x, filters, strides):
        return x
    x = subsample(x, strides, name=f"{name}_subsample")
    return PadChannels(filters, name=f"{name}_pad_channels")(x)


def projection(
    x: Tensor, filters: int, strides: int, *, conv: Conv, norm: Layer, name: str, activated: Tensor | None = None
) -> Tensor:
    """Option B: a 1x1 convolution where the shape changes, identity elsewhere."""
    if _fits(x, filters, strides):
        return x
    return projection_all(x, filters, strides, conv=conv, norm=norm, name=name, activated=activated)


def projection_all(
    x: Tensor, filters: int, strides: int, *, conv: Conv, norm: Layer, name: str, activated: Tensor | None = None
) -> Tensor:
    """Option C: a 1x1 convolution everywhere."""
    x = conv(x if activated is None else activated, filters, 1, strides, name=f"{name}_conv")
    return norm(x, name=f"{name}_norm")


def plain(
    x: Tensor, filters: int, strides: int, *, conv: Conv, norm: Layer, name: str, activated: Tensor | None = None
) -> None:
    """No shortcut."""
    return None


@keras.saving.register_keras_serializable("ablation")
class PadChannels(keras.layers.Layer):
    """Append zero channels up to `filters`: (batch, h, w, c) to (batch, h, w, filters)."""

    def __init__(self, filters: int, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters

    def call(self, x):
        return keras.ops.pad(x, [(0, 0), (0, 0), (0, 0), (0, self.filters - x.shape[-1])])

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


SHORTCUTS = {"identity_pad": identity_pad, "projection": projection, "projection_all": projection_all, "plain": plain}
