"""The comparability gate: what differs between two arms beyond the declared factor is named, refused or marked."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.comparisons import compared
from support.fake_runs import config, history, write

from ablation.comparison.analysis.comparison import Comparability
from ablation.comparison.comparability.gate import comparability, factors
from ablation.comparison.comparability.run_facts import NOT_RECORDED
from ablation.comparison.reading import parse_record
from ablation.comparison.reading.facts import RunFacts
from ablation.comparison.reading.run import Run
from ablation.config.applicability import inactive_keys
from ablation.config.backends import SHAPING
from ablation.rundir.record_parts import Exactness, Git, Hardware, Steps

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
    place: Path, keys: dict[str, Any] | None = None, seeds: Sequence[int] = (0, 1, 2), rows: Any = None, **changes: Any
) -> list[Run]:
    """Runs as they are read from the disk. keys: of the config, model, data and train among them."""
    return [
        parse_record.read(write(place, config(seed=seed, **(keys or {})), rows, **told(**changes))) for seed in seeds
    ]


@pytest.fixture(scope="module")
def baseline(tmp_path_factory) -> list[Run]:
    return arm(tmp_path_factory.mktemp("baseline"))


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> list[Run]:
    """An arm that differs by the factor alone."""
    return arm(tmp_path_factory.mktemp("without"), FACTOR)


def keys(differences: Any) -> list[str]:
    return [difference.key for difference in differences]


def found(differences: Any, key: str) -> tuple[str, str]:
    (difference,) = [d for d in differences if d.key == key]
    return difference.baseline, difference.variant


# ---------------------------------------------------------------- one hidden difference each


@dataclass(frozen=True)
class Hidden:
    """What the arm has beside the factor. keys: of its config. told: of its record. one, other: texts of the values."""

    key: str
    one: str | None
    other: str
    keys: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)


HIDDEN_REFUSED = {
    "data's digest": Hidden("data.digest", None, "b" * 12, told={"data.digest": "b" * 64}),
    "training split": Hidden("train_images", "1077", "1000", told={"data.train": 1000}),
    "validation split": Hidden("validation_images", "360", "300", told={"data.validation": 300}),
    "test split": Hidden("test_images", "360", "300", told={"data.test": 300}),
    "no test split": Hidden("test_images", "360", "null", told={"data.test": None, "metrics.test": None}),
    "classes": Hidden("class_names", '["0", "1"]', '["0", "2"]', told={"data.classes": ["0", "2"]}),
    "data's name": Hidden("data", "digits", "letters", told={"data.name": "letters"}),
    "data's mean": Hidden("data.mean", "[77.5]", "[77.0]", told={"data.mean": [77.0]}),
    "data set": Hidden("data.name", "digits", "cifar10", keys={"data": "cifar10"}),
    "limit": Hidden("data.limit", "null", "500", keys={"data.limit": 500}),
    "holdout": Hidden("data.holdout", "0.2", "0.1", keys={"data.holdout": 0.1}),
    "fraction": Hidden("data.fraction", "1", "0.5", keys={"data.fraction": 0.5}),
    "image size": Hidden("data.image_size", "8", "16", keys={"data.image_size": 16}),
    "augmentation": Hidden("data.augment", "none", "flip", keys={"data.augment": "flip"}),
    "label noise": Hidden("data.label_noise", "0", "0.1", keys={"data.label_noise": 0.1}),
    "selection": Hidden("data.validation", "holdout", "test", keys={"data.validation": "test"}),
    "selection as told": Hidden("selected_on", "validation", "test", told={"selected_on": "test"}),
    "steps": Hidden("steps.total", "102", "204", told={"steps.total": 204}),
    "steps an epoch": Hidden("steps.per_epoch", "17", "34", told={"steps.per_epoch": 34}),
    "epochs": Hidden("train.epochs", "12", "24", keys={"train.epochs": 24}),
    "steps instead": Hidden("train.steps", "null", "99", keys={"train.epochs": None, "train.steps": 99}),
    "epochs trained": Hidden("epochs", "6", "8", told={"rows": history(8)}),
    "batch": Hidden("train.batch_size", "64", "32", keys={"train.batch_size": 32}),
    "schedule": Hidden("train.schedule", "cosine", "constant", keys={"train.schedule": "constant"}),
    "warm-up": Hidden("train.warmup", "0", "0.1", keys={"train.warmup": 0.1}),
    "rate": Hidden("train.learning_rate", "0.05", "0.01", keys={"train.learning_rate": 0.01}),
    "weight decay": Hidden("train.weight_decay", "0", "0.0001", keys={"train.weight_decay": 0.0001}),
    "clipping": Hidden("train.clipnorm", "null", "1", keys={"train.clipnorm": 1.0}),
    "optimizer": Hidden("train.optimizer", "sgd", "adamw", keys={"train.optimizer": "adamw"}),
    "ema": Hidden("train.ema_momentum", "0", "0.99", keys={"train.ema_momentum": 0.99}),
    "xla": Hidden("train.xla", "null", "true", keys={"train.xla": True}),
    "width": Hidden("model.width", "64", "32", keys={"model.width": 32}),
    "depth": Hidden("model.repeats", "[3, 4, 6, 3]", "[2, 2, 2, 2]", keys={"model.repeats": [2, 2, 2, 2]}),
    "a key of a later version": Hidden("model.novel", NOT_RECORDED, "3", told={"config.model.novel": 3}),
    "precision": Hidden("train.precision", "float32", "mixed_bfloat16", keys={"train.precision": "mixed_bfloat16"}),
    "precision as told": Hidden("exactness.floatx", "float32", "float16", told={"exactness.floatx": "float16"}),
    "precision by a variable": Hidden(
        "exactness.flags.NVIDIA_TF32_OVERRIDE", "not set", "0", told={"exactness.flags": {"NVIDIA_TF32_OVERRIDE": "0"}}
    ),
    "backend": Hidden("backend", "tensorflow", "jax", keys={"backend": "jax"}),
    "backend as told": Hidden("exactness.backend", "tensorflow", "jax", told={"exactness.backend": "jax"}),
    "exactness": Hidden("exactness.exact", "true", "false", told={"exactness.exact": False}),
    "exactness, known here alone": Hidden("exactness.exact", "true", "false", told={"exactness": {"exact": False}}),
    "determinism": Hidden("deterministic", "true", "false", keys={"deterministic": False}),
    "determinism as told": Hidden("exactness.deterministic", "true", "false", told={"exactness.deterministic": False}),
    "code": Hidden("code", "0123456789abcdef", "fedcba9876543210", told={"code": "fedcba9876543210"}),
    "keras": Hidden("versions.keras", "3.8.0", "3.9.0", told={"versions.keras": "3.9.0"}),
    "numpy": Hidden("versions.numpy", "2.0.2", "1.26.4", told={"versions.numpy": "1.26.4"}),
    "tensorflow": Hidden(
        "exactness.versions.tensorflow", "2.18.0", "2.19.0", told={"exactness.versions.tensorflow": "2.19.0"}
    ),
}
HIDDEN_MARKED = {
    "keras, patch": Hidden("versions.keras", "3.8.0", "3.8.1", told={"versions.keras": "3.8.1"}),
    "tensorflow, patch": Hidden("versions.tensorflow", "2.18.0", "2.18.1", told={"versions.tensorflow": "2.18.1"}),
    "a library that plays no part": Hidden("versions.jax", "0.5.0", "0.6.0", told={"versions.jax": "0.6.0"}),
    "hydra": Hidden("versions.hydra-core", "1.3.2", "1.4.0", told={"versions.hydra-core": "1.4.0"}),
    "python": Hidden("versions.python", "3.11.2", "3.12.1", told={"versions.python": "3.12.1"}),
    "ablation": Hidden("versions.ablation", "0.1.0", "0.2.0", told={"versions.ablation": "0.2.0"}),
    "processor": Hidden("hardware.processor", "AMD EPYC", "Intel Xeon", told={"hardware.processor": "Intel Xeon"}),
    "a GPU": Hidden(
        "hardware.devices",
        '["cpu"]',
        '["gpu:NVIDIA H100"]',
        told={"hardware.devices": ["gpu:NVIDIA H100"], "exactness.devices": ["gpu:NVIDIA H100"]},
    ),
    "a GPU, known from the exactness": Hidden(
        "exactness.devices", '["cpu"]', '["gpu:NVIDIA H100"]', told={"exactness.devices": ["gpu:NVIDIA H100"]}
    ),
    "cores": Hidden("hardware.cores", "8", "4", told={"hardware.cores": 4}),
    "machine": Hidden("hardware.machine", "x86_64", "aarch64", told={"hardware.machine": "aarch64"}),
    "system": Hidden("hardware.system", "Linux", "Darwin", told={"hardware.system": "Darwin"}),
    "threads": Hidden("exactness.threads", "2", "4", told={"exactness.threads": 4}),
    "instructions": Hidden("exactness.instructions", "avx avx2 fma", "avx", told={"exactness.instructions": "avx"}),
    "flags": Hidden(
        "exactness.flags.OMP_NUM_THREADS", "not set", "4", told={"exactness.flags": {"OMP_NUM_THREADS": "4"}}
    ),
    "class": Hidden("exactness.class", "aaaa", "bbbb", told={"exactness.class": "bbbb"}),
    "commit": Hidden("git.commit", "1f2e3d", "999999", told={"git.commit": "999999"}),
    "dirty": Hidden("git.dirty", "false", "true", told={"git.dirty": True}),
    "a note": Hidden("steps.note", "null", "shortened from 64000", told={"steps.note": "shortened from 64000"}),
    "what nobody reads": Hidden("train.reference_steps", "null", "64000", keys={"train.reference_steps": 64000}),
}


@pytest.mark.parametrize("name", HIDDEN_REFUSED)
def test_a_hidden_difference_is_refused_by_key_and_values(tmp_path, baseline, name):
    hidden = HIDDEN_REFUSED[name]
    other = arm(tmp_path, {**FACTOR, **hidden.keys}, (0, 1), **hidden.told)
    one, arms = found(comparability(baseline, other, FACTOR).blocking, hidden.key)
    assert (hidden.one in (one, None), arms) == (True, hidden.other)


@pytest.mark.parametrize("name", HIDDEN_MARKED)
def test_a_small_difference_is_marked_by_key_and_values(tmp_path, baseline, name):
    hidden = HIDDEN_MARKED[name]
    other = arm(tmp_path, {**FACTOR, **hidden.keys}, (0, 1), **hidden.told)
    verdict = comparability(baseline, other, FACTOR)
    assert (verdict.blocking, found(verdict.informational, hidden.key)) == ((), (hidden.one, hidden.other))


@pytest.mark.parametrize("name", [*HIDDEN_REFUSED, *HIDDEN_MARKED])
def test_a_hidden_difference_is_found_among_the_runs_of_one_arm(tmp_path, baseline, without, name):
    hidden, bars = {**HIDDEN_REFUSED, **HIDDEN_MARKED}[name], name in HIDDEN_REFUSED
    odd = arm(tmp_path / "odd", {**FACTOR, **hidden.keys}, seeds=(2,), **hidden.told)
    verdict = comparability(baseline, without[:2] + odd, FACTOR)
    assert (hidden.key in keys(verdict.blocking), hidden.key in keys(verdict.informational)) == (bars, not bars)
    assert "(seed 2)" in found(verdict.blocking if bars else verdict.informational, hidden.key)[1]


def test_the_corpora_are_large_enough():
    assert len(HIDDEN_REFUSED) >= 30 and len(HIDDEN_MARKED) >= 15 and len(COMPARABLE) >= 30


# ---------------------------------------------------------------- comparable pairs

SAID = ("limit", "resolution", "patches", "another machine", "an older record", "an older record without steps")


@dataclass(frozen=True)
class Pair:
    """An arm beside the baseline. declared: keys. keys: of its config. told: of its record, and `rows`."""

    declared: str = ""
    keys: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    budget: bool = False
    seeds: Sequence[int] = (0, 1, 2)

    def runs(self, place: Path) -> list[Run]:
        return arm(place, self.keys, self.seeds, **self.told)


COMPARABLE = {
    "nothing": Pair(),
    "no shortcuts": Pair("model.residual", keys={"model.residual": False, "model.shortcut": None}),
    "shortcuts without parameters": Pair("model.shortcut", keys={"model.shortcut": "identity_pad"}),
    "no norm, smaller rate": Pair(
        "model.norm train.learning_rate",
        keys={
            "model.norm": "none",
            "model.norm_momentum": None,
            "model.norm_epsilon": None,
            "train.learning_rate": 0.01,
        },
    ),
    "group norm": Pair("model.norm", keys={"model.norm": "group", "model.norm_momentum": None}),
    "bottlenecks": Pair("model.block", keys={"model.block": "bottleneck", "model.stride_in": "first"}),
    "narrow": Pair(
        "model.width", keys={"model.width": 16}, told={"network.trainable_parameters": 99, "network.macs": 9}
    ),
    "shallow": Pair("model.repeats", keys={"model.repeats": [2, 2, 2, 2]}, told={"network.depth": 18}),
    "activation": Pair("model.activation", keys={"model.activation": "tanh"}),
    "dropout": Pair("model.dropout", keys={"model.dropout": 0.5}),
    "pre-activation": Pair("model.order", keys={"model.order": "pre"}),
    "squeeze": Pair("model.squeeze_excite", keys={"model.squeeze_excite": 16}),
    "another network": Pair("model", keys={"model": "vgg16"}),
    "constant rate": Pair("train.schedule", keys={"train.schedule": "constant"}),
    "milestones": Pair(
        "train.schedule", keys={"train.schedule": "step", "train.lr_milestones": [0.5], "train.lr_gamma": 0.1}
    ),
    "adamw": Pair(
        "train.optimizer train.learning_rate",
        keys={"train.optimizer": "adamw", "train.learning_rate": 0.001, "train.beta_1": 0.8},
    ),
    "no momentum": Pair("train.momentum train.nesterov", keys={"train.momentum": 0.0, "train.nesterov": False}),
    "weight decay and what is exempt": Pair(
        "train.weight_decay", keys={"train.weight_decay": 0.0001, "train.weight_decay_exclude": "norm_bias"}
    ),
    "augmentation": Pair("data.augment data.cutout_size", keys={"data.augment": "crop_flip", "data.cutout_size": 4}),
    "mixup": Pair("data.mixup_alpha", keys={"data.mixup_alpha": 0.2}),
    "noise in labels": Pair("data.label_noise", keys={"data.label_noise": 0.2}),
    "precision, declared": Pair("train.precision", keys={"train.precision": "mixed_bfloat16"}),
    "resolution": Pair("data.image_size", keys={"data.image_size": 16}, told={"data.mean": [77.1], "network.macs": 7}),
    "epochs": Pair("train.epochs", keys={"train.epochs": 3}, told={"steps.total": 51, "rows": history(3)}, budget=True),
    "steps": Pair(
        "train.steps",
        keys={"train.epochs": None, "train.steps": 50},
        told={"steps.total": 50, "rows": history(3)},
        budget=True,
    ),
    "batch": Pair(
        "train.batch_size", keys={"train.batch_size": 32}, told={"steps.total": 204, "steps.per_epoch": 34}, budget=True
    ),
    "fraction": Pair(
        "data.fraction",
        keys={"data.fraction": 0.5},
        told={"data.train": 538, "steps.total": 54, "steps.per_epoch": 9},
        budget=True,
    ),
    "limit": Pair(
        "data.limit",
        keys={"data.limit": 500},
        told={"data.train": 500, "steps.total": 48, "steps.per_epoch": 8},
        budget=True,
    ),
    "other seeds": Pair(seeds=(7, 8, 9)),
    "more seeds": Pair(seeds=range(5)),
    "names and tags": Pair(keys={"name": "night", "tags": ["a", "b"]}),
    "where and how": Pair(keys={"outputs": "elsewhere", "n_jobs": 2, "checkpoint_minutes": 1.0, "threads": 4}),
    "weights not kept": Pair(keys={"train.keep_weights": False, "max_retries": 3, "rerun": True}),
    "another file beside the images": Pair(
        told={
            "data.excluded": [{"reason": ".txt", "count": 1, "examples": ["a.txt"]}],
            "data.duplicates": {"groups": 1, "across_splits": 0, "several_labels": 0},
        }
    ),
    "times": Pair(told={"timings": {"seconds": 99.0, "started": "2024-01-01T00:00:00+00:00"}}),
    "results": Pair(told={"rows": history(accuracy=0.1, loss=2.0)}),
    "whole numbers": Pair(told={"config.model.dropout": 0, "config.train.batch_size": 64.0}),
    "patches": Pair(told={"versions.keras": "3.8.9", "exactness.versions.keras": "3.8.9"}),
    "another machine": Pair(told={"hardware.processor": "M", "exactness.processor": "M", "hardware.cores": 2}),
    "an older record": Pair(told={"code": None, "exactness": {}, "versions": {}, "hardware": {}, "git": None}),
    "an older record without steps": Pair(told={"steps": {}, "selected_on": None}),
    "what has been left over": Pair(keys={"train.lr_milestones": [0.5], "train.lr_gamma": 0.1}),
}


@pytest.mark.parametrize("name", COMPARABLE)
def test_a_comparable_pair_is_not_refused(tmp_path, baseline, name):
    pair = COMPARABLE[name]
    verdict = comparability(baseline, pair.runs(tmp_path / "other"), pair.declared.split(), pair.budget)
    assert verdict.blocking == ()
    if name not in SAID:
        assert verdict.informational == ()


@pytest.mark.parametrize("name", [name for name, pair in COMPARABLE.items() if pair.budget])
def test_what_sets_the_length_is_refused_where_nobody_calls_it_a_budget(tmp_path, name):
    pair = COMPARABLE[name]
    one, other = arm(tmp_path / "one"), pair.runs(tmp_path / "other")
    for verdict in (comparability(one, other, {pair.declared}, False), comparability(one, other, (), True)):
        assert {pair.declared, "steps.total"} <= set(keys(verdict.blocking))


def test_a_budget_does_not_excuse_another_length(tmp_path):
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", {"model.width": 8}, **{"steps.total": 51})
    assert keys(comparability(one, other, {"model.width"}, True).blocking) == ["steps.total"]


def test_a_smaller_part_of_the_data_for_as_many_steps_is_no_budget(tmp_path):
    length = {"train.epochs": None, "train.steps": 102}
    one, half = arm(tmp_path / "one", length), {**length, "data.fraction": 0.5}
    other = arm(tmp_path / "other", half, rows=history(12), **{"data.train": 538, "steps.per_epoch": 9})
    assert comparability(one, other, {"data.fraction"}, False) == Comparability()
    assert factors(one[0], other[0]) == {"data.fraction"}
    longer = edited(other, "steps", total=204)
    assert keys(comparability(one, longer, {"data.fraction"}, False).blocking) == ["steps.total"]
    both = [[replace(run, config={**run.config, "train.epochs": 12}) for run in runs] for runs in (one, other)]
    assert comparability(*both, {"data.fraction"}, False) == Comparability()  # as older versions recorded it: steps win


def test_what_the_data_is_stays_refused_when_declared(tmp_path):
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", {"data": "cifar10"})
    assert {"data.name", "data.source", "data.digest"} <= set(keys(comparability(one, other, {"data"}, True).blocking))


def test_what_a_declared_budget_does_to_the_images_is_marked(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", {"data.limit": 100}, **{"data.validation": 100, "data.test": 100})
    verdict = comparability(one, other, {"data.limit"}, True)
    assert (verdict.blocking, keys(verdict.informational)) == ((), ["data.digest", "test_images", "validation_images"])


# ---------------------------------------------------------------- what is known


def test_what_one_record_lacks_is_marked_and_never_made_up(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", code=None, **{"exactness": {}, "versions": {}, "hardware": {}, "git": None})
    verdict = comparability(one, other, ())
    assert verdict.blocking == ()
    assert keys(verdict.informational) == ["code", "exactness", "git", "hardware", "versions"]
    assert found(verdict.informational, "code") == ("0123456789abcdef", NOT_RECORDED)
    assert found(verdict.informational, "git") == ('{"commit": "1f2e3d", "dirty": false}', NOT_RECORDED)
    assert comparability(other, other, ()) == Comparability()


def test_what_is_unknown_in_one_seed_is_marked_with_it(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", seeds=(0, 2)) + arm(tmp_path / "older", seeds=(1,), code=None)
    verdict = comparability(one, other, ())
    assert (verdict.blocking, keys(verdict.informational)) == ((), ["code"])
    assert found(verdict.informational, "code")[1] == f"0123456789abcdef (seeds 0 and 2) and {NOT_RECORDED} (seed 1)"


def test_an_arm_whose_runs_differ_is_refused_whatever_is_declared(tmp_path):
    other = arm(tmp_path / "a", {"model.width": 8}, seeds=(0, 1)) + arm(tmp_path / "b", {"model.width": 4}, seeds=(2,))
    verdict = comparability(arm(tmp_path / "one"), other, {"model.width"})
    assert found(verdict.blocking, "model.width") == ("64", "8 (seeds 0 and 1) and 4 (seed 2)")


def test_no_deterministic_run_at_all_has_lost_nothing(tmp_path):
    loose = {"exactness.exact": False, "exactness.deterministic": False}
    one = arm(tmp_path / "one", {"deterministic": False}, **loose)
    other = arm(tmp_path / "other", {"deterministic": False, **FACTOR}, **loose)
    assert comparability(one, other, FACTOR) == Comparability()
    strict = arm(tmp_path / "strict", FACTOR)
    assert keys(comparability(one, strict, FACTOR).blocking) == ["deterministic"]


def test_runs_that_were_all_resumed_elsewhere_are_marked(tmp_path):
    one, other = (arm(tmp_path / name, **{"exactness.exact": False}) for name in ("one", "other"))
    verdict = comparability(one, other, ())
    assert (verdict.blocking, found(verdict.informational, "exactness.exact")) == ((), ("false", "false"))


def test_the_backend_is_said_once(tmp_path):
    jax = {"exactness.backend": "jax", "exactness.devices": ["cpu:cpu"], "hardware.devices": ["cpu:cpu"]}
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", {"backend": "jax"}, **jax)
    verdict = comparability(one, other, ())
    assert (keys(verdict.blocking), keys(verdict.informational)) == (["backend"], ["hardware.devices"])
    assert comparability(one, other, {"backend"}).blocking == ()


def test_versions_count_for_the_backend_that_they_serve(tmp_path):
    one, other = (
        arm(tmp_path / v, {"backend": "jax"}, **{"exactness.backend": "jax", "versions.jax": v}) for v in ("0.5", "0.6")
    )
    assert keys(comparability(one, other, ()).blocking) == ["versions.jax"]
    assert "jax" in SHAPING["jax"]


def test_a_network_of_another_size_by_the_same_config_is_refused(tmp_path):
    one = arm(tmp_path / "one")
    other = arm(tmp_path / "other", {"train.warmup": 0.1}, **{"network.macs": 1, "network.trainable_parameters": 2})
    assert keys(comparability(one, other, {"train.warmup"}).blocking) == ["macs", "trainable_parameters"]


def test_networks_of_two_sizes_in_one_arm_are_refused_beside_any_factor(tmp_path, baseline):
    sizes = [arm(tmp_path, FACTOR, (seed,), **{"network.macs": 5 + (seed > 1)})[0] for seed in range(3)]
    assert keys(comparability(baseline, sizes, FACTOR).blocking) == ["macs"]
    assert comparability(baseline, sizes[:2], FACTOR) == Comparability()


def test_own_parts_count_by_their_content_where_it_is_recorded(tmp_path):
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", FACTOR)
    one, other = (
        [replace(run, facts=replace(run.facts, plugins=[mark])) for run in runs]
        for runs, mark in ((one, "a"), (other, "b"))
    )
    assert found(comparability(one, other, FACTOR).blocking, "plugins") == ('["a"]', '["b"]')
    assert (
        comparability(one, [replace(run, facts=replace(run.facts, plugins=["a"])) for run in other], FACTOR)
        == Comparability()
    )


def test_no_runs_no_difference(tmp_path):
    assert comparability([], arm(tmp_path), ()) == comparability(arm(tmp_path / "b"), [], ()) == Comparability()


def edited(runs: list[Run], part: str, **told: Any) -> list[Run]:
    changed = []
    for run in runs:
        facts = run.facts.to_json()
        changed.append(replace(run, facts=RunFacts.from_json({**facts, part: {**facts[part], **told}})))
    return changed


def test_each_difference_is_said_once(baseline):
    """The class is a digest of what is named already, and what is lost is not also unknown."""
    verdict = comparability(baseline, edited(baseline, "exactness", **{"class": "bbbb", "threads": 4}), ())
    assert (verdict.blocking, keys(verdict.informational)) == ((), ["exactness.threads"])
    unknown = [
        replace(run, facts=replace(run.facts, exactness=replace(run.facts.exactness, exact=None))) for run in baseline
    ]
    verdict = comparability(unknown, edited(baseline, "exactness", exact=False), ())
    assert (keys(verdict.blocking), verdict.informational) == (["exactness.exact"], ())


def test_the_order_within_a_record_is_no_difference(baseline):
    facts = [run.facts.to_json() for run in baseline]
    turned = [
        replace(run, facts=RunFacts.from_json({part: each[part] for part in reversed(each)}))
        for run, each in zip(baseline, facts, strict=True)
    ]
    turned = edited(turned, "data", extra={"a": 1, "b": 2})
    assert comparability(edited(baseline, "data", extra={"b": 2, "a": 1.0}), turned, ()) == Comparability()


# ---------------------------------------------------------------- factors that nobody declares


def test_factors_are_what_may_be_meant(tmp_path):
    every = {
        **{
            "model.residual": False,
            "model.shortcut": None,
            "model.width": 8,
            "train.warmup": 0.1,
            "data.mixup_alpha": 0.2,
        },
        **{"train.epochs": 3, "train.batch_size": 8, "data.limit": 99, "data.fraction": 0.5, "data.image_size": 16},
        **{"data.holdout": 0.1, "data.validation": "test", "train.precision": "mixed_bfloat16", "backend": "jax"},
        **{"deterministic": False, "train.reference_steps": 64000},
    }
    one, other = arm(tmp_path / "one"), arm(tmp_path / "other", every)
    assert factors(one[0], other[0]) == {"model.residual", "model.width"}
    assert factors(other[0], one[0]) == factors(one[0], other[0])
    recipe, images = ({key: every[key] for key in every if key.startswith(part)} for part in ("train.", "data."))
    assert factors(one[0], arm(tmp_path / "images", {**recipe, **images})[0]) == {"data.mixup_alpha"}
    assert factors(one[0], arm(tmp_path / "recipe", recipe)[0]) == {"train.warmup"}
    assert factors(one[0], one[1]) == set()


@pytest.mark.parametrize(
    "hidden", ["schedule", "warm-up", "rate", "weight decay", "clipping", "optimizer", "ema", "xla", "augmentation"]
)
def test_beside_another_network_another_recipe_is_hidden(tmp_path, hidden):
    one, hidden = arm(tmp_path / "one"), HIDDEN_REFUSED[hidden]
    other = arm(tmp_path / "other", {**FACTOR, **hidden.keys})
    assert found(comparability(one, other, factors(one[0], other[0])).blocking, hidden.key) == (
        hidden.one,
        hidden.other,
    )


def test_a_sweep_of_networks_is_comparable_by_its_factors(tmp_path):
    one = arm(tmp_path / "one")
    for model in ("plain34", "resnet18", "vgg16", "shake26", "resnet_cifar"):
        other = arm(tmp_path / model, {"model": model})
        assert comparability(one, other, factors(one[0], other[0])).blocking == ()


# ---------------------------------------------------------------- properties


def _strange(random: Random, place: Path, most: int) -> list[Run]:
    """Runs, each with some of the corpora's changes."""
    corpus, runs = [*HIDDEN_REFUSED.values(), *HIDDEN_MARKED.values()], []
    for seed in range(random.randint(1, most)):
        chosen = random.sample(corpus, random.randint(0, 2))
        changed = {k: v for some in chosen for k, v in some.keys.items()}
        record = {k: v for some in chosen if "exactness" not in some.told for k, v in some.told.items()}
        runs += arm(place, changed, (seed,), **record)
    return runs


@pytest.mark.parametrize("seed", range(12))
def test_it_is_symmetric_and_no_order_matters(tmp_path, seed):
    random = Random(seed)
    one, other = _strange(random, tmp_path / "one", 3), _strange(random, tmp_path / "other", 4)
    declared = random.sample(["model", "train.schedule", "data.fraction", "data.limit", "train.epochs"], 2)
    budget = random.random() < 0.5
    here = comparability(one, other, declared, budget)
    there = comparability(other, one, declared, budget)
    assert (
        Comparability(
            *(
                tuple(replace(d, baseline=d.variant, variant=d.baseline) for d in ds)
                for ds in (there.blocking, there.informational)
            )
        )
        == here
    )
    assert comparability(random.sample(one, len(one)), random.sample(other, len(other)), declared, budget) == here
    assert comparability(one * 2, other, declared, budget) == here
    assert not set(keys(here.blocking)) & set(keys(here.informational))


def test_texts_are_short_and_printable_and_tell_the_values_apart(tmp_path):
    long = ["x" * 30 + str(i) for i in range(200)]
    one = arm(tmp_path / "one", code="\x1b[31m", **{"data.classes": long, "data.digest": "a" * 64})
    other = arm(
        tmp_path / "other",
        code="1",
        **{"data.classes": [*long[:-1], "y"], "data.digest": "a" * 63 + "b", "git": {"\x1b": 1}},
    )
    verdict = comparability(one, other, ())
    for difference in (*verdict.blocking, *verdict.informational):
        assert all(text.isprintable() and len(text) <= 80 for text in vars(difference).values())
        assert difference.baseline != difference.variant
    assert {"class_names", "code", "data.digest"} <= set(keys(verdict.blocking))


def test_values_of_any_type_and_depth_are_told(tmp_path):
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    (one,), (other,) = arm(tmp_path / "one", seeds=(0,)), arm(tmp_path / "other", seeds=(0,))
    for odd in (deep, float("nan"), 10**5000, {"a": None}, "\ud800", True):
        values = {"k": odd, "versions": odd, "devices": odd}
        strange = RunFacts(
            replace(other.facts.data, further=values),
            code=odd,
            selected_on=odd,
            exactness=Exactness.from_json(values),
            versions=values,
            hardware=Hardware.from_json(values),
            git=Git.from_json(values),
            steps=Steps.from_json(values),
        )
        verdict = comparability([one], [replace(other, facts=strange)], ())
        assert "code" in keys(verdict.blocking)
        rest = replace(strange, selected_on=None)
        odd_ones = [replace(other, facts=replace(rest, code=odd if seed else [odd]), seed=seed) for seed in (0, 1)]
        assert "code" in keys(comparability([one], odd_ones, ()).blocking)


def test_what_the_model_does_not_read_is_known_for_each_key(tmp_path):
    """A plain network's record may keep the shortcut of an older version: nothing reads it."""
    plain = {"model.family": "resnet", "model.residual": False, "model.norm": "group"}
    assert {"model.shortcut", "model.order", "model.norm_momentum"} <= set(inactive_keys(plain))
    one = arm(tmp_path / "one", {"model.residual": False, "model.shortcut": "projection"})
    other = arm(tmp_path / "other", {"model.residual": False, "model.shortcut": None})
    verdict = comparability(one, other, ())
    assert (verdict.blocking, keys(verdict.informational)) == ((), ["model.shortcut"])


def test_another_content_of_an_own_part_is_another_part(tmp_path):
    for model, accuracy, digest in (("plain34", 0.5, "aa"), ("resnet34", 0.9, "bb")):
        for seed in range(3):
            write(tmp_path, config(model, seed=seed), history(accuracy=accuracy + seed / 100), plugins=[digest])
    (refused,) = compared(tmp_path, baseline="resnet34").variant("plain34").comparability.blocking
    assert (refused.key, refused.baseline, refused.variant) == ("plugins", "bb", "aa")


def test_an_own_part_in_one_arm_alone_is_refused(tmp_path):
    for model, own in (("plain34", ["aa"]), ("resnet34", [])):
        for seed in range(3):
            write(tmp_path, config(model, seed=seed), history(accuracy=0.9 + seed / 100), plugins=own)
    (refused,) = compared(tmp_path, baseline="resnet34").variant("plain34").comparability.blocking
    assert (refused.key, refused.baseline, refused.variant) == ("plugins", "none", "aa")
