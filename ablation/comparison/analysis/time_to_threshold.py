"""Training time of each variant until a metric reaches a threshold."""

import math
from dataclasses import replace

import numpy as np

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Reached, Threshold
from ablation.comparison.analysis.learning_curves import HIGHER, check, x_values
from ablation.comparison.reading.run import LARGEST_NUMBER, Run
from ablation.errors import AblateError
from ablation.redaction import printable

MANY = 1e5  # from which a number is written with three digits and a unit


def epochs_to(
    comparison: Comparison, threshold: float, metric: str = "val_accuracy", against: str = "epoch"
) -> dict[str, Reached]:
    """The time at which each variant first reaches a threshold of a metric, by label.

    against: a key of learning_curves.AXES. Raises AblateError for an unknown metric or axis.
    """
    check(metric, against)
    reached = {}
    for variant in comparison.variants:
        reached[variant.label] = _reached(variant, threshold, metric, against)
    return reached


def _reached(variant: ComparedVariant, threshold: float, metric: str, against: str) -> Reached:
    places = np.array([_first_place(run, threshold, metric, against) for run in variant.runs])
    # The median between a number and infinity is infinite: more than half of the runs must reach the threshold.
    median = float(np.median(places)) if len(places) else math.inf
    return Reached(
        median=median if math.isfinite(median) else None,
        reached=int(np.isfinite(places).sum()),
        runs=len(places),
        diverged=len(variant.diverged),
    )


def _first_place(run: Run, threshold: float, metric: str, against: str) -> float:
    """The position on the axis at which a run first reaches the threshold; infinity if it never does."""
    x = x_values(run, against)
    if x is None:
        return math.inf
    values = np.asarray(run.history[metric], dtype=float)
    has_reached = values >= threshold if metric in HIGHER else values <= threshold
    epochs = np.flatnonzero(has_reached)
    return float(x[epochs[0]]) if len(epochs) else math.inf


def reach(comparison: Comparison, text: str, against: str) -> Comparison:
    """Add to the comparison the time at which each variant's validation curve reaches a threshold.

    text: as typed. against: a key of learning_curves.AXES. Raises AblateError for an impossible threshold or an
    unknown axis.
    """
    metric = learning_curves.validation_column(comparison.metric.key)
    value = _parse(text, metric)
    reached: dict[str, Reached | None] = dict(epochs_to(comparison, value, metric, against))
    for variant in comparison.variants:
        if not _has_places(variant, against):
            reached[variant.label] = None
    return replace(comparison, threshold=Threshold(metric, value, against, reached))


def _has_places(variant: ComparedVariant, against: str) -> bool:
    """Return whether every run of the variant records the values of the axis."""
    return all(x_values(run, against) is not None for run in variant.runs)


def _parse(text: str, metric: str) -> float:
    """The threshold as a number. Raises AblateError unless a curve of the metric can reach it."""
    is_share = metric in HIGHER
    largest = 1.0 if is_share else LARGEST_NUMBER
    try:
        value = float(text)
    except ValueError:
        value = -math.inf
    if 0 < value <= largest:
        return value
    allowed = "a number above 0 and at most 1" if is_share else "a number above 0"
    example = "0.9" if is_share else "0.5"
    raise AblateError(
        f"No curve can reach this threshold. Received --threshold {printable(text)}. Allowed: {allowed}, because the "
        f"curve is {learning_curves.METRICS[metric].lower()}. Type for example --threshold {example}"
    )
