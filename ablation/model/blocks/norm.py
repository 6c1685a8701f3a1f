"""Normalisation layers: `norm(x, name)`. scale: the initializer of gamma."""

import math

import keras

from ablation.model.blocks.batch_normalization import BatchNormalization
from ablation.model.blocks.parts import Tensor


def batch(x: Tensor, *, momentum: float, epsilon: float, name: str, scale: str = "ones") -> Tensor:
    """Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167)."""
    return BatchNormalization(momentum=momentum, epsilon=epsilon, gamma_initializer=scale, name=name)(x)


def layer(x: Tensor, *, momentum: float, epsilon: float, name: str, scale: str = "ones") -> Tensor:
    """Layer normalisation over the pixels and channels of an image: a single group (Wu & He 2018, section 3.1)."""
    return keras.layers.GroupNormalization(groups=1, epsilon=epsilon, gamma_initializer=scale, name=name)(x)


def group(x: Tensor, *, momentum: float, epsilon: float, name: str, scale: str = "ones") -> Tensor:
    """Group normalisation with gcd(32, channels) groups (Wu & He 2018, arXiv 1803.08494)."""
    groups = math.gcd(32, x.shape[-1])
    return keras.layers.GroupNormalization(groups=groups, epsilon=epsilon, gamma_initializer=scale, name=name)(x)


def none(x: Tensor, *, momentum: float, epsilon: float, name: str, scale: str = "ones") -> Tensor:
    """No normalisation."""
    return x


NORMS = {"batch": batch, "layer": layer, "group": group, "none": none}
