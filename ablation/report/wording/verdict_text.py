"""The verdict cell and the difference cell, the same in every table."""

from collections.abc import Sequence
from math import isfinite

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.wording.footnotes import REFUSED
from ablation.report.wording.number_format import NOTHING, aligned, interval
from ablation.statistics import intervals
from ablation.statistics.protocol import MIN_SEEDS
from ablation.statistics.verdict import TOO_FEW

NORMAL = "†"
RESTS = "under normal noise: of so few seeds no test without it could tell."


def said_by_labels(rows: Sequence[ComparedVariant]) -> bool:
    """Is each label made of what was removed: -norm -shortcut?"""
    return all(row.label == " ".join(f"-{name}" for name in row.removed) for row in rows if row.removed)


def measured(row: ComparedVariant, places: int) -> str:
    """`0.972 ± 0.004`: the mean and half of its 95 % interval; the mean alone where no spread is known."""
    if not row.arm.n:
        return NOTHING
    low, high = intervals.mean_interval(row.arm.array)
    mean = aligned(row.arm.mean, places)
    return f"{mean} ± {aligned((high - low) / 2, places)}" if isfinite(high - low) else mean


def difference_cell(row: ComparedVariant, places: int) -> str:
    """With half of its interval, or with both ends where it lies further from one of them."""
    if row.result is None or not isfinite(row.result.difference):
        return NOTHING
    middle, (low, high) = row.result.difference, row.result.interval
    text = aligned(middle, places, sign=True)
    if not isfinite(high - low):
        return text
    down, up = aligned(middle - low, places), aligned(high - middle, places)
    return f"{text} ± {up}" if down == up else f"{text} {interval((low, high), places, aligned)}"


def verdict_cell(comparison: Comparison, row: ComparedVariant) -> str:
    if row.label == comparison.baseline:
        return "baseline"
    if row.comparability.blocking:
        return REFUSED
    if row.result is None:
        return TOO_FEW if row.reference and row.arm.n < MIN_SEEDS else NOTHING
    return f"{row.result.verdict}{NORMAL if row.result.relies_on_normality else ''}"
