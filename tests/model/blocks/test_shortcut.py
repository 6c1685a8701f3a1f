"""Shortcuts A, B and C of the residual networks, in NumPy."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.networks import CONV, NORM, apply, convolve, images, names, normalise, small

from ablation.model.blocks.shortcut import SHORTCUTS, PadChannels

few = settings(max_examples=10, deadline=None, database=None, derandomize=True)


@few
@given(size=st.integers(1, 9), channels=st.integers(1, 4), more=st.integers(0, 4), strides=st.integers(1, 2))
def test_shortcut_a_subsamples_and_pads_channels_with_zeros(size, channels, more, strides):
    x = images(2, size, size, channels)
    inputs = keras.Input(x.shape[1:])
    shortcut = SHORTCUTS["identity_pad"](inputs, channels + more, strides, conv=CONV, norm=NORM, name="s")
    network = keras.Model(inputs, shortcut)
    assert network.weights == []
    expected = np.pad(x[:, ::strides, ::strides], [(0, 0), (0, 0), (0, 0), (0, more)])
    np.testing.assert_array_equal(np.asarray(network(x)), expected)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("shortcut", ["projection", "projection_all"])
def test_a_projection_is_a_1x1_convolution_and_a_norm(shortcut, strides):
    x = images(2, 6, 6, 3)
    y, network = apply(SHORTCUTS[shortcut], x, filters=5, strides=strides, conv=CONV, norm=NORM, name="s")
    kernel, *statistics = network.get_weights()
    np.testing.assert_allclose(y, normalise(convolve(x, kernel, strides), *statistics), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "shortcut", "count"),
    [
        ("resnet34", "identity_pad", 0),
        ("resnet34", "projection", 3),
        ("resnet34", "projection_all", 16),
        ("resnet50", "identity_pad", 0),
        ("resnet50", "projection", 4),
        ("resnet50", "projection_all", 16),
        ("plain34", "projection_all", 0),
    ],
)
def test_how_many_shortcuts_project(name, shortcut, count):
    network = small(f"model={name}", f"model.shortcut={shortcut}", "model.width=4")
    assert len(names(network, ".*_shortcut_conv")) == len(names(network, ".*_shortcut_norm")) == count
    assert len(names(network, ".*_add")) == (0 if name == "plain34" else 16)


@pytest.mark.parametrize(("name", "same"), [("identity_pad", True), ("projection", True), ("projection_all", False)])
def test_where_the_shape_stays_only_option_c_projects(name, same):
    inputs = keras.Input((4, 4, 3))
    assert (SHORTCUTS[name](inputs, 3, 1, conv=CONV, norm=NORM, name="s") is inputs) == same
    assert SHORTCUTS["plain"](inputs, 3, 1, conv=CONV, norm=NORM, name="s") is None


def test_in_pre_order_a_projection_takes_what_is_activated_and_an_identity_does_not():
    x, positive = images(2, 4, 4, 3), np.abs(images(2, 4, 4, 3))
    inputs, activated = keras.Input(x.shape[1:]), keras.Input(x.shape[1:])
    given_both = {"conv": CONV, "norm": lambda x, name: x, "activated": activated}
    projected = SHORTCUTS["projection"](inputs, 5, 2, name="s", **given_both)
    network = keras.Model([inputs, activated], projected)
    (kernel,) = network.get_weights()
    np.testing.assert_allclose(network([x, positive]), convolve(positive, kernel, 2), rtol=1e-4, atol=1e-4)
    assert SHORTCUTS["identity_pad"](inputs, 3, 1, name="a", **given_both) is inputs


def test_a_saved_layer_of_zeros_comes_back():
    layer = PadChannels(6, name="s_pad_channels")
    twin = keras.layers.deserialize(keras.layers.serialize(layer))
    assert type(twin) is PadChannels and twin.get_config() == layer.get_config() and twin.filters == 6
