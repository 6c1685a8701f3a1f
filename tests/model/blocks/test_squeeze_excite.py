"""Squeeze-and-excitation (Hu et al. 2018) in NumPy."""

from functools import partial

import keras
import numpy as np
import pytest
from scipy.special import expit
from support.networks import TINY, apply, images, names, randomise, relu, seen, small

from ablation.model.blocks.head import dense
from ablation.model.blocks.squeeze_excite import squeeze_excite


@pytest.mark.parametrize(("order", "last"), [("post", "norm2"), ("pre", "conv2")])
@pytest.mark.parametrize("reduction", [2, 16])
def test_squeeze_and_excitation_in_numpy(order, last, reduction):
    """x * sigmoid(W2 relu(W1 mean(x) + b1) + b2) on what the branch ends with (equations 2 to 4), before the sum."""
    network = small(*TINY["resnet"], f"model.squeeze_excite={reduction}", f"model.order={order}")
    randomise(network)
    for name, channels in (("stage1_block0", 4), ("stage2_block0", 8)):
        x, y = seen(network, f"{name}_{last}", f"{name}_se_scale")
        w1, b1 = network.get_layer(f"{name}_se_fc1").get_weights()
        w2, b2 = network.get_layer(f"{name}_se_fc2").get_weights()
        assert w1.shape == (channels, max(channels // reduction, 1)) == w2.shape[::-1]  # one hidden unit is the least
        hidden = np.maximum(x.mean((1, 2)) @ w1 + b1, 0)
        gate = expit(hidden @ w2 + b2)  # the logistic function
        np.testing.assert_allclose(y, x * gate[:, None, None], rtol=1e-3, atol=1e-4)
        added = [tensor._keras_history.operation.name for tensor in network.get_layer(f"{name}_add").input]
        assert f"{name}_se_scale" in added and len(added) == 2


def test_squeeze_and_excitation_starts_at_its_initial_weights():
    network = small("model=resnet18", "model.squeeze_excite=16", "model.initializer=lecun_normal")
    kernel, bias = network.get_layer("stage4_block1_se_fc2").get_weights()
    assert kernel.std() == pytest.approx(np.sqrt(1 / 32), rel=0.02) and not bias.any()
    assert len(names(network, ".*_se_scale")) == len(names(network, ".*_add")) == 8
    assert len(names(small("model=plain18", "model.squeeze_excite=16"), ".*_se_scale")) == 8


def test_a_channel_is_weighed_by_the_means_of_all_and_a_reduction_of_zero_adds_nothing():
    x = images(2, 5, 4, 6)
    parts = {"dense": partial(dense, initializer="he_normal"), "activation": relu, "name": "se"}
    y, network = apply(squeeze_excite, x, reduction=3, **parts)
    w1, b1, w2, b2 = network.get_weights()
    gate = expit(np.maximum(x.mean((1, 2)) @ w1 + b1, 0) @ w2 + b2)
    assert w1.shape == (6, 2)
    np.testing.assert_allclose(y, x * gate[:, None, None], rtol=1e-4, atol=1e-5)
    inputs = keras.Input(x.shape[1:])
    assert squeeze_excite(inputs, reduction=0, **parts) is inputs
