"""The VGG block in NumPy."""

import numpy as np
import pytest
from support.networks import CONV, NORM, apply, convolve, images, normalise, relu

from ablation.model.blocks.vgg import vgg


@pytest.mark.parametrize("convolutions", [1, 2])
def test_a_block_is_3x3_convolutions_and_a_2x2_pooling(convolutions):
    """Each convolution with its norm and its ReLU; an odd row or column falls away (Simonyan & Zisserman 2014)."""
    x = images(2, 7, 6, 3)
    y, network = apply(vgg, x, filters=4, convolutions=convolutions, conv=CONV, norm=NORM, activation=relu, name="v")
    for i in range(1, convolutions + 1):
        (kernel,) = network.get_layer(f"v_conv{i}").get_weights()
        x = np.maximum(normalise(convolve(x, kernel, pad=1), *network.get_layer(f"v_norm{i}").get_weights()), 0)
    expected = x[:, :6].reshape(2, 3, 2, 3, 2, 4).max((2, 4))
    assert y.shape == (2, 3, 3, 4)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-3)
