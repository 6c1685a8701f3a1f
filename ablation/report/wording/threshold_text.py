"""Texts about a threshold and when variants reach it."""

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Reached, Threshold
from ablation.comparison.analysis.time_to_threshold import MANY
from ablation.report.wording.number_format import UNKNOWN, count
from ablation.text import duration

UNITS = {"epoch": "Epochs", "step": "Steps", "images": "Images", "seconds": "Time", "macs": "MACs"}


def title(threshold: Threshold, percent: bool = False) -> str:
    """Title of the threshold's column: `Epochs to 0.9`, or `Epochs to 90 %`; a loss is never in percent."""
    value = f"{threshold.value:g}"
    if percent and threshold.metric in learning_curves.HIGHER:
        value = f"{100 * threshold.value:g} %"
    return f"{UNITS[threshold.x_axis]} to {value}"


def median_text(threshold: Threshold, reached: Reached | None) -> str:
    """Format the median over runs, `12`; a dash where it is unknown or the threshold is not reached."""
    if reached is None or reached.median is None:
        return UNKNOWN
    if threshold.x_axis == "seconds":
        return duration(reached.median)
    return count(reached.median) if reached.median >= MANY else f"{reached.median:,g}"


def runs_text(reached: Reached | None) -> str:
    """Format how many runs reach the threshold, `(3 of 5)`; empty where all do, or where that is unknown."""
    if reached is None or reached.reached == reached.runs:
        return ""
    return f"({reached.reached} of {reached.runs})"


def caption_sentence(threshold: Threshold, percent: bool = False) -> str:
    """Explain the threshold's column in a sentence."""
    side = "rises to it" if threshold.metric in learning_curves.HIGHER else "falls to it"
    metric = learning_curves.METRICS[threshold.metric].lower()
    text = f"{title(threshold, percent)}: until {metric} {side}, median over runs"
    for reached in threshold.reached.values():
        if reached and reached.reached < reached.runs:
            return (
                f"{text}; ({reached.reached} of {reached.runs}) is the number of runs that reach it, and a run that "
                "never does counts as infinitely late."
            )
    return f"{text}."
