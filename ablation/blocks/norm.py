"""Normalisation: `norm(x, name)` after each convolution."""

import math

import keras


def batch(x, *, momentum: float, epsilon: float, name: str):
    """Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167)."""
    return keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon, name=name)(x)


def layer(x, *, momentum: float, epsilon: float, name: str):
    """Layer normalisation over an image's pixels and channels: one group (Wu & He 2018, section 3.1)."""
    return keras.layers.GroupNormalization(groups=1, epsilon=epsilon, name=name)(x)


def group(x, *, momentum: float, epsilon: float, name: str):
    """Group normalisation, 32 groups or as many as divide the channels (Wu & He 2018, arXiv 1803.08494)."""
    return keras.layers.GroupNormalization(groups=math.gcd(32, x.shape[-1]), epsilon=epsilon, name=name)(x)


def none(x, *, momentum: float, epsilon: float, name: str):
    """No normalisation."""
    return x


NORMS = {"batch": batch, "layer": layer, "group": group, "none": none}
