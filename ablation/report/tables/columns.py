"""The columns of the table of variants."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from statistics import fmean

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.reading.run import Run
from ablation.report.blocks.block_columns import block_columns
from ablation.report.tables.records import VariantRecord
from ablation.report.tables.table import Cell, Column
from ablation.report.wording import threshold_text
from ablation.report.wording.footnotes import Footnotes
from ablation.report.wording.metric_format import MetricFormat, metric_format, share_format
from ablation.report.wording.number_format import UNKNOWN, count, number, p_value
from ablation.report.wording.verdict_text import diverged_share, labels_name_removals, verdict_detail, verdict_text
from ablation.text import capitalized, duration, shorten

LOSS_DECIMALS = 3


@dataclass(frozen=True)
class Row:
    """A variant and its record."""

    variant: ComparedVariant
    record: VariantRecord


@dataclass(frozen=True)
class OtherMetric:
    """A metric shown beside the comparison's own where variants are not compared with a reference."""

    key: str
    title: str
    description: str
    value: Callable[[Run], float | None]


OTHER_METRICS = (
    OtherMetric("last", "Val last", "validation accuracy of the last epoch", lambda run: run.val_accuracy),
    OtherMetric("best", "Val best", "validation accuracy of the best epoch", lambda run: run.best_val_accuracy),
    OtherMetric("loss", "Train loss", "training loss of the last epoch", lambda run: run.loss),
)


def is_judged(comparison: Comparison) -> bool:
    """Check for a reference to compare with; without one, other metrics replace differences and verdicts."""
    if comparison.baseline is not None:
        return True
    return any(variant.result or variant.comparability.blocking for variant in comparison.variants)


def build_columns(comparison: Comparison, rows: Sequence[Row], footnotes: Footnotes) -> list[Column]:
    """Build the columns; those with nothing to show are left out."""
    columns = [_column("variant", "Variant", rows, _variant_cell, is_text=True)]
    columns += _component_columns(rows)
    columns.append(_column("n", "n", rows, lambda row: _count_cell(row, footnotes)))
    if any(row.variant.diverged for row in rows):
        columns.append(_column("diverged", "Diverged", rows, _diverged_cell))
    written = metric_format(comparison)
    title = written.heading(capitalized(comparison.metric.name))
    columns.append(_column("metric", title, rows, lambda row: _mean_cell(row.record, written)))
    if is_judged(comparison):
        columns += _verdict_columns(comparison, rows, footnotes)
    else:
        columns += other_metric_columns(comparison)
    if comparison.threshold is not None:
        title = threshold_text.title(comparison.threshold, comparison.numbers.percent)
        columns.append(_column("threshold", title, rows, lambda row: _threshold_cell(row, comparison)))
    return [*columns, *_cost_columns(comparison, rows), *_supplementary_columns(comparison, rows)]


def _cost_columns(comparison: Comparison, rows: Sequence[Row]) -> list[Column]:
    """Build the columns of size and time; of runs that ablate did not train, those that at least one variant has."""
    columns = [
        _column("parameters", "Params", rows, lambda row: _amount(row.record.summary.trainable_parameters)),
        _column("macs", "MACs", rows, lambda row: _amount(row.record.summary.macs)),
        _column("time", "Time", rows, _time_cell),
    ]
    if comparison.is_own:
        return columns
    return [column for column in columns if any(cell.text != UNKNOWN for cell in column.cells)]


def _column(
    key: str, title: str, rows: Sequence[Row], cell: Callable[[Row], Cell], is_text: bool = False, extra: bool = False
) -> Column:
    return Column(key, title, tuple(cell(row) for row in rows), is_text, extra)


def _component_columns(rows: Sequence[Row]) -> list[Column]:
    """Build the columns of removals, unless the labels list them, and of co-changes."""
    columns = []
    if any(row.record.removed for row in rows) and not labels_name_removals([row.variant for row in rows]):
        columns.append(
            _column("removed", "Removed", rows, lambda row: Cell(", ".join(row.record.removed)), is_text=True)
        )
    if any(row.record.co_changes for row in rows):
        columns.append(
            _column(
                "co_changes", "Also changed", rows, lambda row: Cell(", ".join(row.record.co_changes)), is_text=True
            )
        )
    return columns


def _variant_cell(row: Row) -> Cell:
    """The label, then the user's name for the runs, and `(budget)` where the training budget may differ."""
    name, budget = row.record.summary.name, row.record.budget
    details = [f"({shorten([name])[0]})"] if name.strip(" ") else []
    if budget:
        details.append("(budget)")
    return Cell(row.record.summary.variant, " ".join(details))


def _count_cell(row: Row, footnotes: Footnotes) -> Cell:
    """The number of completed runs, followed by `of 5` where more are planned."""
    n, planned = row.variant.arm.n, row.record.planned
    detail = f"of {planned}" if planned is not None and n < planned else ""
    return Cell(str(n), detail, footnotes.count_marks(row.variant), n)


def _diverged_cell(row: Row) -> Cell:
    """The share of diverged runs, `3 of 6 (p = 0.182)`, with Fisher's p against the reference."""
    if not row.variant.runs and not row.variant.diverged:
        return Cell(UNKNOWN)
    p = row.record.diverged_p
    detail = f"(p = {p_value(p)})" if isfinite(p) else ""
    return Cell(diverged_share(row.variant), detail, value=row.record.diverged)


def _mean_cell(record: VariantRecord, written: MetricFormat) -> Cell:
    """The mean and its CI, `0.972 ± 0.004`; only the mean where the CI is unknown."""
    return Cell(written.cell(record.mean), written.plus_minus(record.ci), value=record.mean)


def _amount(amount: int | None) -> Cell:
    return Cell(UNKNOWN) if amount is None else Cell(count(amount), value=amount)


def _time_cell(row: Row) -> Cell:
    seconds = row.record.summary.seconds_mean
    return Cell(duration(seconds), value=seconds) if isfinite(seconds) else Cell(UNKNOWN)


def _threshold_cell(row: Row, comparison: Comparison) -> Cell:
    threshold = comparison.threshold
    if threshold is None:
        return Cell(UNKNOWN)
    reached = threshold.reached.get(row.variant.label)
    median = nan if reached is None or reached.median is None else reached.median
    text, runs = threshold_text.median_text(threshold, reached), threshold_text.runs_text(reached)
    return Cell(text, runs, value=median)


# ---------------------------------------------------------------- compared with a reference


def _verdict_columns(comparison: Comparison, rows: Sequence[Row], footnotes: Footnotes) -> list[Column]:
    columns = []
    if any(row.variant.reference not in (None, comparison.baseline) for row in rows):
        columns.append(
            _column("reference", "Compared with", rows, lambda row: Cell(row.variant.reference or ""), is_text=True)
        )
    written = metric_format(comparison)
    title = written.difference_heading("Difference")
    columns.append(_column("difference", title, rows, lambda row: _difference_cell(row, written)))
    if not comparison.effects_only:
        columns += _p_columns(comparison, rows)
    columns += block_columns(comparison)
    columns.append(
        _column("verdict", "Verdict", rows, lambda row: _verdict_cell(row, comparison, footnotes), is_text=True)
    )
    return columns


def _p_columns(comparison: Comparison, rows: Sequence[Row]) -> list[Column]:
    """Build the columns of p and of what it is corrected by or compared with; empty ones are left out.

    Of a single comparison nothing is corrected, so the p on which its verdict rests is the only one.
    """
    is_single = comparison.comparisons <= 1
    alone = _column("p", "p", rows, lambda row: _p(row.record.p))
    decisive = _column("p_adjusted", "p" if is_single else "p, Holm", rows, lambda row: _p(row.record.p_adjusted))
    look = _column("look", "Look (level)", rows, _look_cell)
    has_decisive = any(cell.text for cell in decisive.cells)
    columns = [decisive, look] if is_single and has_decisive else [alone, decisive, look]
    return [column for column in columns if any(cell.text for cell in column.cells)]


def _look_cell(row: Row) -> Cell:
    """The interim look that decided, or the last one so far: its seeds and nominal level, `3 (0.016)`."""
    look = row.record.look
    if look is None or look.n is None:
        return Cell("")
    return Cell(str(look.n), f"({p_value(look.level)})", value=look.n)


def _difference_cell(row: Row, written: MetricFormat) -> Cell:
    """The difference and its CI, `-0.498 ± 0.175`; only the difference where the CI is unknown."""
    difference = row.record.difference
    return Cell(written.cell(difference, sign=True), written.plus_minus(row.record.difference_ci), value=difference)


def _verdict_cell(row: Row, comparison: Comparison, footnotes: Footnotes) -> Cell:
    detail = verdict_detail(comparison, row.variant)
    return Cell(verdict_text(comparison, row.variant), detail, footnotes.verdict_marks(row.variant))


def _supplementary_columns(comparison: Comparison, rows: Sequence[Row]) -> list[Column]:
    """Build the columns of statistics that do not decide a verdict on their own; empty ones are left out."""
    columns = (
        *_paired_column(comparison, rows),
        _column("correlation", "r", rows, lambda row: _correlation_cell(row.record)),
        _extra("p_permutation", "Permutation p", rows, _permutation_cell),
        _extra("images", "Paired test over images, p", rows, _images_cell),
        _extra("prob_improvement", "Probability of improvement", rows, _improvement_cell),
        _extra("hedges_g", "Hedges’ g", rows, _effect_size_cell),
    )
    return [column for column in columns if any(cell.text for cell in column.cells)]


def _paired_column(comparison: Comparison, rows: Sequence[Row]) -> Iterable[Column]:
    """The differences paired by seed, unless the differences of all rows are these already."""
    written = metric_format(comparison)
    title = written.difference_heading("Paired by seed")
    column = _column("paired", title, rows, lambda row: _paired_cell(row.record, written))
    differences = [_difference_cell(row, written) for row in rows]
    for cell, difference in zip(column.cells, differences, strict=True):
        if cell.text and cell != difference:
            yield column
            return


def _extra(key: str, title: str, rows: Sequence[Row], cell: Callable[[VariantRecord], Cell]) -> Column:
    return _column(key, title, rows, lambda row: cell(row.record), extra=True)


def _p(p: float, detail: str = "") -> Cell:
    return Cell(p_value(p), detail, value=p) if isfinite(p) else Cell("")


def _permutation_cell(record: VariantRecord) -> Cell:
    return _p(record.p_permutation, "" if record.permutation_exhaustive else "(approximate)")


def _paired_cell(record: VariantRecord, written: MetricFormat) -> Cell:
    if record.paired is None:
        return Cell("")
    difference = record.paired.difference
    return Cell(written.cell(difference, sign=True), written.plus_minus(record.paired.ci), value=difference)


def _correlation_cell(record: VariantRecord) -> Cell:
    return Cell("") if record.paired is None else _number(record.paired.correlation)


def _images_cell(record: VariantRecord) -> Cell:
    return Cell("") if record.images is None else _p(record.images.p)


def _improvement_cell(record: VariantRecord) -> Cell:
    return _number(record.prob_improvement)


def _effect_size_cell(record: VariantRecord) -> Cell:
    return _number(record.hedges_g, sign=True)


def _number(value: float, sign: bool = False) -> Cell:
    return Cell(number(value, 2, sign), value=value) if isfinite(value) else Cell("")


# ---------------------------------------------------------------- without a reference


def other_metric_columns(comparison: Comparison) -> list[Column]:
    """Build the columns of other metrics, except those that repeat the values of the metric or another column."""
    columns = []
    shown = [[list(variant.arm.values.values()) for variant in comparison.variants]]
    for metric in OTHER_METRICS:
        values = [_known_values(variant, metric) for variant in comparison.variants]
        if values in shown or not (comparison.is_own or any(values)):
            continue
        shown.append(values)
        written = _format_beside(comparison, metric)
        cells = [_mean_of(variant_values, written) for variant_values in values]
        columns.append(Column(metric.key, written.heading(metric.title), tuple(cells)))
    return columns


def _known_values(variant: ComparedVariant, metric: OtherMetric) -> list[float]:
    return [value for value in map(metric.value, variant.runs) if value is not None]


def _format_beside(comparison: Comparison, metric: OtherMetric) -> MetricFormat:
    """The format of a metric beside the comparison's own: of accuracies as that, where it is one too."""
    if metric.key == "loss":
        return MetricFormat(LOSS_DECIMALS)
    return share_format(comparison, comparison.decimals if comparison.metric.images else LOSS_DECIMALS)


def _mean_of(values: Sequence[float], written: MetricFormat) -> Cell:
    if not values:
        return Cell(UNKNOWN)
    mean = fmean(values)
    return Cell(written.cell(mean), value=mean)
