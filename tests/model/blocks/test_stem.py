"""The layers before the first stage."""

import numpy as np
import pytest
from support.networks import CONV, NORM, TINY, apply, convolve, images, kernels, names, relu, seen, small

import ablation
from ablation.model.blocks.stem import STEMS


def test_the_imagenet_stem_pads_evenly():
    """7x7 with 3 and, after the ReLU, 3x3 max pooling with 1 on every side (reference 4.2)."""
    network = small("model=resnet18", "model.repeats=[1]", "model.width=4", "model.norm=none", "model.stem=imagenet")
    x, y = seen(network, "image", "stem_pool")
    after = np.maximum(convolve(x, kernels(network)["stem_conv"], 2, 3), 0)
    padded = np.pad(after, [(0, 0), (1, 1), (1, 1), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
    np.testing.assert_allclose(y, windows.max((-1, -2)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("size", "stem"), [(48, "cifar"), (49, "imagenet")])
def test_auto_takes_the_cifar_stem_up_to_48_pixels(size, stem):
    network = ablation.build(TINY["resnet"], (size, size, 3), 10)
    assert bool(names(network, "stem_pool")) == (stem == "imagenet")
    assert network.get_layer("stem_conv").kernel_size == {"cifar": (3, 3), "imagenet": (7, 7)}[stem]


@pytest.mark.parametrize(("stem", "size"), [("cifar", 30), ("imagenet", 8)])
def test_a_stem_gives_its_filters_and_keeps_or_quarters_the_image(stem, size):
    y, network = apply(STEMS[stem], images(2, 30, 30, 3), filters=5, conv=CONV, norm=NORM, activation=relu)
    assert y.shape == (2, size, size, 5) and y.min() == 0  # 30 to 15 to 8
    assert all(layer.name.startswith("stem_") for layer in network.layers[1:])
