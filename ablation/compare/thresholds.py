"""When arms reach a threshold of their curve, in words: in epochs, steps, images, time or MACs, a median over runs."""

from dataclasses import replace
from math import inf

from ablation.compare import curves
from ablation.compare.comparison import Comparison, Threshold
from ablation.compare.numbers import NOTHING, count, duration
from ablation.errors import AblateError, printable

UNITS = {"epoch": "Epochs", "step": "Steps", "images": "Images", "seconds": "Time", "macs": "MACs"}
MANY = 1e5  # from here on three digits and a unit


def reach(comparison: Comparison, text: str, against: str) -> Comparison:
    """The comparison with when each arm reaches a threshold of the curve that goes with the metric.

    text: as typed. against: a key of curves.AXES. Raises AblateError for what is no such threshold or axis.
    """
    metric = curves.of(comparison.metric.key)
    value = _read(text, metric)
    found = curves.epochs_to(comparison, value, metric, against)
    placed = {row.label: all(curves.places(run, against) is not None for run in row.runs) for row in comparison.rows}
    reached = {label: one if placed[label] else None for label, one in found.items()}
    return replace(comparison, threshold=Threshold(metric, value, against, reached))


def _read(text: str, metric: str) -> float:
    share = metric in curves.HIGHER
    try:
        value = float(text)
    except ValueError:
        value = -inf
    if 0 < value <= (1 if share else curves.LARGEST_NUMBER):
        return value
    allowed = "a number above 0 and at most 1" if share else "a number above 0"
    raise AblateError(
        f"No curve can reach this. Received --threshold {printable(text)}. Allowed: {allowed}, for the curve is "
        f"{curves.METRICS[metric].lower()}. Type for example --threshold {'0.9' if share else '0.5'}"
    )


def title(threshold: Threshold) -> str:
    """`Epochs to 0.9`."""
    return f"{UNITS[threshold.against]} to {threshold.value:g}"


def cell(threshold: Threshold, label: str) -> str:
    """`12`, or `12 (3 of 5)` where some runs never get there; nothing where the median is never, or is not known."""
    reached = threshold.reached.get(label)
    if reached is None or not reached.of:
        return NOTHING
    text = NOTHING if reached.median is None else _written(reached.median, threshold.against)
    return text if reached.reached == reached.of else f"{text} ({reached.reached} of {reached.of})"


def _written(median: float, against: str) -> str:
    if against == "seconds":
        return duration(median)
    return count(median) if median >= MANY else f"{median:,g}"


def told(threshold: Threshold) -> str:
    """What the column is, in a sentence."""
    side = "above" if threshold.metric in curves.HIGHER else "below"
    text = f"{title(threshold)}: until {curves.METRICS[threshold.metric].lower()} is there or {side}, median over runs"
    few = next((r for r in threshold.reached.values() if r and r.reached < r.of), None)
    late = (
        f"; ({few.reached} of {few.of}): so many runs get there, and one that never does counts as latest"
        if few
        else ""
    )
    return f"{text}{late}."
