"""The metrics that runs record."""

from dataclasses import replace
from math import nan

from support import curves

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.plots.scores.measured import MEASURED, judged_metric, own_values
from ablation.rundir.record_parts import Metrics


def recorded() -> Comparison:
    """Variants whose runs recorded all scores: the test accuracy is that of `curves`, the others are off by some."""
    made = curves.several(2)
    variants = []
    for one in made.variants:
        runs = tuple(replace(run, metrics=scores(run.test_accuracy)) for run in one.runs)
        variants.append(replace(one, runs=runs))
    return replace(made, variants=tuple(variants))


def scores(accuracy: float) -> Metrics:
    return Metrics(
        {
            "final": {"loss": 0.1, "accuracy": 1.0, "val_loss": 0.2, "val_accuracy": accuracy},
            "best": {"val_loss": 0.15, "val_accuracy": accuracy},
            "test": {"loss": 0.3, "accuracy": accuracy},
            "test_best": {"loss": nan, "accuracy": accuracy - 0.1},
        }
    )


def judged_name(made: Comparison) -> str:
    judged = judged_metric(made)
    return "" if judged is None else judged.full_name


def test_values_are_those_of_the_records_by_seed():
    first = recorded().variants[0]
    found = {measured.full_name: measured.values(first) for measured in MEASURED}
    assert len(found) == len(MEASURED)
    assert found["Validation loss of the best epoch"] == {0: 0.15, 1: 0.15}
    own = {run.seed: run.test_accuracy - 0.1 for run in first.runs}
    assert found["Test accuracy of the best validation epoch"] == own
    assert found["Test loss of the best validation epoch"] == {}  # not a number


def test_the_judged_metric_has_the_name_and_the_values():
    made = recorded()
    assert judged_name(made) == "Test accuracy of the last weights"
    assert own_values(made.variants) == [dict(variant.arm.values) for variant in made.variants]
    first, second = made.variants
    lower = replace(first.arm, values={seed: value - 0.1 for seed, value in first.arm.values.items()})
    assert judged_name(replace(made, variants=(replace(first, arm=lower), second))) == ""


def test_of_metrics_with_equal_values_the_name_decides():
    assert judged_name(curves.with_metric(recorded(), "val_accuracy")) == "Validation accuracy of the last epoch"
    assert judged_name(curves.with_metric(recorded(), "val_loss")) == ""
