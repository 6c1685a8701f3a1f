"""What the variants of sweeps are called: what the user varied, and nothing that follows from it."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.sweeps import CONF_FILES, Settings, cached_preset, grid, one_at_a_time, variants

from ablation.comparison.labels.abbreviations import ABBREVIATIONS
from ablation.comparison.labels.variant_labels import LONGEST, labels
from ablation.comparison.labels.varied import NETWORK_KEYS
from ablation.comparison.reading.run import Run
from ablation.config.applicability import reads
from ablation.config.schema import DEFAULTS
from ablation.errors import AblateError

FILES = {"model": CONF_FILES["model"], "data": ("digits", "cifar10", "cats_vs_dogs"), "train": CONF_FILES["train"]}


def named(all_settings: Sequence[Settings]) -> list[str]:
    return [label.text for label in labels(variants(all_settings))]


STEPS = {"train.schedule": "step", "train.lr_milestones": [0.5, 0.75], "train.lr_gamma": 0.1}
FOUR = {"train.learning_rate": [0.1, 0.01], "train.batch_size": [64], "train.weight_decay": [1e-4]}
SWEEPS = {  # what was typed: the labels
    "the quickstart": (grid({"model": ["plain34", "resnet34"]}, **{"model.width": 8}), ["plain34", "resnet34"]),
    "taking a part away": (grid({"model.norm": ["batch", "none"]}), ["norm=batch", "norm=none"]),
    "every norm": (
        grid({"model.norm": ["batch", "layer", "group", "none"]}),
        ["norm=batch", "norm=layer", "norm=group", "norm=none"],
    ),
    "a key that only one norm has": (
        [{}, {"model.norm_momentum": 0.99}, {"model.norm": "none"}],
        ["norm=batch norm_momentum=0.9", "norm=batch norm_momentum=0.99", "norm=none"],
    ),
    "a small number": (grid({"model.norm_epsilon": [1e-5, 1e-3]}), ["norm_epsilon=1e-5", "norm_epsilon=0.001"]),
    "families": (
        grid({"model": ["vgg16", "resnet34", "resnet_cifar", "shake26"]}, data="cifar10"),
        ["vgg16", "resnet34", "resnet20", "shake26_2x32d"],
    ),
    "a family with a width of its own": (
        [{"model.width": 8}, {"model": "resnet_cifar"}],
        ["resnet34 width=8", "resnet20 width=16"],
    ),
    "families with norms that are not theirs": (
        [{"model": "vgg16", "model.norm": "batch", "data": "cifar10"}, {"model.norm": "none", "data": "cifar10"}],
        ["vgg16 norm=batch", "resnet34 norm=none"],
    ),
    "families with the same norm": (
        grid({"model": ["vgg16", "resnet34"]}, **{"model.norm": "batch"}, data="cifar10"),
        ["vgg16", "resnet34"],
    ),
    "shortcuts": (grid({"model.residual": [True, False]}), ["resnet34", "plain34"]),
    "a key of networks with shortcuts": (
        [{"model.shortcut": "projection"}, {"model.shortcut": "identity_pad"}, {"model": "plain34"}],
        ["resnet34 shortcut=projection", "resnet34 shortcut=identity_pad", "plain34"],
    ),
    "depths": (
        grid({"model.depth": [20, 56], "model.residual": [True, False]}, model="resnet_cifar"),
        ["resnet20", "plain20", "resnet56", "plain56"],
    ),
    "blocks": (
        grid({"model.repeats": [[3, 4, 6, 3], [4, 4, 5, 3]]}),
        ["repeats=[3,4,6,3]", "repeats=[4,4,5,3]"],
    ),
    "a key that renames the network": (
        grid({"model.squeeze_excite": [0, 16]}),
        ["squeeze_excite=0", "squeeze_excite=16"],
    ),
    "another such key": (grid({"model.head": ["vgg", "global_pool"]}), ["head=vgg", "head=global_pool"]),
    "the width that a name contains": (grid({"model.width": [32, 96]}, model="shake26"), ["width=32", "width=96"]),
    "two long keys": (
        grid({"model.shake_forward": ["shake", "even"], "model.shake_backward": ["shake", "keep"]}, model="shake26"),
        [
            "shake_forward=shake shake_backward=shake",
            "shake_forward=shake shake_backward=keep",
            "shake_forward=even shake_backward=shake",
            "shake_forward=even shake_backward=keep",
        ],
    ),
    "data sets": (
        grid({"data": ["digits", "cifar10", "cats_vs_dogs"]}),
        ["data=digits", "data=cifar10", "data=cats_vs_dogs"],
    ),
    "a data set in another size": (
        [{}, {"data": "cifar10", "data.image_size": 64}],
        ["data=digits image_size=8", "data=cifar10 image_size=64"],
    ),
    "numbers of images": (grid({"data.limit": [None, 256]}), ["limit=null", "limit=256"]),
    "augmentations": (
        [{}, {"data.augment": "flip"}, {"data.augment": "crop"}, {"data.augment": "crop", "data.pad": "black"}],
        ["augment=none", "augment=flip", "augment=crop pad=mean", "augment=crop pad=black"],
    ),
    "optimizers": (grid({"train.optimizer": ["sgd", "adamw"]}), ["optimizer=sgd", "optimizer=adamw"]),
    "an optimizer with its learning rate": (
        [{"train.learning_rate": 0.1}, {"train.optimizer": "adamw", "train.learning_rate": 0.001}],
        ["optimizer=sgd learning_rate=0.1", "optimizer=adamw learning_rate=0.001"],
    ),
    "schedules": (
        [{"train.schedule": "constant"}, {"train.schedule": "cosine"}, STEPS],
        ["schedule=constant", "schedule=cosine", "schedule=step"],
    ),
    "a key without effect in one variant": (
        grid({"train.weight_decay": [0.0, 1e-4]}, **{"train.weight_decay_exclude": "norm_bias"}),
        ["weight_decay=0.0", "weight_decay=0.0001"],
    ),
    "recipes": (
        grid({"train": ["sgd", "sgd_cosine", "sgd_he2015", "quickstart"]}),
        ["train=sgd", "train=sgd_cosine", "train=sgd_he2015", "train=quickstart"],
    ),
    "recipes of equal length": (
        grid({"train": ["sgd", "sgd_cosine"]}, **{"train.epochs": 3}),
        ["train=sgd", "train=sgd_cosine"],
    ),
    "recipes with learning rates": (
        grid({"train": ["sgd", "sgd_cosine"], "train.learning_rate": [0.1, 0.05]}),
        [
            "train=sgd learning_rate=0.1",
            "train=sgd learning_rate=0.05",
            "train=sgd_cosine learning_rate=0.1",
            "train=sgd_cosine learning_rate=0.05",
        ],
    ),
    "recipes that were made alike": (
        grid(
            {"train": ["quickstart", "sgd_cosine"]},
            **{"train.epochs": 3, "train.batch_size": 64, "train.learning_rate": 0.05, "train.weight_decay": 0.0},
        ),
        ["momentum_form=keras", "momentum_form=torch"],
    ),
    "backends": (
        grid({"backend": ["tensorflow", "jax"], "train.xla": [None, True]}),
        ["xla=null backend=tensorflow", "xla=true backend=tensorflow", "backend=jax"],
    ),
    "three keys that are too long together": (
        grid(FOUR | {"train.batch_size": [64, 128], "train.weight_decay": [0.0, 1e-4]})[::7],
        ["bs=64 lr=0.1 wd=0.0", "bs=128 lr=0.01 wd=0.0001"],
    ),
    "one key after the other": (
        one_at_a_time({**FOUR, "train.batch_size": [64, 32], "model.norm": ["batch", "none"], "model.width": [64, 8]}),
        ["resnet34", "learning_rate=0.01", "batch_size=32", "norm=none", "width=8"],
    ),
    "a lived-in folder": (  # of which one label was 120 characters long
        [
            {"model": "resnet_cifar", "model.depth": 8, "data.limit": 256, "train": "sgd", "train.epochs": 2},
            {"model": "resnet_cifar", "model.depth": 8, "data.limit": 256, "train.epochs": 4},
            {"model": "plain34", "model.width": 8},
            {"model": "resnet34", "model.width": 8},
            {"model": "resnet34", "model.width": 16},
        ],
        [
            "resnet8 train=sgd limit=256 epochs=2",
            "resnet8 limit=256 epochs=4",
            "plain34 width=8",
            "resnet34 width=8",
            "resnet34",
        ],
    ),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_labels_say_what_was_varied(name):
    typed, expected = SWEEPS[name]
    assert named(typed) == expected


def test_many_random_configurations_have_short_labels():
    """As of a random search: numbers with many digits, each different."""
    draw = random.Random(0)
    typed = []
    for _ in range(200):
        typed.append(
            {
                "model.dropout": draw.uniform(0, 0.5),
                "train.batch_size": draw.choice([32, 64, 128]),
                "train.learning_rate": 10 ** draw.uniform(-4, 0),
                "train.weight_decay": 10 ** draw.uniform(-6, -2),
            }
        )
    found = named(typed)
    assert len(set(found)) == 200 and max(map(len, found)) <= LONGEST
    number = r"(\.\d+…|\d(\.\d+)?…e-\d)"
    shape = re.compile(f"drop={number} bs=\\d+ lr={number} wd={number}")
    assert not [label for label in found if not shape.fullmatch(label)]


def test_where_very_many_keys_differ_the_last_are_left_out():
    draw = random.Random(0)
    keys = ("model.dropout", "model.stochastic_depth", "data.label_noise", "data.mixup_alpha", "train.learning_rate")
    found = named([{key: draw.uniform(0.1, 0.9) for key in (*keys, "train.warmup")} for _ in range(50)])
    assert len(set(found)) == 50 and max(map(len, found)) <= LONGEST
    assert all(re.fullmatch(r"dpath=\.\d+… drop=\.\d+… …", label) for label in found)


# ---------------------------------------------------------------- any sweep

VALUES: dict[str, list[Any]] = {
    "model.norm": ["batch", "layer", "group", "none"],
    "model.norm_momentum": [0.9, 0.99],
    "model.norm_epsilon": [1e-5, 1e-3],
    "model.activation": ["relu", "gelu", "leaky_relu"],
    "model.width": [8, 16, 64],
    "model.repeats": [[2, 2, 2, 2], [3, 4, 6, 3], [2, 3, 2, 2]],
    "model.depth": [20, 32, 56],
    "model.residual": [True, False],
    "model.shortcut": ["projection", "identity_pad", "projection_all"],
    "model.order": ["post", "pre"],
    "model.squeeze_excite": [0, 4, 16],
    "model.stochastic_depth": [0.0, 0.2],
    "model.zero_init_last": [True, False],
    "model.groups": [1, 32],
    "model.stride_in": ["first", "3x3"],
    "model.conv_bias": [True, False],
    "model.initializer": ["he_normal", "glorot_uniform", "lecun_normal"],
    "model.head": ["global_pool", "vgg"],
    "model.dropout": [0.0, 0.25, 0.123456789],
    "model.shake_forward": ["shake", "even", "keep"],
    "model.shake_level": ["image", "batch"],
    "data.image_size": [32, 64],
    "data.limit": [None, 100, 1000],
    "data.fraction": [1.0, 0.1],
    "data.augment": ["none", "crop", "crop_flip"],
    "data.cutout_size": [0, 16],
    "data.mixup_alpha": [0.0, 0.2],
    "data.label_noise": [0.0, 0.05, 0.333333333],
    "data.normalize": ["channel", "none"],
    "train.epochs": [3, 12],
    "train.batch_size": [32, 128, 1024],
    "train.optimizer": ["sgd", "adamw"],
    "train.learning_rate": [0.1, 0.01, 0.0032145678],
    "train.momentum": [0.0, 0.9],
    "train.nesterov": [True, False],
    "train.momentum_form": ["keras", "torch"],
    "train.weight_decay": [0.0, 1e-4, 5e-4],
    "train.weight_decay_exclude": ["none", "norm_bias"],
    "train.clipnorm": [None, 1.0],
    "train.label_smoothing": [0.0, 0.1],
    "train.ema_momentum": [0.0, 0.999],
    "train.schedule": ["constant", "cosine"],
    "train.warmup": [0.0, 0.05],
    "train.precision": ["float32", "mixed_bfloat16", "mixed_float16"],
    "train.xla": [None, True],
    "backend": ["tensorflow", "jax"],
    "deterministic": [True, False],
    **{group: list(names) for group, names in FILES.items()},
}
KEY_OF = {abbreviation: key for key, abbreviation in ABBREVIATIONS.items()}
KEY_OF |= {key.rpartition(".")[2]: key for key in DEFAULTS}


@st.composite
def sweeps(draw: st.DrawFn) -> tuple[dict[str, list[Any]], list[Settings], list[Run]]:
    """A sweep over 1 to 4 keys: the values of each key, the overrides of each run, and its distinct variants."""
    fixed = {group: draw(st.sampled_from(names)) for group, names in FILES.items()}
    keys = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4, unique=True))
    swept = {}
    for key in keys:
        swept[key] = draw(st.lists(st.sampled_from(VALUES[key]), min_size=2, max_size=3, unique_by=repr))
    typed = draw(st.sampled_from([grid, one_at_a_time]))(swept, **fixed)
    if not FILES.keys() & swept.keys():  # otherwise a value may be that of its file in each variant
        typed = draw(st.permutations(typed))[: draw(st.integers(2, max(2, len(typed))))]
    try:
        found = variants(typed)
    except AblateError:
        found = []
    assume(len(found) > 1)
    return swept, typed, found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(sweep=sweeps())
def test_any_sweep_has_short_unique_labels_with_the_varied_keys_and_no_others(sweep):
    swept, typed, runs = sweep
    found = labels(runs)
    assert len({label.text for label in found}) == len(runs)
    assert max(len(label.text) for label in found) <= LONGEST
    shown = shown_keys([label.text for label in found])
    needed, allowed = expected(swept, runs)
    assert shown <= allowed, (found, shown - allowed)
    for choices in needed:
        assert shown & choices, (found, choices)


def shown_keys(labels: Sequence[str]) -> set[str]:
    """The keys in labels; `network` if each has the name of a network."""
    keys = set()
    networks = 0
    for label in labels:
        for word in re.sub(r" \(\d+\)$", "", label).split(" "):
            name, mark, _ = word.partition("=")
            if mark:
                keys.add(KEY_OF.get(name, name))
            elif word != "…":
                networks += 1
    return keys | {"network"} if networks == len(labels) else keys


def expected(swept: Mapping[str, Sequence[Any]], runs: Sequence[Run]) -> tuple[list[set[str]], set[str]]:
    """The keys of which one must be in a label, for each key that was swept; and those that may be in labels."""
    needed: list[set[str]] = []
    for key in swept:
        if key == "train":
            needed.append({"train", *files_differ(swept[key])})
        elif key == "data":
            needed.append({"data"})
        elif key == "model" or key in NETWORK_KEYS:
            if len({repr([run.config.get(each) for each in NETWORK_KEYS]) for run in runs}) > 1:
                needed.append({"network", *NETWORK_KEYS})
        elif len({repr(run.config[key]) for run in runs if reads(run.config, key)}) > 1:
            in_name = key == "model.width" and any(run.network.startswith("shake") for run in runs)
            needed.append({key, "network"} if in_name else {key})
    needed = [choices for choices in needed if differ(choices, runs)]
    return needed, set().union(*needed)


def differ(choices: set[str], runs: Sequence[Run]) -> bool:
    """Whether any of the keys differs between the variants, some of which may have been left out of the sweep."""
    if choices & {"network", "data"}:
        return len({(run.network, run.data) for run in runs}) > 1 or len(choices) > 1
    keys = choices - {"train"}
    return any(len({repr(run.config[key]) for run in runs if reads(run.config, key)}) > 1 for key in keys)


def files_differ(names: Sequence[str]) -> set[str]:
    """The keys in which recipes differ."""
    files = [cached_preset("train", name) for name in names]
    keys = {key for file in files for key in file}
    differing = set()
    for key in keys:
        path = f"train.{key}"
        if len({repr(file.get(key, DEFAULTS[path])) for file in files}) > 1:
            differing.add(path)
    return differing
