"""Residual blocks in NumPy: post- and pre-activation, with and without the sum, and branches that begin as nothing."""

from functools import partial

import keras
import numpy as np
import pytest
from support.networks import (
    TINY,
    conv_norm,
    convolve,
    images,
    kernels,
    names,
    normalise,
    randomise,
    seen,
    small,
)

from ablation.model.blocks.residual import BLOCKS, ORDERS


@pytest.mark.parametrize("residual", [True, False])
def test_the_basic_block_in_numpy(residual):
    """y = relu(x + norm(conv(relu(norm(conv(x)))))), and the same without x + (He et al. 2015, Figure 2)."""
    network = small(*TINY["resnet"], f"model.residual={str(residual).lower()}")
    randomise(network)
    x, first, second = seen(network, "stem_act", "stage1_block0_out", "stage2_block0_out")
    for name, source, strides, y in (("stage1_block0", x, 1, first), ("stage2_block0", first, 2, second)):
        expected = np.maximum(conv_norm(network, name, "1", source, strides), 0)
        expected = conv_norm(network, name, "2", expected)
        if residual:
            expected += source if strides == 1 else conv_norm(network, f"{name}_shortcut", "", source, strides)
        np.testing.assert_allclose(y, np.maximum(expected, 0), rtol=1e-3, atol=1e-3 * np.abs(y).max())


@pytest.mark.parametrize(("name", "last"), [("resnet18", "norm2"), ("resnet50", "norm3")])
def test_a_block_whose_branch_gives_nothing_is_the_identity(name, last):
    """y = relu(x + branch(x)): nothing else stands between two blocks, and x is not negative."""
    network = small(f"model={name}", "model.repeats=[3]", "model.width=4")
    for name in names(network, rf"stage1_block[12]_{last}"):
        gamma = network.get_layer(name).gamma
        gamma.assign(np.zeros(gamma.shape))
    first, third = seen(network, "stage1_block0_out", "stage1_block2_out")
    assert first.min() == 0 < first.max()
    np.testing.assert_array_equal(first, third)


@pytest.mark.parametrize(
    ("overrides", "strided"),
    [
        (["model=plain18"], "conv1"),
        (["model=resnet50", "model.stride_in=3x3"], "conv2"),
        (["model=resnet50", "model.stride_in=first"], "conv1"),
    ],
)
def test_the_strided_convolution_of_a_network_pads_evenly(overrides, strided):
    network = small(*overrides, "model.width=4", "model.repeats=[1,1]")
    name = f"stage2_block0_{strided}"
    kernel = kernels(network)[name]
    source = network.get_layer(f"{name}_pad" if kernel.shape[0] > 1 else name).input
    x, y = seen(network, source._keras_history.operation.name, name)
    assert x.shape[1:3] == (32, 32) and y.shape[1:3] == (16, 16)
    np.testing.assert_allclose(y, convolve(x, kernel, 2, kernel.shape[0] // 2), rtol=1e-4, atol=1e-4)


def pre_activation_block(network, name: str, x: np.ndarray, strides: int, shortcut: str) -> np.ndarray:
    """norm-relu-conv-norm-relu-conv plus x or its projection, in NumPy (Figure 1b)."""
    y = x
    for number in "12":
        y = np.maximum(normalise(y, *network.get_layer(f"{name}_norm{number}").get_weights()), 0)
        if number == "1":
            activated = y
        (kernel,) = network.get_layer(f"{name}_conv{number}").get_weights()
        y = convolve(y, kernel, strides if number == "1" else 1, 1)
    if strides == 1:
        return x + y
    if shortcut == "projection":  # of what is activated, and with no norm behind it
        return convolve(activated, network.get_layer(f"{name}_shortcut_conv").get_weights()[0], strides) + y
    return np.pad(x[:, ::2, ::2], [(0, 0), (0, 0), (0, 0), (0, x.shape[-1])]) + y


@pytest.mark.parametrize("shortcut", ["projection", "identity_pad"])
def test_the_pre_activation_network_in_numpy(shortcut):
    """From the stem's bare convolution to the pooling: nothing else stands between, nothing after the sums."""
    network = small(*TINY["resnet"], "model.order=pre", f"model.shortcut={shortcut}")
    randomise(network)
    image, first, second, pooled = seen(network, "image", "stage1_block0_add", "stage2_block0_add", "head_pool")
    x = convolve(image, network.get_layer("stem_conv").get_weights()[0], 1, 1)
    for name, strides, y in (("stage1_block0", 1, first), ("stage2_block0", 2, second)):
        x = pre_activation_block(network, name, x, strides, shortcut)
        np.testing.assert_allclose(y, x, rtol=1e-3, atol=1e-3 * np.abs(y).max())
        assert y.min() < 0
    x = np.maximum(normalise(x, *network.get_layer("head_norm").get_weights()), 0).mean((1, 2))
    np.testing.assert_allclose(pooled, x, rtol=1e-3, atol=1e-3 * np.abs(x).max())


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
@pytest.mark.parametrize(("base", "last"), [("resnet", "norm2"), ("bottleneck", "norm3"), ("resnet_cifar", "norm2")])
def test_zero_init_takes_the_scale_of_the_last_norm_of_each_branch_alone(base, last, norm):
    network = small(*TINY[base], "model.zero_init_last=true", f"model.norm={norm}", "model.shortcut=projection")
    scales = {name: network.get_layer(name).gamma for name in names(network, r".*_norm\d?")}
    zero = [name for name, gamma in scales.items() if not np.any(np.asarray(gamma))]
    assert zero == names(network, rf"stage\d_block\d_{last}") and len(zero) == len(names(network, ".*_add"))
    assert all(np.all(np.asarray(gamma) == 1) for name, gamma in scales.items() if name not in zero)


def test_with_zero_init_a_block_begins_as_its_shortcut():
    network = small("model=resnet18", "model.repeats=[3]", "model.width=4", "model.zero_init_last=true")
    x, third = seen(network, "stem_act", "stage1_block2_out")
    np.testing.assert_array_equal(x, third)


def test_a_branch_that_begins_as_nothing_learns():
    """The gradient of its scale is not zero, so that it leaves zero in the first step."""
    network = small(*TINY["resnet"], "model.zero_init_last=true")
    network.compile(optimizer=keras.optimizers.SGD(0.1), loss=keras.losses.SparseCategoricalCrossentropy(True))
    network.train_on_batch(images(8, 32, 32, 3), np.arange(8))
    for name in names(network, "stage.*_norm2"):
        assert np.abs(np.asarray(network.get_layer(name).gamma)).min() > 0


@pytest.mark.parametrize(
    ("block", "stride_in", "groups", "convolutions"),
    [
        ("basic", None, 1, ((64, 3, 2, 1), (64, 3, 1, 1))),
        ("bottleneck", "first", 1, ((64, 1, 2, 1), (64, 3, 1, 1), (256, 1, 1, 1))),
        ("bottleneck", "3x3", 1, ((64, 1, 1, 1), (64, 3, 2, 1), (256, 1, 1, 1))),
        ("bottleneck", "3x3", 32, ((128, 1, 1, 1), (128, 3, 2, 32), (256, 1, 1, 1))),
    ],
)
def test_the_convolutions_of_a_block_are_those_of_the_papers(block, stride_in, groups, convolutions):
    """He et al. 2015, Figure 5; Xie et al. 2017, Table 1: filters, kernel size, strides, groups."""
    assert BLOCKS[block](64, 2, stride_in=stride_in, groups=groups) == convolutions


@pytest.mark.parametrize(
    ("order", "with_shortcut", "calls"),
    [
        ("post", True, "shortcut conv1 norm1 act1 conv2 last_norm2 se drop out"),
        ("post", False, "shortcut conv1 norm1 act1 conv2 last_norm2 se out"),
        ("pre", True, "norm1 act1 shortcut conv1 norm2 act2 conv2 se drop"),
        ("pre", False, "norm1 act1 shortcut conv1 norm2 act2 conv2 se"),
    ],
)
def test_a_block_uses_the_parts_that_it_is_given_in_its_order(order, with_shortcut, calls):
    made = []

    def part(kind):
        def call(x, *arguments, name, **keywords):
            role = name.removeprefix("b_")
            made.append(role if role.startswith(kind) or kind == "act" else f"{kind}_{role}")
            return None if kind == "shortcut" and not with_shortcut else x

        return call

    names_of_parts = {"conv": "conv", "norm": "norm", "activation": "act", "shortcut": "shortcut", "excite": "se"}
    parts = {name: part(kind) for name, kind in {**names_of_parts, "drop": "drop", "last_norm": "last"}.items()}
    convolutions = partial(BLOCKS["basic"], stride_in=None, groups=1)
    ORDERS[order](keras.Input((4, 4, 3)), 3, 1, block=convolutions, name="b", **parts)
    assert " ".join(made) == calls
