"""The one default metric."""

import pytest

from ablation.comparison.analysis.default_metric import TEST, VALIDATION, default_key, default_metric
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import DataRecord, Metrics


def completed(test: float | None, validation: float = 0.5) -> RunRecord:
    """A run with a test split, or without one."""
    data = DataRecord("digits", train=10, validation=20, test=None if test is None else 30, digest="0")
    score = None if test is None else {"accuracy": test}
    return RunRecord(
        "completed", data=data, metrics=Metrics({"final": {"epoch": 1, "val_accuracy": validation}, "test": score})
    )


@pytest.mark.parametrize(
    ("tested", "key"),
    [([], TEST), ([True], TEST), ([True, True], TEST), ([True, False], VALIDATION), ([False], VALIDATION)],
)
def test_it_is_test_accuracy_where_every_run_has_one(tested, key):
    assert default_key(tested) == key
    assert default_metric(completed(0.25 if each else None) for each in tested).key == key


def test_each_run_has_its_value_and_its_images():
    tested, untested = completed(0.25), completed(None)
    metric = default_metric([tested])
    assert (metric.words, metric.value(tested), metric.images(tested)) == ("test accuracy", 0.25, 30)
    assert metric.value(untested) is metric.images(untested) is None
    metric = default_metric([tested, untested])
    assert (metric.words, metric.value(tested), metric.images(tested)) == ("validation accuracy", 0.5, 20)
    assert metric.value(RunRecord("completed")) is metric.images(RunRecord("completed")) is None
