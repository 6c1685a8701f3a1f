"""Residual blocks; with a shortcut of None, their plain counterparts (He et al. 2015, arXiv 1512.03385, Figure 5)."""

import keras

from ablation.config.network_structure import group_width
from ablation.model.blocks.parts import Conv, Convolutions, Layer, Shortcut, Tensor

EXPANSION = 4  # a bottleneck outputs 4 * filters channels


def basic(filters: int, strides: int, *, stride_in: str | None, groups: int) -> tuple[tuple[int, int, int, int], ...]:
    """Two 3x3 convolutions, each (filters, kernel size, strides, groups)."""
    return (filters, 3, strides, 1), (filters, 3, 1, 1)


def bottleneck(
    filters: int, strides: int, *, stride_in: str | None, groups: int
) -> tuple[tuple[int, int, int, int], ...]:
    """1x1, 3x3 and 1x1 convolutions; the last outputs 4 * filters channels.

    stride_in: `first` puts the stride in the first 1x1 convolution, as the paper does; `3x3` in the 3x3 one ("v1.5").
    groups: of the 3x3 convolution, whose width is adjusted to keep the complexity (Xie et al. 2017, arXiv 1611.05431).
    """
    first, second = (1, strides) if stride_in == "3x3" else (strides, 1)
    inner = groups * group_width(filters, groups)
    return (inner, 1, first, 1), (inner, 3, second, groups), (EXPANSION * filters, 1, 1, 1)


def post(
    x: Tensor,
    filters: int,
    strides: int,
    *,
    block: Convolutions,
    conv: Conv,
    norm: Layer,
    last_norm: Layer,
    activation: Layer,
    shortcut: Shortcut,
    excite: Layer,
    drop: Layer,
    name: str,
) -> Tensor:
    """Post-activation order: a norm and an activation follow each convolution; the last activation follows the sum.

    last_norm: the norm that ends the branch.
    (batch, h, w, c) to (batch, h/strides, w/strides, filters of the block's last convolution).
    """
    convolutions = block(filters, strides)
    skip = shortcut(x, convolutions[-1][0], strides, name=f"{name}_shortcut")
    last = len(convolutions)
    for i, convolution in enumerate(convolutions, start=1):
        x = conv(x, *convolution, name=f"{name}_conv{i}")
        if i < last:
            x = norm(x, name=f"{name}_norm{i}")
            x = activation(x, name=f"{name}_act{i}")
    x = last_norm(x, name=f"{name}_norm{last}")
    x = excite(x, name=f"{name}_se")
    return activation(_sum(skip, x, drop, name), name=f"{name}_out")


def pre(
    x: Tensor,
    filters: int,
    strides: int,
    *,
    block: Convolutions,
    conv: Conv,
    norm: Layer,
    last_norm: Layer,
    activation: Layer,
    shortcut: Shortcut,
    excite: Layer,
    drop: Layer,
    name: str,
) -> Tensor:
    """Pre-activation order: a norm and an activation precede each convolution; nothing follows the sum.

    He et al. 2016, arXiv 1603.05027, Figure 1b. Shapes as in `post`. last_norm is unused: no norm ends the branch.
    """
    convolutions = block(filters, strides)
    skip, source = None, x
    for i, convolution in enumerate(convolutions, start=1):
        x = norm(x, name=f"{name}_norm{i}")
        x = activation(x, name=f"{name}_act{i}")
        if i == 1:
            skip = shortcut(source, convolutions[-1][0], strides, activated=x, name=f"{name}_shortcut")
        x = conv(x, *convolution, name=f"{name}_conv{i}")
    return _sum(skip, excite(x, name=f"{name}_se"), drop, name)


def _sum(skip: Tensor | None, x: Tensor, drop: Layer, name: str) -> Tensor:
    if skip is None:  # without a shortcut the branch must not be dropped
        return x
    return keras.layers.Add(name=f"{name}_add")([skip, drop(x, name=f"{name}_drop")])


BLOCKS = {"basic": basic, "bottleneck": bottleneck}
ORDERS = {"post": post, "pre": pre}
