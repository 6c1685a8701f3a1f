"""The default metric: test accuracy of the last weights if every run has one, otherwise validation accuracy."""

from collections.abc import Iterable
from dataclasses import dataclass

from ablation.rundir.record import RunRecord

TEST, VALIDATION = "test_accuracy", "val_accuracy"


def default_key(tested: Iterable[bool]) -> str:
    """The key of the default metric. tested: for each run, whether it has a test accuracy."""
    return TEST if all(tested) else VALIDATION


@dataclass(frozen=True)
class DefaultMetric:
    """The default metric of a set of runs. key: as in `--metric`."""

    key: str

    @property
    def words(self) -> str:
        return "test accuracy" if self.key == TEST else "validation accuracy"

    def value(self, record: RunRecord) -> float | None:
        """A run's value, from 0 to 1; None if it was not measured."""
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
    return DefaultMetric(default_key([_is_tested(record) for record in records]))


def _is_tested(record: RunRecord) -> bool:
    metric = DefaultMetric(TEST)
    return metric.value(record) is not None and bool(metric.images(record))
