"""The default metric: test accuracy of the last weights if every run has one, otherwise validation accuracy.

Runs of a program have a single metric.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ablation.rundir.record import COMMAND, RESULT, RunRecord

TEST, VALIDATION = "test_accuracy", "val_accuracy"


def default_key(tested: Iterable[bool]) -> str:
    """The key of the default metric. tested: for each run, whether it has a test accuracy."""
    return TEST if all(tested) else VALIDATION


@dataclass(frozen=True)
class DefaultMetric:
    """The default metric of a set of runs. key: as in `--metric`; RESULT for the metric of a program, called `name`."""

    key: str
    name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is the metric of a program, of which nothing but the value is known."""
        return self.key == RESULT

    @property
    def words(self) -> str:
        if self.is_open:
            return self.name
        return "test accuracy" if self.key == TEST else "validation accuracy"

    def value(self, record: RunRecord) -> float | None:
        """A run's value, an accuracy from 0 to 1; None if it was not measured."""
        if self.is_open:
            return record.metrics.value(RESULT, self.name)
        if self.key == TEST:
            return record.metrics.value("test", "accuracy")
        return record.metrics.value("final", "val_accuracy")

    def images(self, record: RunRecord) -> int | None:
        """The number of images that the metric is computed on; None if there is no data or no test split."""
        if record.data is None:
            return None
        if self.key == TEST:
            return record.data.test
        return record.data.validation


def default_metric(records: Iterable[RunRecord]) -> DefaultMetric:
    """The default metric of completed runs, from their records."""
    records = list(records)
    for record in records:
        if record.kind == COMMAND:
            return DefaultMetric(RESULT, next(iter(record.metrics.scores.get(RESULT) or {}), ""))
    return DefaultMetric(default_key([_is_tested(record) for record in records]))


def _is_tested(record: RunRecord) -> bool:
    metric = DefaultMetric(TEST)
    return metric.value(record) is not None and bool(metric.images(record))
