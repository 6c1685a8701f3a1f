"""Whole networks: the names of their layers, shapes, orders, and what every family takes."""

import re
from dataclasses import replace
from itertools import product

import keras
import numpy as np
import pytest
from support.networks import SMALL, TINY, conv_norm, images, kernels, names, randomise, seen, small

import ablation
from ablation.cli import composition
from ablation.config import network_structure
from ablation.model.blocks.norm import NORMS
from ablation.model.blocks.stochastic_depth import StochasticDepth
from ablation.model.network import build, outline

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("family", TINY)
def test_every_layer_has_a_name_of_the_design(family):
    stage = r"stage\d+(_block\d+(_shortcut|_left|_right)?)?"
    role = r"(conv|norm|act|subsample)\d?(_pad)?|add|out|pool|pad_channels|shake|shift_pad|shift_crop|concat"
    role += "|drop|se_(pool|fc[12]|act|gate|scale)"
    pattern = rf"image|classifier|(stem|head|{stage})_({role}|dropout)"
    parts = [] if family in ("vgg", "shake") else ["model.squeeze_excite=2", "model.stochastic_depth=0.1"]
    network = small(*TINY[family], "model.dropout=0.1", *parts)
    assert [layer.name for layer in network.layers if not re.fullmatch(pattern, layer.name)] == []


def test_names_read_like_the_table():
    network = small("model=resnet34", "model.width=4")
    wanted = ["stem_conv", "stem_norm", "stage2_block0_conv1", "stage2_block0_shortcut_conv", "stage4_block2_norm2"]
    assert set(wanted) <= {layer.name for layer in network.layers}
    assert network.layers[0].name == "image" and network.layers[-1].name == "classifier"
    for stage, blocks in enumerate((3, 4, 6, 3), start=1):
        assert len(names(network, rf"stage{stage}_block\d+_out")) == blocks


@pytest.mark.parametrize("family", TINY)
def test_depth_is_the_count_of_weighted_layers_without_projections(family):
    """In shake networks both branches count once."""
    network = small(*TINY[family])
    config = composition.compose([*TINY[family], "data=cifar10"]).config.model
    counted = [name for name in kernels(network) if "shortcut" not in name and "_right_" not in name]
    assert network_structure.depth(config) == len(counted)
    assert network_structure.name(config) == network.name


def test_shape_and_classes_come_from_the_data():
    network = ablation.build(TINY["resnet_cifar"])
    assert network.input_shape == (None, 8, 8, 1) and network.output_shape == (None, 10)
    network = ablation.build([*TINY["resnet_cifar"], "data=cats_vs_dogs", "data.image_size=40"])
    assert network.input_shape == (None, 40, 40, 3) and network.output_shape == (None, 2)
    assert ablation.build(TINY["resnet_cifar"], (9, 12, 2)).input_shape == (None, 9, 12, 2)
    assert ablation.build(TINY["resnet_cifar"], classes=7).output_shape == (None, 7)


@pytest.mark.parametrize(("family", "norm"), list(product(TINY, NORMS)))
def test_every_family_runs_with_every_norm(family, norm):
    network = ablation.build([*TINY[family], f"model.norm={norm}", "model.dropout=0.1"], (8, 8, 1), 5)
    for training in (True, False):
        logits = np.asarray(network(images(2, 8, 8, 1), training=training))
        assert logits.shape == (2, 5) and np.isfinite(logits).all()
        assert np.abs(logits[0] - logits[1]).max() > 1e-6
    kinds = {"batch": "BatchNormalization", "group": "GroupNormalization", "layer": "GroupNormalization"}
    found = {type(layer).__name__ for layer in network.layers if re.fullmatch(r".*_norm\d?", layer.name)}
    assert found == ({kinds[norm]} if norm in kinds else set())


@pytest.mark.parametrize("family", TINY)
def test_dropout_stands_before_the_classifier_and_zero_adds_no_layer(family):
    without, given_rate = small(*TINY[family]), small(*TINY[family], "model.dropout=0.3")
    assert not [layer for layer in without.layers if isinstance(layer, keras.layers.Dropout)]
    (drop,) = [layer for layer in given_rate.layers if isinstance(layer, keras.layers.Dropout)]
    assert drop.rate == 0.3
    assert [layer.name for layer in given_rate.layers][-2:] == ["head_dropout", "classifier"]


@pytest.mark.parametrize("family", TINY)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_under_half_precision_logits_and_weights_stay_float32(family, policy):
    keras.config.set_dtype_policy(policy)
    try:
        network = ablation.build(TINY[family], (8, 8, 1), 3)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {w.dtype for w in network.weights} == {"float32"}
    assert network.output.dtype == "float32"
    assert network.get_layer("classifier").input.dtype == policy.removeprefix("mixed_")
    full = ablation.build(TINY[family], (8, 8, 1), 3)
    for ours, theirs in zip(network.get_weights(), full.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("stem", ["cifar", "imagenet"])
def test_the_stem_of_a_pre_activation_network_is_bare(stem):
    network = small(*TINY["resnet"], "model.order=pre", f"model.stem={stem}")
    assert [name for name in names(network, "stem_.*") if "pad" not in name] == (
        ["stem_conv"] if stem == "cifar" else ["stem_conv", "stem_pool"]
    )
    assert names(network, ".*_out") == []
    assert [layer.name for layer in network.layers][-4:] == ["head_norm", "head_act", "head_pool", "classifier"]


def test_a_plain_network_has_one_order():
    """He et al. 2016, section 4.1: without sums, both are the same layers under other names."""
    post, asked = (
        composition.compose([*TINY["plain"], f"model.order={order}"]).config.model for order in ("post", "pre")
    )
    assert post == asked
    one, other = (build(replace(post, order=order), *SMALL) for order in ("post", "pre"))
    assert {layer.name for layer in one.layers} != {layer.name for layer in other.layers}
    x = images(4, 32, 32, 3)
    for training in (False, True):
        np.testing.assert_allclose(one(x, training=training), other(x, training=training), rtol=1e-4, atol=1e-5)


def test_the_plain_network_is_the_residual_one_without_its_sums():
    plain, residual = small("model=plain18", "model.width=4"), small("model=resnet18", "model.width=4")
    extra = {layer.name for layer in residual.layers} - {layer.name for layer in plain.layers}
    assert all(re.fullmatch(r".*_(add|shortcut_conv|shortcut_norm)", name) for name in extra)
    assert {layer.name for layer in plain.layers} < {layer.name for layer in residual.layers}


@pytest.mark.parametrize("order", ["post", "pre"])
def test_blocks_are_dropped_at_rates_that_grow_linearly_with_depth(order):
    """Block l of L survives with probability 1 - l/L * rate (equation 4): here 1/6, 2/6, … of 0.6."""
    network = small("model=resnet_cifar", "model.width=4", "model.stochastic_depth=0.6", f"model.order={order}")
    drops = [layer for layer in network.layers if isinstance(layer, StochasticDepth)]
    assert [layer.name for layer in drops] == [f"stage{i}_block{j}_drop" for i in (1, 2, 3) for j in (0, 1, 2)]
    np.testing.assert_allclose([layer.rate for layer in drops], 0.6 * np.arange(1, 10) / 9)
    for layer in drops:
        (add,) = [node.operation.name for node in layer._outbound_nodes]
        assert add == layer.name.replace("drop", "add")
        assert layer.input._keras_history.operation.name.endswith("norm2" if order == "post" else "conv2")


def test_a_rate_of_zero_adds_no_layer_and_a_plain_network_drops_nothing():
    without, plain = small(*TINY["resnet"]), small(*TINY["plain"], "model.stochastic_depth=0.5")
    assert names(without, ".*_drop") == names(plain, ".*_drop") == []
    assert [layer.name for layer in small(*TINY["plain"]).layers] == [layer.name for layer in plain.layers]


def test_without_training_stochastic_depth_changes_nothing():
    network, without = small(*TINY["resnet"], "model.stochastic_depth=0.5"), small(*TINY["resnet"])
    x = images(4, 32, 32, 3)
    np.testing.assert_array_equal(network(x, training=False), without(x, training=False))
    assert np.abs(np.asarray(network(x, training=True)) - np.asarray(without(x, training=True))).max() > 1e-3


def test_shake_changes_shape_in_exactly_three_blocks():
    """Also where 16 channels become K at stride 1: in the reference all three stages begin so."""
    network = small("model=shake26", "model.width=4")
    assert names(network, ".*_shortcut_concat") == [f"stage{i}_block0_shortcut_concat" for i in (1, 2, 3)]
    assert network.get_layer("stem_conv").filters == 16
    assert len(names(network, ".*_shake")) == len(names(network, ".*_add")) == 12
    assert [network.get_layer(f"stage{i}_block3_add").output.shape[1:] for i in (1, 2, 3)] == [
        (32, 32, 4),
        (16, 16, 8),
        (8, 8, 16),
    ]


def test_a_shake_block_in_numpy():
    """Skip plus the mean of two branches relu-conv-norm-relu-conv-norm, nothing after the sum (reference 4.4)."""
    network = small(*TINY["shake"], "model.width=16")  # as many channels as the stem: the first skip is the identity
    randomise(network)
    x, first, projected, second = seen(
        network, "stem_norm", "stage1_block0_add", "stage2_block0_shortcut_norm", "stage2_block0_add"
    )
    for name, source, skip, strides, y in (
        ("stage1_block0", x, x, 1, first),
        ("stage2_block0", first, projected, 2, second),
    ):
        branches = []
        for branch in (f"{name}_left", f"{name}_right"):
            inner = conv_norm(network, branch, "1", np.maximum(source, 0), strides)
            branches.append(conv_norm(network, branch, "2", np.maximum(inner, 0)))
        np.testing.assert_allclose(y, skip + sum(branches) / 2, rtol=1e-3, atol=1e-3 * np.abs(y).max())
        assert y.min() < 0


def test_an_outline_holds_no_values_even_after_another_network_is_built(quick):
    counted = outline(quick.config(TINY["resnet"]).model, *SMALL)
    small(*TINY["resnet_cifar"])  # has an operation whose shape Keras finds out by calling it in a scope
    assert counted.weights and all(weight._value is None for weight in counted.weights)
