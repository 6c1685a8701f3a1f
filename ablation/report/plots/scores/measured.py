"""The metrics that runs record, whichever of them the comparison is by."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison


@dataclass(frozen=True)
class Measured:
    """A metric that a run records. score, metric: its place in the record. weights: which it was measured with."""

    score: str
    metric: str
    name: str
    weights: str

    @property
    def key(self) -> str:
        """The metric's name, as in `--metric`."""
        return f"test_{self.metric}" if self.score.startswith("test") else self.metric

    @property
    def full_name(self) -> str:
        return f"{self.name} of the {self.weights}"

    def values(self, variant: ComparedVariant) -> dict[int, float]:
        """The value of each run that has one, by seed."""
        values = {}
        for run in variant.runs:
            value = run.metrics.value(self.score, self.metric)
            if value is not None and isfinite(value):
                values[run.seed] = float(value)
        return values


MEASURED = (
    Measured("test", "accuracy", "Test accuracy", "last weights"),
    Measured("test_best", "accuracy", "Test accuracy", "best validation epoch"),
    Measured("test", "loss", "Test loss", "last weights"),
    Measured("test_best", "loss", "Test loss", "best validation epoch"),
    Measured("final", "val_accuracy", "Validation accuracy", "last epoch"),
    Measured("best", "val_accuracy", "Validation accuracy", "best epoch"),
    Measured("final", "val_loss", "Validation loss", "last epoch"),
    Measured("best", "val_loss", "Validation loss", "best epoch"),
    Measured("final", "accuracy", "Training accuracy", "last epoch"),
    Measured("final", "loss", "Training loss", "last epoch"),
)


def own_values(variants: Sequence[ComparedVariant]) -> list[dict[int, float]]:
    """The values of the comparison's metric, by seed."""
    return [dict(variant.arm.values) for variant in variants]


def judged_metric(comparison: Comparison) -> Measured | None:
    """The metric of the comparison: that of its name with its values; None if no record has it."""
    own = own_values(comparison.variants)
    for measured in MEASURED:
        if measured.key == comparison.metric.key:
            if [measured.values(variant) for variant in comparison.variants] == own:
                return measured
    return None
