"""Which configs share initial weights: the rule on keys, held against networks that are built."""

import dataclasses

import numpy as np
import pytest
from support.networks import TINY, kernels, small

from ablation.config.network_structure import SEPARATING, shares_initial_weights
from ablation.config.schema import Model

RESNET, SHAKE = TINY["resnet"], TINY["shake"]
CHANGES = {  # key of the model: a network that reads it, and another value
    "family": (RESNET, "vgg"),
    "block": (TINY["bottleneck"], "basic"),
    "repeats": (RESNET, "[1,2]"),
    "depth": (SHAKE, "14"),
    "width": (SHAKE, "6"),
    "stem": (RESNET, "imagenet"),
    "head": (TINY["vgg"], None),  # two layers of 4096: too large to build here
    "order": (RESNET, "pre"),
    "residual": (RESNET, "false"),
    "shortcut": (RESNET, "identity_pad"),
    "squeeze_excite": (RESNET, "4"),
    "stochastic_depth": (RESNET, "0.5"),
    "zero_init_last": (RESNET, "true"),
    "groups": (TINY["bottleneck"], "2"),
    "stride_in": (TINY["bottleneck"], "3x3"),
    "norm": (RESNET, "none"),
    "norm_momentum": (RESNET, "0.5"),
    "norm_epsilon": (RESNET, "0.1"),
    "activation": (RESNET, "elu"),
    "conv_bias": (RESNET, "true"),
    "initializer": (RESNET, "glorot_uniform"),
    "dropout": (RESNET, "0.5"),
    "weights": (RESNET, None),  # a file of another run
    "shake_forward": (SHAKE, "even"),
    "shake_backward": (SHAKE, "even"),
    "shake_level": (SHAKE, "batch"),
}


@pytest.fixture(scope="module")
def built():
    """The kernels of a network by layer, built once for each list of overrides."""
    networks = {}

    def build(*overrides: str) -> dict[str, np.ndarray]:
        if overrides not in networks:
            networks[overrides] = kernels(small(*overrides))
        return networks[overrides]

    return build


def shared(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> list[str]:
    """The layers between stem and classifier whose kernels are equal."""
    inner = [name for name in first if name in second and name not in ("stem_conv", "classifier")]
    return [name for name in inner if np.array_equal(first[name], second[name])]


def test_every_key_of_a_model_is_tried():
    assert set(CHANGES) == {field.name for field in dataclasses.fields(Model)}


@pytest.mark.parametrize("key", [key for key, (_, value) in CHANGES.items() if value is not None])
def test_the_rule_agrees_with_the_kernels(built, key):
    overrides, value = CHANGES[key]
    changed = TINY[value] if key == "family" else [*overrides, f"model.{key}={value}"]
    assert bool(shared(built(*overrides), built(*changed))) == shares_initial_weights([f"model.{key}"])


@pytest.mark.parametrize("family", ["resnet", "vgg", "bottleneck", "plain", "resnet_cifar"])
def test_networks_of_another_width_or_initializer_share_no_kernel(built, family):
    for change in ("model.width=6", "model.initializer=lecun_normal"):
        assert not shared(built(*TINY[family]), built(*TINY[family], change))


def test_one_key_among_others_is_enough():
    assert shares_initial_weights([]) and shares_initial_weights(["train.nesterov", "data.augment", "model.norm"])
    for key in SEPARATING:
        assert not shares_initial_weights(["train.nesterov", key])
