"""The means plot: each variant's mean of a metric, with its 95 % CI and its runs."""

from collections.abc import Sequence
from math import floor, log10
from statistics import median

import numpy as np

from ablation.comparison.analysis.comparison import MAX_DECIMALS, Comparison
from ablation.redaction import printable
from ablation.report.plots import captions, limits
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest import MAX_DOTS, MAX_ROWS
from ablation.report.plots.forest_captions import ARROW
from ablation.report.plots.forest_data import BASELINE, MEAN, PLAIN, ForestPlot, ForestRow
from ablation.report.plots.scores.measured import own_values
from ablation.report.wording.number_format import is_known
from ablation.statistics import intervals
from ablation.statistics.intervals import Interval
from ablation.text import capitalized, plural

LOSS_DECIMALS = 3


def means(comparison: Comparison) -> ForestPlot | None:
    """The means of the comparison's metric; None for a single variant, and for too many."""
    values = own_values(comparison.variants)
    if sum(1 for of_variant in values if of_variant) < 2:
        return None
    return means_plot(comparison, capitalized(comparison.metric.name), values, comparison.decimals)


def means_plot(
    comparison: Comparison, name: str, values: Sequence[dict[int, float]], decimals: int
) -> ForestPlot | None:
    """Compute a row for each variant with a value; None without one, and for more than MAX_ROWS variants.

    name: of the metric. values: by seed, of each variant.
    """
    rows = []
    for place, of_variant in enumerate(values):
        if of_variant:
            rows.append(_row(comparison, place, of_variant))
    if not 0 < len(rows) <= MAX_ROWS:
        return None
    runs = [value for of_variant in values for value in of_variant.values()]
    if len(runs) > MAX_DOTS:
        return None
    scale = limits.mean_scale(runs, [row.thick for row in rows], _largest(comparison, name))
    return ForestPlot(
        rows=tuple(rows),
        x=scale,
        metric=comparison.metric,
        reference="",
        left="",
        right="",
        margin=None,
        decimals=decimals,
        notes=(*captions.exploratory_notes(comparison), *_notes(values, rows, scale)),
        quantity=MEAN,
        title=name,
    )


def _row(comparison: Comparison, place: int, values: dict[int, float]) -> ForestRow:
    variant = comparison.variants[place]
    array = np.array([values[seed] for seed in sorted(values)])
    return ForestRow(
        place=place,
        name=printable(variant.label),
        difference=float(array.mean()),
        outcome=BASELINE if variant.label == comparison.baseline else PLAIN,
        thick=intervals.mean_interval(array),
        dots=tuple(array.tolist()) if len(array) > 1 else (),
        seeds=str(len(array)),
    )


def _largest(comparison: Comparison, name: str) -> float | None:
    """The largest value that is possible: of an accuracy that of the comparison's metric; None if there is none."""
    return comparison.metric.largest if "accuracy" in name.lower() else None


def _notes(values: Sequence[dict[int, float]], rows: Sequence[ForestRow], x: Scale) -> list[str]:
    counts = sorted({len(of_variant) for of_variant in values if of_variant})
    seeds = plural(counts[-1], "seed")
    if counts[0] < counts[-1]:
        seeds = f"{counts[0]} to {seeds}"
    notes = ["Point: one seed each."] if counts[-1] == 1 else [f"Point: mean over {seeds}."]
    if any(is_known(row.thick) for row in rows):
        notes.append("Bar: its 95 % CI (Student's t).")
    if any(row.dots for row in rows):
        notes.append("Dots: single runs.")
    if any(row.thick.low < x.low or row.thick.high > x.high for row in rows):
        notes.append(ARROW)
    return notes


def decimals_of(ends: Sequence[Interval]) -> int:
    """Enough decimals for two digits of a typical interval."""
    half_widths = [known.half_width for known in ends if is_known(known)]
    if not half_widths:
        return LOSS_DECIMALS
    return min(MAX_DECIMALS, max(0, 1 - floor(log10(median(half_widths)))))
