"""Which keys a configuration reads, by the choice that it makes and by the values of other keys."""

import pytest

from ablation.cli import composition
from ablation.config.applicability import choice_reads, inactive_keys, reader_of, reads, value_of

RESNET = {"model.family": "resnet", "model.block": "basic", "model.residual": True, "model.norm": "batch"}
PLAIN = {**RESNET, "model.residual": False}
SMALL = {
    "resnet": ["model=resnet18", "model.repeats=[1,1]", "model.width=4"],
    "bottleneck": ["model=resnet50", "model.repeats=[1,1]", "model.width=4"],
    "plain": ["model=plain18", "model.repeats=[1,1]", "model.width=4"],
    "resnet_cifar": ["model=resnet_cifar", "model.depth=8", "model.width=4"],
}


@pytest.mark.parametrize(
    ("config", "key", "expected"),
    [
        (RESNET, "model.shortcut", True),
        (PLAIN, "model.shortcut", False),
        (PLAIN, "model.order", False),
        ({**RESNET, "model.block": "mine"}, "model.order", False),
        (RESNET, "model.stride_in", False),
        ({**RESNET, "model.block": "bottleneck"}, "model.stride_in", True),
        ({**RESNET, "model.order": "pre"}, "model.zero_init_last", False),
        ({**RESNET, "model.order": "pre", "model.block": "mine"}, "model.zero_init_last", True),
        ({**RESNET, "model.norm": "group"}, "model.norm_momentum", False),
        ({**RESNET, "model.norm": "group"}, "model.norm_epsilon", True),
        ({**RESNET, "model.norm": "none"}, "model.norm_epsilon", False),
        ({"model.family": "vgg"}, "model.residual", False),
        (
            {"model.family": "shake", "model.shake_forward": "even", "model.shake_backward": "even"},
            "model.shake_level",
            0,
        ),
        ({"train.optimizer": "adamw"}, "train.momentum", False),
        ({"train.schedule": "step"}, "train.lr_gamma", True),
        ({"train.weight_decay": 0.0}, "train.weight_decay_exclude", False),
        ({"train.schedule": "cosine"}, "train.momentum_form", True),
        ({"train.warmup": 0.1}, "train.momentum_form", True),
        ({"train.schedule": "constant"}, "train.momentum_form", False),
        ({"train.schedule": "cosine", "train.momentum": 0.0}, "train.momentum_form", False),
        ({"train.schedule": "cosine", "train.optimizer": "adamw"}, "train.momentum_form", False),
        ({"data.augment": "crop"}, "data.pad", True),
        ({"data.augment": "crop_flip"}, "data.pad", True),
        ({"data.augment": "flip"}, "data.pad", False),
        ({"data.augment": "mine"}, "data.pad", False),
        ({"train.steps": 7}, "train.epochs", False),
        ({"train.epochs": 7}, "train.reference_steps", False),
        ({"backend": "jax"}, "train.xla", False),
        ({}, "seed", True),
    ],
)
def test_reads(config, key, expected):
    assert reads(config, key) == bool(expected)
    assert (key in inactive_keys(config)) != bool(expected)


def test_a_choice_is_told_from_a_value():
    assert choice_reads(PLAIN, "model.shortcut") and not choice_reads({"model.family": "vgg"}, "model.shortcut")


def test_readers_come_from_the_schema():
    momentum = reader_of("train.momentum")
    assert momentum is not None and (momentum.key, momentum.values) == ("train.optimizer", ("sgd",))
    assert reader_of("model.width") is None


def test_what_a_config_lacks_is_at_its_default():
    assert value_of({}, "train.batch_size") == 128 and value_of({"train.batch_size": 4}, "train.batch_size") == 4


@pytest.mark.parametrize(
    ("base", "unread", "because"),
    [
        ("resnet", "zero_init_last=true", "norm=none"),
        ("resnet", "zero_init_last=true", "order=pre"),
        ("resnet", "zero_init_last=true", "residual=false"),
        ("bottleneck", "stochastic_depth=0.5", "residual=false"),
        ("resnet_cifar", "order=pre", "residual=false"),
        ("plain", "zero_init_last=true", "order=pre"),
    ],
)
def test_a_key_that_nothing_reads_then_makes_no_other_config(base, unread, because):
    given_key, left_out = (
        composition.compose([*SMALL[base], f"model.{because}", *more]) for more in ([f"model.{unread}"], [])
    )
    assert given_key.config == left_out.config and given_key.record == left_out.record
    read = composition.compose([*SMALL[base], f"model.{unread}"]).config
    assert (read == composition.compose(SMALL[base]).config) == (base == "plain")
