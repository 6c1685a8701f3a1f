"""A threshold, and when it is reached, in words."""

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Threshold
from ablation.comparison.analysis.time_to_threshold import MANY
from ablation.report.wording.number_format import NOTHING, count
from ablation.text import duration

UNITS = {"epoch": "Epochs", "step": "Steps", "images": "Images", "seconds": "Time", "macs": "MACs"}


def title(threshold: Threshold) -> str:
    """`Epochs to 0.9`."""
    return f"{UNITS[threshold.x_axis]} to {threshold.value:g}"


def cell(threshold: Threshold, label: str) -> str:
    """`12`, or `12 (3 of 5)` where some runs never get there; nothing where the median is never, or is not known."""
    reached = threshold.reached.get(label)
    if reached is None or not reached.runs:
        return NOTHING
    text = NOTHING if reached.median is None else _written(reached.median, threshold.x_axis)
    return text if reached.reached == reached.runs else f"{text} ({reached.reached} of {reached.runs})"


def _written(median: float, against: str) -> str:
    if against == "seconds":
        return duration(median)
    return count(median) if median >= MANY else f"{median:,g}"


def told(threshold: Threshold) -> str:
    """What the column is, in a sentence."""
    side = "above" if threshold.metric in learning_curves.HIGHER else "below"
    metric = learning_curves.METRICS[threshold.metric].lower()
    text = f"{title(threshold)}: until {metric} is there or {side}, median over runs"
    few = next((r for r in threshold.reached.values() if r and r.reached < r.runs), None)
    late = (
        f"; ({few.reached} of {few.runs}): so many runs get there, and one that never does counts as latest"
        if few
        else ""
    )
    return f"{text}{late}."
