"""The comparability gate: what differs between two arms beyond the declared factor is named, refused or marked."""

import copy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fake_runs import config, history, write

from ablation.check import OPTIONAL
from ablation.compare import facts, load
from ablation.compare.comparison import Gate
from ablation.compare.facts import NOT_RECORDED
from ablation.compare.gate import factors, gate
from ablation.environment import SHAPING

RECORDED = {  # as the real records have them
    "code": "0123456789abcdef",
    "exactness": {
        "exact": True,
        "class": "aaaa",
        "backend": "tensorflow",
        "deterministic": True,
        "threads": 2,
        "versions": {"keras": "3.8.0", "numpy": "2.0.2", "tensorflow": "2.18.0"},
        "devices": ["cpu"],
        "processor": "AMD EPYC",
        "instructions": "avx avx2 fma",
        "flags": {},
        "floatx": "float32",
        "image_data_format": "channels_last",
    },
    "versions": {
        **{"python": "3.11.2", "ablation": "0.1.0", "keras": "3.8.0", "numpy": "2.0.2", "tensorflow": "2.18.0"},
        **{"jax": "0.5.0", "hydra-core": "1.3.2"},
    },
    "hardware": {"devices": ["cpu"], "processor": "AMD EPYC", "machine": "x86_64", "system": "Linux", "cores": 8},
    "git": {"commit": "1f2e3d", "dirty": False},
    "data.mean": [77.5],
    "data.deviation": [95.0],
}
FACTOR = {"model.residual": False}


def told(**changes: Any) -> dict[str, Any]:
    """The recorded facts with some of them changed: `told(**{"exactness.threads": 4})`; None takes a part away."""
    made = copy.deepcopy(RECORDED)
    for path, value in changes.items():
        part, _, rest = path.partition(".")
        if rest and part in ("exactness", "versions", "hardware", "git"):
            *parents, last = rest.split(".")
            node = made[part]
            for parent in parents:
                node = node[parent]
            node[last] = value
        else:
            made[path] = value
    return made


def arm(
    place: Path, keys: dict[str, Any] | None = None, seeds: Any = (0, 1, 2), rows: Any = None, **changes: Any
) -> list[load.Run]:
    """Runs as they are read from the disk. keys: of the config, model, data and train among them."""
    return [load.read(write(place, config(seed=seed, **(keys or {})), rows, **told(**changes))) for seed in seeds]


def keys(differences: Any) -> list[str]:
    return [difference.key for difference in differences]


def found(differences: Any, key: str) -> tuple[str, str]:
    (difference,) = [d for d in differences if d.key == key]
    return difference.one, difference.other


# ---------------------------------------------------------------- one hidden difference each

# name: (what the arm has in its config beside the factor, what its record tells, key, the values)
HIDDEN_REFUSED = {
    "data's digest": ({}, {"data.digest": "b" * 64}, "data.digest", (None, "b" * 12)),
    "training split": ({}, {"data.train": 1000}, "train_images", ("1077", "1000")),
    "validation split": ({}, {"data.validation": 300}, "validation_images", ("360", "300")),
    "test split": ({}, {"data.test": 300}, "test_images", ("360", "300")),
    "no test split": ({}, {"data.test": None, "metrics.test": None}, "test_images", ("360", "null")),
    "classes": ({}, {"data.classes": ["0", "2"]}, "class_names", ('["0", "1"]', '["0", "2"]')),
    "data's name": ({}, {"data.name": "letters"}, "data", ("digits", "letters")),
    "data's mean": ({}, {"data.mean": [77.0]}, "data.mean", ("[77.5]", "[77.0]")),
    "data set": ({"data": "cifar10"}, {}, "data.name", ("digits", "cifar10")),
    "limit": ({"data.limit": 500}, {}, "data.limit", ("null", "500")),
    "holdout": ({"data.holdout": 0.1}, {}, "data.holdout", ("0.2", "0.1")),
    "fraction": ({"data.fraction": 0.5}, {}, "data.fraction", ("1", "0.5")),
    "image size": ({"data.image_size": 16}, {}, "data.image_size", ("8", "16")),
    "augmentation": ({"data.augment": "flip"}, {}, "data.augment", ("none", "flip")),
    "label noise": ({"data.label_noise": 0.1}, {}, "data.label_noise", ("0", "0.1")),
    "selection": ({"data.validation": "test"}, {}, "data.validation", ("holdout", "test")),
    "selection as told": ({}, {"selected_on": "test"}, "selected_on", ("validation", "test")),
    "steps": ({}, {"steps.total": 204}, "steps.total", ("102", "204")),
    "steps an epoch": ({}, {"steps.per_epoch": 34}, "steps.per_epoch", ("17", "34")),
    "epochs": ({"train.epochs": 24}, {}, "train.epochs", ("12", "24")),
    "steps instead": ({"train.epochs": None, "train.steps": 99}, {}, "train.steps", ("null", "99")),
    "epochs trained": ({}, {"rows": history(8)}, "epochs", ("6", "8")),
    "batch": ({"train.batch_size": 32}, {}, "train.batch_size", ("64", "32")),
    "schedule": ({"train.schedule": "constant"}, {}, "train.schedule", ("cosine", "constant")),
    "warm-up": ({"train.warmup": 0.1}, {}, "train.warmup", ("0", "0.1")),
    "rate": ({"train.learning_rate": 0.01}, {}, "train.learning_rate", ("0.05", "0.01")),
    "weight decay": ({"train.weight_decay": 1e-4}, {}, "train.weight_decay", ("0", "0.0001")),
    "clipping": ({"train.clipnorm": 1.0}, {}, "train.clipnorm", ("null", "1")),
    "optimizer": ({"train.optimizer": "adamw"}, {}, "train.optimizer", ("sgd", "adamw")),
    "ema": ({"train.ema": 0.99}, {}, "train.ema", ("0", "0.99")),
    "xla": ({"train.xla": True}, {}, "train.xla", ("null", "true")),
    "width": ({"model.width": 32}, {}, "model.width", ("64", "32")),
    "depth": ({"model.repeats": [2, 2, 2, 2]}, {}, "model.repeats", ("[3, 4, 6, 3]", "[2, 2, 2, 2]")),
    "a key of a later version": ({}, {"config.model.novel": 3}, "model.novel", (NOT_RECORDED, "3")),
    "precision": ({"train.precision": "mixed_bfloat16"}, {}, "train.precision", ("float32", "mixed_bfloat16")),
    "precision as told": ({}, {"exactness.floatx": "float16"}, "exactness.floatx", ("float32", "float16")),
    "precision by a variable": (
        *({}, {"exactness.flags": {"NVIDIA_TF32_OVERRIDE": "0"}}),
        *("exactness.flags.NVIDIA_TF32_OVERRIDE", ("not set", "0")),
    ),
    "backend": ({"backend": "jax"}, {}, "backend", ("tensorflow", "jax")),
    "backend as told": ({}, {"exactness.backend": "jax"}, "exactness.backend", ("tensorflow", "jax")),
    "exactness": ({}, {"exactness.exact": False}, "exactness.exact", ("true", "false")),
    "exactness, known here alone": ({}, {"exactness": {"exact": False}}, "exactness.exact", ("true", "false")),
    "determinism": ({"deterministic": False}, {}, "deterministic", ("true", "false")),
    "determinism as told": ({}, {"exactness.deterministic": False}, "exactness.deterministic", ("true", "false")),
    "code": ({}, {"code": "fedcba9876543210"}, "code", ("0123456789abcdef", "fedcba9876543210")),
    "keras": ({}, {"versions.keras": "3.9.0"}, "versions.keras", ("3.8.0", "3.9.0")),
    "numpy": ({}, {"versions.numpy": "1.26.4"}, "versions.numpy", ("2.0.2", "1.26.4")),
    "tensorflow": (
        *({}, {"exactness.versions.tensorflow": "2.19.0"}),
        *("exactness.versions.tensorflow", ("2.18.0", "2.19.0")),
    ),
    "a GPU": (
        *({}, {"hardware.devices": ["gpu:NVIDIA H100"], "exactness.devices": ["gpu:NVIDIA H100"]}),
        *("hardware.devices", ('["cpu"]', '["gpu:NVIDIA H100"]')),
    ),
    "a GPU, known from the exactness": (
        *({}, {"exactness.devices": ["gpu:NVIDIA H100"]}),
        *("exactness.devices", ('["cpu"]', '["gpu:NVIDIA H100"]')),
    ),
}
HIDDEN_MARKED = {
    "keras, patch": ({}, {"versions.keras": "3.8.1"}, "versions.keras", ("3.8.0", "3.8.1")),
    "tensorflow, patch": ({}, {"versions.tensorflow": "2.18.1"}, "versions.tensorflow", ("2.18.0", "2.18.1")),
    "a library that plays no part": ({}, {"versions.jax": "0.6.0"}, "versions.jax", ("0.5.0", "0.6.0")),
    "hydra": ({}, {"versions.hydra-core": "1.4.0"}, "versions.hydra-core", ("1.3.2", "1.4.0")),
    "python": ({}, {"versions.python": "3.12.1"}, "versions.python", ("3.11.2", "3.12.1")),
    "ablation": ({}, {"versions.ablation": "0.2.0"}, "versions.ablation", ("0.1.0", "0.2.0")),
    "processor": ({}, {"hardware.processor": "Intel Xeon"}, "hardware.processor", ("AMD EPYC", "Intel Xeon")),
    "cores": ({}, {"hardware.cores": 4}, "hardware.cores", ("8", "4")),
    "machine": ({}, {"hardware.machine": "aarch64"}, "hardware.machine", ("x86_64", "aarch64")),
    "system": ({}, {"hardware.system": "Darwin"}, "hardware.system", ("Linux", "Darwin")),
    "threads": ({}, {"exactness.threads": 4}, "exactness.threads", ("2", "4")),
    "instructions": ({}, {"exactness.instructions": "avx"}, "exactness.instructions", ("avx avx2 fma", "avx")),
    "flags": (
        *({}, {"exactness.flags": {"OMP_NUM_THREADS": "4"}}),
        *("exactness.flags.OMP_NUM_THREADS", ("not set", "4")),
    ),
    "class": ({}, {"exactness.class": "bbbb"}, "exactness.class", ("aaaa", "bbbb")),
    "commit": ({}, {"git.commit": "999999"}, "git.commit", ("1f2e3d", "999999")),
    "dirty": ({}, {"git.dirty": True}, "git.dirty", ("false", "true")),
    "a note": ({}, {"steps.note": "shortened from 64000"}, "steps.note", ("null", "shortened from 64000")),
    "what nobody reads": ({"train.full_steps": 64000}, {}, "train.full_steps", ("null", "64000")),
}


def hidden(place: Path, changed: dict[str, Any], record: dict[str, Any]) -> tuple[list[load.Run], list[load.Run]]:
    return arm(place / "one"), arm(place / "other", {**FACTOR, **changed}, **record)


@pytest.mark.parametrize("name", HIDDEN_REFUSED)
def test_a_hidden_difference_is_refused_by_key_and_values(tmp_path, name):
    changed, record, key, (one, other) = HIDDEN_REFUSED[name]
    verdict = gate(*hidden(tmp_path, changed, record), {"model.residual"}, False)
    text = found(verdict.refused, key)
    assert (text[0] if one else None, text[1]) == (one, other)


@pytest.mark.parametrize("name", HIDDEN_MARKED)
def test_a_small_difference_is_marked_by_key_and_values(tmp_path, name):
    changed, record, key, texts = HIDDEN_MARKED[name]
    verdict = gate(*hidden(tmp_path, changed, record), {"model.residual"}, False)
    assert (verdict.refused, found(verdict.marked, key)) == ((), texts)


@pytest.mark.parametrize("name", [*HIDDEN_REFUSED, *HIDDEN_MARKED])
def test_a_hidden_difference_is_found_among_the_runs_of_one_arm(tmp_path, name):
    changed, record, key, _ = {**HIDDEN_REFUSED, **HIDDEN_MARKED}[name]
    odd = arm(tmp_path / "odd", {**FACTOR, **changed}, seeds=(2,), **record)
    verdict = gate(arm(tmp_path / "one"), arm(tmp_path / "other", FACTOR, seeds=(0, 1)) + odd, {"model.residual"})
    bars = name in HIDDEN_REFUSED
    assert (key in keys(verdict.refused), key in keys(verdict.marked)) == (bars, not bars)
    assert "(seed 2)" in found(verdict.refused if bars else verdict.marked, key)[1]


def test_the_corpora_are_large_enough():
    assert len(HIDDEN_REFUSED) >= 30 and len(HIDDEN_MARKED) >= 15 and len(COMPARABLE) >= 30


# ---------------------------------------------------------------- comparable pairs

# name: (the arm's config, its record, what is declared, budget)
COMPARABLE: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...], bool]] = {
    "nothing": ({}, {}, (), False),
    "no shortcuts": ({"model.residual": False, "model.shortcut": None}, {}, ("model.residual",), False),
    "shortcuts without parameters": ({"model.shortcut": "identity_pad"}, {}, ("model.shortcut",), False),
    "no norm, smaller rate": (
        *(
            {
                "model.norm": "none",
                "model.norm_momentum": None,
                "model.norm_epsilon": None,
                "train.learning_rate": 0.01,
            },
        ),
        *({}, ("model.norm", "train.learning_rate"), False),
    ),
    "group norm": ({"model.norm": "group", "model.norm_momentum": None}, {}, ("model.norm",), False),
    "bottlenecks": ({"model.block": "bottleneck", "model.stride_in": "first"}, {}, ("model.block",), False),
    "narrow": ({"model.width": 16}, {"network.trainable_parameters": 99, "network.macs": 9}, ("model.width",), False),
    "shallow": ({"model.repeats": [2, 2, 2, 2]}, {"network.depth": 18}, ("model.repeats",), False),
    "activation": ({"model.activation": "tanh"}, {}, ("model.activation",), False),
    "dropout": ({"model.dropout": 0.5}, {}, ("model.dropout",), False),
    "pre-activation": ({"model.order": "pre"}, {}, ("model.order",), False),
    "squeeze": ({"model.squeeze_excite": 16}, {}, ("model.squeeze_excite",), False),
    "another network": ({"model": "vgg16"}, {}, ("model",), False),
    "constant rate": ({"train.schedule": "constant"}, {}, ("train.schedule",), False),
    "drops": (
        {"train.schedule": "step", "train.drops": [0.5], "train.drop_factor": 0.1},
        *({}, ("train.schedule",), False),
    ),
    "adamw": (
        {"train.optimizer": "adamw", "train.learning_rate": 1e-3, "train.beta_1": 0.8},
        *({}, ("train.optimizer", "train.learning_rate"), False),
    ),
    "no momentum": (
        *({"train.momentum": 0.0, "train.nesterov": False}, {}, ("train.momentum", "train.nesterov"), False),
    ),
    "weight decay and what is exempt": (
        *({"train.weight_decay": 1e-4, "train.decay_exempt": "norm_bias"}, {}, ("train.weight_decay",), False),
    ),
    "augmentation": ({"data.augment": "crop_flip", "data.cutout": 4}, {}, ("data.augment", "data.cutout"), False),
    "mixup": ({"data.mixup": 0.2}, {}, ("data.mixup",), False),
    "noise in labels": ({"data.label_noise": 0.2}, {}, ("data.label_noise",), False),
    "precision, declared": ({"train.precision": "mixed_bfloat16"}, {}, ("train.precision",), False),
    "resolution": ({"data.image_size": 16}, {"data.mean": [77.1], "network.macs": 7}, ("data.image_size",), False),
    "epochs": ({"train.epochs": 3}, {"steps.total": 51, "rows": history(3)}, ("train.epochs",), True),
    "steps": (
        {"train.epochs": None, "train.steps": 50},
        *({"steps.total": 50, "rows": history(3)}, ("train.steps",), True),
    ),
    "batch": (
        {"train.batch_size": 32},
        *({"steps.total": 204, "steps.per_epoch": 34}, ("train.batch_size",), True),
    ),
    "fraction": (
        {"data.fraction": 0.5},
        *({"data.train": 538, "steps.total": 54, "steps.per_epoch": 9}, ("data.fraction",), True),
    ),
    "limit": (
        {"data.limit": 500},
        *({"data.train": 500, "steps.total": 48, "steps.per_epoch": 8}, ("data.limit",), True),
    ),
    "other seeds": ({"seeds": (7, 8, 9)}, {}, (), False),
    "more seeds": ({"seeds": range(5)}, {}, (), False),
    "names and tags": ({"name": "night", "tags": ["a", "b"]}, {}, (), False),
    "where and how": ({"outputs": "elsewhere", "n_jobs": 2, "save_every": 1.0, "threads": 4}, {}, (), False),
    "weights not kept": ({"train.keep_weights": False, "retries": 3, "rerun": True}, {}, (), False),
    "times": ({}, {"timings": {"seconds": 99.0, "started": "2024-01-01T00:00:00+00:00"}}, (), False),
    "results": ({"rows": history(accuracy=0.1, loss=2.0)}, {}, (), False),
    "whole numbers": ({"model.dropout": 0, "train.warmup": 0}, {}, (), False),
    "patches": ({}, {"versions.keras": "3.8.9", "exactness.versions.keras": "3.8.9"}, (), False),
    "another machine": ({}, {"hardware.processor": "M", "exactness.processor": "M", "hardware.cores": 2}, (), False),
    "an older record": ({}, {"code": None, "exactness": {}, "versions": {}, "hardware": {}, "git": None}, (), False),
    "an older record without steps": ({}, {"steps": {}, "selected_on": None}, (), False),
    "what has been left over": ({"train.drops": [0.5], "train.drop_factor": 0.1}, {}, (), False),
}


@pytest.mark.parametrize("name", COMPARABLE)
def test_a_comparable_pair_is_not_refused(tmp_path, name):
    changed, record, declared, budget = COMPARABLE[name]
    seeds, rows = changed.get("seeds", (0, 1, 2)), changed.get("rows")
    changed = {key: value for key, value in changed.items() if key not in ("seeds", "rows")}
    other = arm(tmp_path / "other", changed, seeds, **{"rows": rows, **record})
    verdict = gate(arm(tmp_path / "one"), other, declared, budget)
    assert verdict.refused == ()
    if not record and "limit" not in name and name != "resolution":
        assert verdict.marked == ()


@pytest.mark.parametrize("name", [n for n, (*_, budget) in COMPARABLE.items() if budget])
def test_what_sets_the_length_is_refused_where_nobody_calls_it_a_budget(tmp_path, name):
    changed, record, declared, _ = COMPARABLE[name]
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", changed, **record)
    assert set(declared) <= set(keys(gate(one, other, declared, False).refused))
    assert "steps.total" in keys(gate(one, other, declared, False).refused)
    assert set(declared) <= set(keys(gate(one, other, (), True).refused))  # and where nobody declares it


def test_a_budget_does_not_excuse_another_length(tmp_path):
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", {"model.width": 8}, **{"steps.total": 51})
    assert keys(gate(one, other, {"model.width"}, True).refused) == ["steps.total"]


def test_a_smaller_part_of_the_data_for_as_many_steps_is_no_budget(tmp_path):
    length = {"train.epochs": None, "train.steps": 102}
    one, half = arm(tmp_path / "one", length), {**length, "data.fraction": 0.5}
    other = arm(tmp_path / "other", half, rows=history(12), **{"data.train": 538, "steps.per_epoch": 9})
    assert gate(one, other, {"data.fraction"}, False) == Gate()
    assert factors(one[0], other[0]) == {"data.fraction"}


def test_what_the_data_is_stays_refused_when_declared(tmp_path):
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", {"data": "cifar10"})
    assert {"data.name", "data.source", "data.digest"} <= set(keys(gate(one, other, {"data"}, True).refused))


def test_what_a_declared_budget_does_to_the_images_is_marked(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", {"data.limit": 100}, **{"data.validation": 100, "data.test": 100})
    verdict = gate(one, other, {"data.limit"}, True)
    assert (verdict.refused, keys(verdict.marked)) == ((), ["data.digest", "test_images", "validation_images"])


# ---------------------------------------------------------------- what is known


def test_what_one_record_lacks_is_marked_and_never_made_up(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", code=None, **{"exactness": {}, "versions": {}, "hardware": {}, "git": None})
    verdict = gate(one, other, ())
    assert verdict.refused == ()
    assert keys(verdict.marked) == ["code", "exactness", "git", "hardware", "versions"]
    assert found(verdict.marked, "code") == ("0123456789abcdef", NOT_RECORDED)
    assert found(verdict.marked, "git") == ('{"commit": "1f2e3d", "dirty": false}', NOT_RECORDED)
    assert gate(other, other, ()) == Gate()


def test_what_is_unknown_in_one_seed_is_marked_with_it(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", seeds=(0, 2)) + arm(tmp_path / "older", seeds=(1,), code=None)
    verdict = gate(one, other, ())
    assert (verdict.refused, keys(verdict.marked)) == ((), ["code"])
    assert found(verdict.marked, "code")[1] == f"0123456789abcdef (seeds 0, 2), {NOT_RECORDED} (seed 1)"


def test_an_arm_whose_runs_differ_is_refused_whatever_is_declared(tmp_path):
    other = arm(tmp_path / "a", {"model.width": 8}, seeds=(0, 1)) + arm(tmp_path / "b", {"model.width": 4}, seeds=(2,))
    verdict = gate(arm(tmp_path / "one"), other, {"model.width"})
    assert found(verdict.refused, "model.width") == ("64", "8 (seeds 0, 1), 4 (seed 2)")


def test_no_deterministic_run_at_all_has_lost_nothing(tmp_path):
    loose = {"exactness.exact": False, "exactness.deterministic": False}
    one = arm(tmp_path / "one", {"deterministic": False}, **loose)
    other = arm(tmp_path / "other", {"deterministic": False, **FACTOR}, **loose)
    assert gate(one, other, FACTOR) == Gate()
    strict = arm(tmp_path / "strict", FACTOR)
    assert keys(gate(one, strict, FACTOR).refused) == ["deterministic"]


def test_runs_that_were_all_resumed_elsewhere_are_marked(tmp_path):
    one, other = (arm(tmp_path / name, **{"exactness.exact": False}) for name in ("one", "other"))
    verdict = gate(one, other, ())
    assert (verdict.refused, found(verdict.marked, "exactness.exact")) == ((), ("false", "false"))


def test_the_backend_is_said_once(tmp_path):
    jax = {"exactness.backend": "jax", "exactness.devices": ["cpu:cpu"], "hardware.devices": ["cpu:cpu"]}
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", {"backend": "jax"}, **jax)
    verdict = gate(one, other, ())
    assert (keys(verdict.refused), keys(verdict.marked)) == (["backend"], ["hardware.devices"])
    assert gate(one, other, {"backend"}).refused == ()


def test_versions_count_for_the_backend_that_they_serve(tmp_path):
    one, other = (
        arm(tmp_path / v, {"backend": "jax"}, **{"exactness.backend": "jax", "versions.jax": v}) for v in ("0.5", "0.6")
    )
    assert keys(gate(one, other, ()).refused) == ["versions.jax"]
    assert "jax" in SHAPING["jax"]


def test_a_network_of_another_size_by_the_same_config_is_refused(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", {"train.warmup": 0.1}, **{"network.macs": 1, "network.trainable_parameters": 2})
    assert keys(gate(one, other, {"train.warmup"}).refused) == ["macs", "trainable_parameters"]


def test_own_parts_count_by_their_content_where_it_is_recorded(tmp_path):
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", FACTOR)
    one, other = (
        [replace(run, facts={**run.facts, "plugins": [mark]}) for run in runs]
        for runs, mark in ((one, "a"), (other, "b"))
    )
    assert found(gate(one, other, FACTOR).refused, "plugins") == ('["a"]', '["b"]')
    assert gate(one, [replace(run, facts={**run.facts, "plugins": ["a"]}) for run in other], FACTOR) == Gate()


def test_no_runs_no_difference(tmp_path):
    assert gate([], arm(tmp_path), ()) == gate(arm(tmp_path / "b"), [], ()) == Gate()


# ---------------------------------------------------------------- factors that nobody declares


def test_factors_are_what_may_be_meant(tmp_path):
    every = {
        **{"model.residual": False, "model.shortcut": None, "model.width": 8, "train.warmup": 0.1, "data.mixup": 0.2},
        **{"train.epochs": 3, "train.batch_size": 8, "data.limit": 99, "data.fraction": 0.5, "data.image_size": 16},
        **{"data.holdout": 0.1, "data.validation": "test", "train.precision": "mixed_bfloat16", "backend": "jax"},
        **{"deterministic": False, "train.full_steps": 64000},
    }
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", every)
    assert factors(one[0], other[0]) == {"model.residual", "model.width", "train.warmup", "data.mixup"}
    assert factors(other[0], one[0]) == factors(one[0], other[0])
    assert factors(one[0], one[1]) == set()


def test_a_sweep_of_networks_is_comparable_by_its_factors(tmp_path):
    one = arm(tmp_path / "one")
    for model in ("plain34", "resnet18", "vgg16", "shake26", "resnet_cifar"):
        other = arm(tmp_path / model, {"model": model})
        assert gate(one, other, factors(one[0], other[0])).refused == ()


# ---------------------------------------------------------------- properties


def _strange(random: Random, place: Path, most: int) -> list[load.Run]:
    """Runs, each with some of the corpora's changes."""
    corpus, runs = list({**HIDDEN_REFUSED, **HIDDEN_MARKED}.values()), []
    for seed in range(random.randint(1, most)):
        chosen = random.sample(corpus, random.randint(0, 2))
        changed = {k: v for some in chosen for k, v in some[0].items()}
        record = {k: v for some in chosen if "exactness" not in some[1] for k, v in some[1].items()}
        runs += arm(place, changed, (seed,), **record)
    return runs


@pytest.mark.parametrize("seed", range(30))
def test_it_is_symmetric_and_no_order_matters(tmp_path, seed):
    random = Random(seed)
    one, other = _strange(random, tmp_path / "one", 3), _strange(random, tmp_path / "other", 4)
    declared = random.sample(["model", "train.schedule", "data.fraction", "data.limit", "train.epochs"], 2)
    budget = random.random() < 0.5
    here = gate(one, other, declared, budget)
    there = gate(other, one, declared, budget)
    assert (
        Gate(*(tuple(replace(d, one=d.other, other=d.one) for d in ds) for ds in (there.refused, there.marked))) == here
    )
    assert gate(random.sample(one, len(one)), random.sample(other, len(other)), declared, budget) == here
    assert gate(one * 2, other, declared, budget) == gate(one, other, declared, budget) or len(one) > 1
    assert not set(keys(here.refused)) & set(keys(here.marked))


def test_texts_are_short_and_printable_and_tell_the_values_apart(tmp_path):
    long = ["x" * 30 + str(i) for i in range(200)]
    one = arm(tmp_path / "one", code="\x1b[31m", **{"data.classes": long, "data.digest": "a" * 64})
    other = arm(
        tmp_path / "other",
        code="1",
        **{"data.classes": [*long[:-1], "y"], "data.digest": "a" * 63 + "b", "git": {"\x1b": 1}},
    )
    verdict = gate(one, other, ())
    for difference in (*verdict.refused, *verdict.marked):
        assert all(text.isprintable() and len(text) <= 80 for text in vars(difference).values())
        assert difference.one != difference.other
    assert {"class_names", "code", "data.digest"} <= set(keys(verdict.refused))


def test_values_of_any_type_and_depth_are_told(tmp_path):
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    (one,), (other,) = arm(tmp_path / "one", seeds=(0,)), arm(tmp_path / "other", seeds=(0,))
    for odd in (deep, float("nan"), 10**5000, {"a": None}, "\ud800", True):
        strange = {name: {"k": odd, "versions": odd, "devices": odd} for name in (*facts.PARTS, "data")}
        verdict = gate([one], [replace(other, facts={"code": odd, "selected_on": odd, **strange})], ())
        assert "code" in keys(verdict.refused)
        odd_ones = [replace(other, facts={"code": odd if seed else [odd], **strange}, seed=seed) for seed in (0, 1)]
        assert "code" in keys(gate([one], odd_ones, ()).refused)


def test_what_the_model_does_not_read_is_known_for_each_key(tmp_path):
    """A plain network's record may keep the shortcut of an older version: nothing reads it."""
    assert {"shortcut", "order", "norm_momentum"} <= OPTIONAL.keys()
    one = arm(tmp_path / "one", {"model.residual": False, "model.shortcut": "projection"})
    other = arm(tmp_path / "other", {"model.residual": False, "model.shortcut": None})
    verdict = gate(one, other, ())
    assert (verdict.refused, keys(verdict.marked)) == ((), ["model.shortcut"])
