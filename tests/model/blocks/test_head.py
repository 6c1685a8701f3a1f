"""Classifiers: the pooled one, and that of VGG on any network."""

import re
from functools import partial

import keras
import numpy as np
import pytest
from support.networks import TINY, apply, images, kernels, relu, small

from ablation.cli import composition
from ablation.config import network_structure
from ablation.model.blocks.head import HEADS, dense, drop

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_vgg_head_is_4096_4096_with_biases(dropout):
    network = small("model=vgg16", "model.width=4", f"model.dropout={dropout}")
    head = [layer.name for layer in network.layers if re.match("head|classifier", layer.name)]
    drops = [["head_dropout1"], ["head_dropout2"]] if dropout else [[], []]
    assert head == [
        "head_flatten",
        *["head_fc1", "head_act1", *drops[0]],
        *["head_fc2", "head_act2", *drops[1]],
        "classifier",
    ]
    for name, units in (("head_fc1", 4096), ("head_fc2", 4096), ("classifier", 10)):
        layer = network.get_layer(name)
        assert layer.units == units and layer.use_bias and layer.activation is keras.activations.linear
    assert all(network.get_layer(name).rate == dropout for drop in drops for name in drop)
    assert network.get_layer("head_fc1").kernel.shape == (32, 4096)


@pytest.mark.parametrize("family", [name for name in TINY if name != "vgg"])
def test_every_family_takes_the_vgg_head_on_all_its_features(family):
    network, pooled = small(*TINY[family], "model.head=vgg", "model.dropout=0.1"), small(*TINY[family])
    pool = pooled.get_layer("head_pool").input
    assert [layer.name for layer in network.layers if layer.name.startswith(("head", "classifier"))] == [
        *(["head_act"] if family == "shake" else []),
        *["head_flatten", "head_fc1", "head_act1", "head_dropout1", "head_fc2", "head_act2", "head_dropout2"],
        "classifier",
    ]
    assert network.get_layer("head_fc1").kernel.shape == (np.prod(pool.shape[1:]), 4096)
    assert len(kernels(network)) == len(kernels(pooled)) + 2
    model, other = (
        composition.compose([*TINY[family], "data=cifar10", f"model.head={h}"]) for h in ("vgg", "global_pool")
    )
    assert network_structure.depth(model.config.model) == network_structure.depth(other.config.model) + 2
    for name, kernel in kernels(pooled).items():
        if name != "classifier":
            np.testing.assert_array_equal(kernel, network.get_layer(name).kernel)


def test_the_pooled_head_in_numpy():
    x = images(2, 3, 5, 4)
    parts = {"dense": partial(dense, initializer="he_normal"), "activation": relu, "dropout": partial(drop, rate=0.5)}
    y, network = apply(HEADS["global_pool"], x, classes=7, **parts)
    kernel, bias = network.get_weights()
    np.testing.assert_allclose(y, x.mean((1, 2)) @ kernel + bias, rtol=1e-4, atol=1e-5)
    assert network.get_layer("head_dropout").rate == 0.5


def test_a_dropout_of_zero_is_no_layer():
    inputs = keras.Input((4,))
    assert drop(inputs, rate=0.0, name="d") is inputs and drop(inputs, rate=0.1, name="d") is not inputs
