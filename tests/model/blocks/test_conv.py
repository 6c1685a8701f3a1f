"""Convolutions pad evenly, in groups and alone; activations are Keras'."""

from itertools import product

import keras
import numpy as np
import pytest
from support.networks import CONV, TINY, apply, convolve, images

import ablation
from ablation.config.schema import ACTIVATIONS
from ablation.model.blocks.conv import absent, activate, subsample


@pytest.mark.parametrize(("kernel_size", "strides", "size"), list(product((1, 3, 7), (1, 2), (7, 8))))
def test_convolutions_pad_evenly(kernel_size, strides, size):
    x = images(2, size, size, 3)
    y, network = apply(CONV, x, filters=4, kernel_size=kernel_size, strides=strides, name="c")
    (kernel,) = network.get_weights()
    np.testing.assert_allclose(y, convolve(x, kernel, strides, kernel_size // 2), rtol=1e-4, atol=1e-4)


def test_each_group_of_a_convolution_sees_its_own_channels():
    x = images(2, 5, 5, 6)
    y, network = apply(CONV, x, filters=4, kernel_size=3, strides=2, groups=2, name="c")
    (kernel,) = network.get_weights()
    assert kernel.shape == (3, 3, 3, 4)
    halves = [convolve(x[..., 3 * i : 3 * i + 3], kernel[..., 2 * i : 2 * i + 2], 2, 1) for i in (0, 1)]
    np.testing.assert_allclose(y, np.concatenate(halves, -1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_of_the_schema_runs(activation):
    network = ablation.build([*TINY["resnet_cifar"], f"model.activation={activation}"], (8, 8, 1), 3)
    found = {layer.activation for layer in network.layers if isinstance(layer, keras.layers.Activation)}
    assert found == {keras.activations.get(activation)}
    assert np.isfinite(np.asarray(network(images(1, 8, 8, 1)))).all()


def test_a_layer_that_is_absent_adds_nothing():
    inputs = keras.Input((2, 2, 1))
    assert absent(inputs, name="norm") is inputs


def test_an_activation_has_its_name_and_its_function():
    x = images(1, 2, 2, 3)
    y, network = apply(activate, x, activation="elu", name="act")
    np.testing.assert_allclose(y, np.where(x > 0, x, np.expm1(x)), rtol=1e-5)
    assert [layer.name for layer in network.layers][1:] == ["act"]


@pytest.mark.parametrize("strides", [1, 2, 3])
def test_subsampling_takes_every_pixel_at_the_stride(strides):
    x = images(2, 7, 6, 3)
    y, network = apply(subsample, x, strides=strides, name="s")
    np.testing.assert_array_equal(y, x[:, ::strides, ::strides])
    assert len(network.layers) == (1 if strides == 1 else 2)  # beside the input
