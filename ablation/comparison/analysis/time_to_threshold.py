"""How long variants train until a metric reaches a threshold."""

import math
from dataclasses import replace
from math import inf

import numpy as np

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Reached, Threshold
from ablation.comparison.analysis.learning_curves import HIGHER, check, x_values
from ablation.comparison.reading import run
from ablation.comparison.reading.run import Run
from ablation.errors import AblateError
from ablation.redaction import printable


def epochs_to(
    comparison: Comparison, threshold: float, metric: str = "val_accuracy", against: str = "epoch"
) -> dict[str, Reached]:
    """When each variant first reaches a threshold of a metric, by label. Raises AblateError for an unknown name."""
    check(metric, against)
    return {row.label: _reached(row, threshold, metric, against) for row in comparison.variants}


def _reached(row: ComparedVariant, threshold: float, metric: str, against: str) -> Reached:
    found = [_first(run, threshold, metric, against) for run in row.runs]
    median = float(np.median(found)) if found else math.inf  # between a number and never: never
    reached = sum(math.isfinite(x) for x in found)
    return Reached(median if math.isfinite(median) else None, reached, len(found), len(row.diverged))


def _first(run: Run, threshold: float, metric: str, against: str) -> float:
    x, values = x_values(run, against), np.asarray(run.history[metric], dtype=float)
    there = np.flatnonzero(values >= threshold if metric in HIGHER else values <= threshold)
    return float(x[there[0]]) if x is not None and len(there) else math.inf


MANY = 1e5  # from here on three digits and a unit


def reach(comparison: Comparison, text: str, against: str) -> Comparison:
    """Add to the comparison when each variant reaches a threshold of the curve that goes with the metric.

    text: as typed. against: a key of curves.AXES. Raises AblateError for what is no such threshold or axis.
    """
    metric = learning_curves.validation_column(comparison.metric.key)
    value = _read(text, metric)
    found = epochs_to(comparison, value, metric, against)
    placed = {
        row.label: all(learning_curves.x_values(run, against) is not None for run in row.runs)
        for row in comparison.variants
    }
    reached = {label: one if placed[label] else None for label, one in found.items()}
    return replace(comparison, threshold=Threshold(metric, value, against, reached))


def _read(text: str, metric: str) -> float:
    share = metric in learning_curves.HIGHER
    try:
        value = float(text)
    except ValueError:
        value = -inf
    if 0 < value <= (1 if share else run.LARGEST_NUMBER):
        return value
    allowed = "a number above 0 and at most 1" if share else "a number above 0"
    raise AblateError(
        f"No curve can reach this. Received --threshold {printable(text)}. Allowed: {allowed}, for the curve is "
        f"{learning_curves.METRICS[metric].lower()}. Type for example --threshold {'0.9' if share else '0.5'}"
    )
