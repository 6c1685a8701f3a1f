"""Network, data, metrics and timings of a record."""

import pytest

from ablation.rundir.files import Unreadable
from ablation.rundir.record_parts import DataRecord, Metrics, NetworkRecord, Timings

NETWORK = {"name": "resnet8", "depth": 8, "trainable_parameters": 10, "total_parameters": 12, "macs": 99}
DATA = {"name": "digits", "train": 10, "validation": 5, "test": None, "digest": "0"}
SCORE = {"epoch": 1, "val_accuracy": 0.5}


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (NetworkRecord, NETWORK),
        (NetworkRecord, {**NETWORK, "depth": None, "flops": 1}),
        (DataRecord, DATA),
        (DataRecord, {**DATA, "classes": ["a"], "mean": [1.0], "deviation": [2.0], "excluded": []}),
        (Timings, {}),
        (Timings, {"started": "2026", "seconds": 1.5, "session": 2.5, "compile": 3.5}),
    ],
)
def test_a_part_is_written_as_it_was_read_with_keys_of_other_versions(part, values):
    assert part.from_json(values).to_json() == values


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
