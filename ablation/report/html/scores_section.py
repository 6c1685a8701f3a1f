"""The page's section on all metrics of each variant: means over seeds, which describe and never decide a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from statistics import median

import numpy as np

from ablation.comparison.analysis.comparison import MAX_DECIMALS, ComparedVariant, Comparison
from ablation.report.html.charts.curve_paths import TickMark
from ablation.report.html.charts.interval_bars import Bar, IntervalBars, dots_path, segment
from ablation.report.plots import limits
from ablation.report.plots.axis import Scale
from ablation.report.tables.table import Cell
from ablation.report.wording.metric_format import MetricFormat, share_format
from ablation.report.wording.number_format import UNKNOWN, is_known, typeset
from ablation.statistics import intervals
from ablation.text import capitalized

MAX_VARIANTS, MAX_ROWS = 200, 60  # of the table; of a chart
MAX_TICKS = 5
LOSS_DECIMALS = 3


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


@dataclass(frozen=True)
class Score:
    """One metric of all variants. cells: by variant. bars: None for more than MAX_ROWS variants."""

    name: str
    cells: tuple[Cell, ...]
    bars: IntervalBars | None


@dataclass(frozen=True)
class ScoresSection:
    """The section. note: the caption. judged: the metric of the verdicts, or of the table where there are none.

    scores: the metric of the comparison first. labels, counts: the variants and their numbers of completed runs.
    """

    note: str
    judged: str
    scores: tuple[Score, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]


def scores_section(comparison: Comparison) -> ScoresSection | None:
    """Build the section; None for a single metric, and for more than MAX_VARIANTS variants."""
    variants = comparison.variants
    if len(variants) > MAX_VARIANTS:
        return None
    judged = _judged(comparison)
    name = capitalized(comparison.metric.name) if judged is None else judged.full_name
    others = []
    for measured in MEASURED:
        values = [measured.values(variant) for variant in variants]
        if measured is not judged and any(values):
            others.append(_score(comparison, measured.full_name, values))
    if not others:
        return None
    return ScoresSection(
        note=_note(comparison, name),
        judged=name,
        scores=(_score(comparison, name, [dict(variant.arm.values) for variant in variants]), *others),
        labels=tuple(variant.label for variant in variants),
        counts=tuple(variant.arm.n for variant in variants),
    )


def _judged(comparison: Comparison) -> Measured | None:
    """The metric of the comparison: that of its name with its values."""
    own = [dict(variant.arm.values) for variant in comparison.variants]
    for measured in MEASURED:
        if measured.key == comparison.metric.key and [measured.values(each) for each in comparison.variants] == own:
            return measured
    return None


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
        decimals = _decimals(ends)
    written = MetricFormat(decimals) if "loss" in name else share_format(comparison, decimals)
    cells = []
    for variant, array, known in zip(comparison.variants, arrays, ends, strict=True):
        cells.append(_cell(variant, array, known, written))
    title = written.heading(name)
    return Score(title, tuple(cells), _bars(comparison, title, arrays, written))


def _decimals(ends: Sequence[intervals.Interval]) -> int:
    """Enough decimals for two digits of a typical interval."""
    half_widths = [known.half_width for known in ends if is_known(known)]
    if not half_widths:
        return LOSS_DECIMALS
    return min(MAX_DECIMALS, max(0, 1 - floor(log10(median(half_widths)))))


def _cell(variant: ComparedVariant, values: np.ndarray, ends: intervals.Interval, written: MetricFormat) -> Cell:
    """The mean and its CI; the number of runs too, where some do not have the metric."""
    if not len(values):
        return Cell(UNKNOWN)
    details = [written.plus_minus(ends)]
    if len(values) < variant.arm.n:
        details.append(f"(n = {len(values)})")
    mean = float(values.mean())
    return Cell(written.cell(mean), " ".join(filter(None, details)), value=mean)


def _bars(
    comparison: Comparison, name: str, arrays: Sequence[np.ndarray], written: MetricFormat
) -> IntervalBars | None:
    if len(arrays) > MAX_ROWS:
        return None
    scale = _scale(arrays)
    bars = []
    for variant, values in zip(comparison.variants, arrays, strict=True):
        if len(values):
            style = "baseline-point" if variant.label == comparison.baseline else "plain-point"
            bars.append(_bar(variant.label, style, values, scale, written))
    ticks = []
    for value in scale.ticks(MAX_TICKS):
        ticks.append(TickMark(scale.percent_of(value), typeset(f"{written.factor * value:g}")))
    return IntervalBars(tuple(bars), tuple(ticks), heading="Mean [95 % CI]", label=name, judged=False)


def _scale(arrays: Sequence[np.ndarray]) -> Scale:
    """Cover all runs, and intervals up to half the span of the runs."""
    low, high = limits.value_range(arrays)
    reach = (high - low) / 2
    ends = []
    for values in arrays:
        known = intervals.mean_interval(values)
        if is_known(known):
            ends.append(np.clip(known, low - reach, high + reach))
    return limits.y_scale(*limits.value_range([np.array([low, high]), *ends]))


def _bar(name: str, style: str, values: np.ndarray, scale: Scale, written: MetricFormat) -> Bar:
    mean, ends = float(values.mean()), intervals.mean_interval(values)
    low, high = (ends.low, ends.high) if is_known(ends) else (mean, mean)
    return Bar(
        name=name,
        style=style,
        shape="circle",
        point=scale.percent_of(mean),
        thick=segment(ends, scale),
        thin=None,
        dots=dots_path(values.tolist() if len(values) > 1 else (), scale),
        cut_left=typeset(written.cell(low)) if low < scale.low else "",
        cut_right=typeset(written.cell(high)) if high > scale.high else "",
        value=typeset(written.cell(mean)),
        interval=typeset(_brackets(ends, written)),
    )


def _brackets(ends: intervals.Interval, written: MetricFormat) -> str:
    return f"[{written.cell(ends.low)}, {written.cell(ends.high)}]" if is_known(ends) else ""
