"""Network, data, steps, metrics, timings and environment of a record."""

import json
from dataclasses import replace

import pytest

from ablation.rundir.files import Unreadable
from ablation.rundir.record_parts import DataRecord, Exactness, Git, Hardware, Metrics, NetworkRecord, Steps, Timings

NETWORK = {"name": "resnet8", "depth": 8, "trainable_parameters": 10, "total_parameters": 12, "macs": 99}
DATA = {"name": "digits", "train": 10, "validation": 5, "test": None, "digest": "0"}
EXACTNESS = {
    "exact": True,
    "class": "aaaa",
    "backend": "tensorflow",
    "deterministic": True,
    "threads": 2,
    "versions": {"keras": "3.8.0"},
    "devices": ["cpu"],
    "processor": "AMD EPYC",
    "instructions": "avx fma",
    "flags": {"XLA_FLAGS": "x"},
    "floatx": "float32",
    "image_data_format": "channels_last",
    "data": "0",
}
HARDWARE = {"devices": ["cpu"], "processor": "AMD EPYC", "machine": "x86_64", "system": "Linux", "cores": 8}
ENVIRONMENT = [
    (Steps, {"total": 102, "per_epoch": 17, "note": "shortened from 64000"}),
    (Exactness, EXACTNESS),
    (Hardware, HARDWARE),
    (Git, {"commit": "1f2e3d", "dirty": False}),
]
SCORE = {"epoch": 1, "val_accuracy": 0.5}


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (NetworkRecord, NETWORK),
        (NetworkRecord, {**NETWORK, "depth": None, "flops": 1}),
        (DataRecord, DATA),
        (DataRecord, {**DATA, "classes": ["a"], "mean": [1.0], "deviation": [2.0], "excluded": [], "duplicates": {}}),
        (Timings, {}),
        (Timings, {"started": "2026", "seconds": 1.5, "session": 2.5, "compile": 3.5}),
    ],
)
def test_a_part_is_written_as_it_was_read_with_keys_of_other_versions(part, values):
    assert part.from_json(values).to_json() == values


@pytest.mark.parametrize(("part", "values"), ENVIRONMENT)
def test_the_environment_is_written_as_it_was_read_byte_for_byte(part, values):
    read = part.from_json(values)
    assert not read.further and json.dumps(read.to_json()) == json.dumps(values)
    newer = {**values, "novelty": {"a": 1}}
    assert part.from_json(newer).further == {"novelty": {"a": 1}}
    assert json.dumps(part.from_json(newer).to_json()) == json.dumps(newer)
    assert part.from_json({}) == part() and part().to_json() == {}


@pytest.mark.parametrize(("part", "values"), ENVIRONMENT)
@pytest.mark.parametrize("odd", [None, 0.5, (), True], ids=repr)
def test_a_value_of_another_type_in_the_environment_is_kept_and_not_believed(part, values, odd):
    for name, value in values.items():
        if type(odd) is type(value):
            continue
        read = part.from_json({**values, name: odd})
        assert read.further == {name: odd} and read.to_json() == {**values, name: odd}
        assert read == replace(
            part.from_json({key: values[key] for key in values.keys() - {name}}), further={name: odd}
        )


def test_the_steps_of_a_whole_recipe_are_written_with_an_empty_note():
    steps = {"total": 102, "per_epoch": 17, "note": None}
    assert json.dumps(Steps.from_json(steps).to_json()) == json.dumps(steps)


def test_the_environment_of_exactness_is_what_its_class_is_a_digest_of():
    exactness = Exactness.from_json(EXACTNESS)
    assert (exactness.exact, exactness.environment_class, exactness.threads) == (True, "aaaa", 2)
    assert exactness.environment() == {
        name: value for name, value in EXACTNESS.items() if name not in ("exact", "class")
    }


@pytest.mark.parametrize(("part", "values"), [(NetworkRecord, NETWORK), (DataRecord, DATA)])
def test_a_part_that_lacks_what_readers_need_is_refused(part, values):
    optional = {"depth", "train", "test"}
    for name in values.keys() - optional:
        with pytest.raises(Unreadable, match=f"no usable (network|data).{name}"):
            part.from_json({key: value for key, value in values.items() if key != name})


def test_metrics_are_open_and_looked_up_by_part_and_name():
    metrics = Metrics.from_json({"final": {**SCORE, "f1": 0.25}, "best": SCORE, "test": None, "other": {"x": 1}})
    assert metrics.value("final", "f1") == 0.25 and metrics.value("other", "x") == 1
    assert metrics.value("test", "accuracy") is None and metrics.value("absent", "accuracy") is None
    assert set(metrics.measured()) == {"final", "best", "other"}
    assert set(Metrics().scores) == {"final", "best", "test", "test_best"} and not Metrics().measured()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"final": 1}, "metrics.final"),
        ({"final": {"val_accuracy": 0.5}}, "metrics.final.epoch"),
        ({"best": {**SCORE, "loss": "x"}}, "metrics.best.loss"),
        ({"test": {}}, "metrics.test.accuracy"),
        ({"other": {"x": True}}, "metrics.other.x"),
    ],
)
def test_a_score_that_is_none_is_refused_by_name(values, name):
    with pytest.raises(Unreadable, match=f"no usable {name}$"):
        Metrics.from_json(values)
