"""Normalisation over the batch, over groups of channels and over the image."""

from functools import partial

import keras
import numpy as np
import pytest
from support.networks import TINY, apply, images, seen, small

from ablation.model.blocks.norm import NORMS


@pytest.mark.parametrize("family", ["resnet", "bottleneck", "plain", "resnet_cifar", "shake"])
@pytest.mark.parametrize(
    ("overrides", "momentum", "epsilon"),
    [([], 0.9, 1e-5), (["model.norm_momentum=0.7", "model.norm_epsilon=1e-3"], 0.7, 1e-3)],
    ids=["default", "given"],
)
def test_batch_norm_is_as_configured(family, overrides, momentum, epsilon):
    network = small(*TINY[family], *overrides)
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {(layer.momentum, layer.epsilon) for layer in norms} == {(momentum, epsilon)}


def test_batch_norm_momentum_is_the_share_of_the_old_statistics():
    network = small(*TINY["resnet_cifar"])
    x, y = seen(network, "image", "stem_conv")
    network(x, training=True)
    norm = network.get_layer("stem_norm")
    np.testing.assert_allclose(norm.moving_mean, 0.1 * y.mean((0, 1, 2)), rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * y.var((0, 1, 2)), rtol=1e-3)


@pytest.mark.parametrize(("norm", "channels", "groups"), [("layer", 6, 1), ("group", 6, 2), ("group", 64, 32)])
def test_group_and_layer_norm(norm, channels, groups):
    """Mean and variance of each image over pixels and a group's channels; 32 groups, or as many as divide."""
    x = images(2, 3, 3, channels)
    y, network = apply(partial(NORMS[norm], momentum=0.9, epsilon=1e-3), x, name="n")
    gamma, beta = network.get_weights()
    grouped = x.reshape(2, 3, 3, groups, channels // groups)
    mean, variance = grouped.mean((1, 2, 4), keepdims=True), grouped.var((1, 2, 4), keepdims=True)
    expected = ((grouped - mean) / np.sqrt(variance + 1e-3)).reshape(x.shape) * gamma + beta
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
