"""The page's section on all metrics of each variant: means over seeds, which describe and never decide a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.html.charts.interval_bars import IntervalBars, forest_bars
from ablation.report.plots.percent import forest_in_percent
from ablation.report.plots.scores.means import decimals_of, means_plot
from ablation.report.plots.scores.measured import MEASURED, judged_metric, own_values
from ablation.report.tables.table import Cell
from ablation.report.wording.metric_format import MetricFormat, share_format
from ablation.report.wording.number_format import UNKNOWN
from ablation.statistics import intervals
from ablation.statistics.intervals import Interval
from ablation.text import capitalized

MAX_VARIANTS = 200


@dataclass(frozen=True)
class Score:
    """One metric of all variants. cells: by variant. bars: None where there are too many variants for a chart."""

    name: str
    cells: tuple[Cell, ...]
    bars: IntervalBars | None


@dataclass(frozen=True)
class ScoresSection:
    """The section. note: the caption. scores: the metric of the comparison first.

    labels, counts: the variants and their numbers of completed runs.
    """

    note: str
    scores: tuple[Score, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]


def scores_section(comparison: Comparison) -> ScoresSection | None:
    """Build the section; None for a single metric, and for more than MAX_VARIANTS variants."""
    variants = comparison.variants
    if len(variants) > MAX_VARIANTS:
        return None
    judged = judged_metric(comparison)
    name = capitalized(comparison.metric.name) if judged is None else judged.full_name
    scores = [_score(comparison, name, own_values(variants))]
    for measured in MEASURED:
        values = [measured.values(variant) for variant in variants]
        if measured is not judged and any(values):
            scores.append(_score(comparison, measured.full_name, values))
    if len(scores) < 2:
        return None
    return ScoresSection(
        note=_note(comparison, name),
        scores=tuple(scores),
        labels=tuple(variant.label for variant in variants),
        counts=tuple(variant.arm.n for variant in variants),
    )


def _note(comparison: Comparison, name: str) -> str:
    note = "Mean over seeds with its 95 % CI (Student's t). Dots: single runs."
    if any(variant.result for variant in comparison.variants):
        note += f" Verdicts rest on {name[:1].lower()}{name[1:]} alone; the other metrics are descriptive."
    return note


def _score(comparison: Comparison, name: str, values: Sequence[dict[int, float]]) -> Score:
    arrays = [np.array([of_variant[seed] for seed in sorted(of_variant)]) for of_variant in values]
    ends = [intervals.mean_interval(array) for array in arrays]
    decimals = comparison.decimals
    if "loss" in name or not comparison.metric.images:
        decimals = decimals_of(ends)
    is_loss = "loss" in name
    written = MetricFormat(decimals) if is_loss else share_format(comparison, decimals)
    cells = []
    for variant, array, known in zip(comparison.variants, arrays, ends, strict=True):
        cells.append(_cell(variant, array, known, written))
    plot = means_plot(comparison, name, values, decimals)
    if plot is not None and comparison.numbers.percent and not is_loss:
        plot = forest_in_percent(plot)
    return Score(written.heading(name), tuple(cells), None if plot is None else forest_bars(plot))


def _cell(variant: ComparedVariant, values: np.ndarray, ends: Interval, written: MetricFormat) -> Cell:
    """The mean and its CI; the number of runs too, where some do not have the metric."""
    if not len(values):
        return Cell(UNKNOWN)
    details = [written.plus_minus(ends)]
    if len(values) < variant.arm.n:
        details.append(f"(n = {len(values)})")
    mean = float(values.mean())
    return Cell(written.cell(mean), " ".join(filter(None, details)), value=mean)
