"""The page's forest plot, and the numbers behind each verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.forest_bars import LONG, ForestBars, forest_bars
from ablation.report.html.rows import ResultRow, row_cells, supplementary_columns
from ablation.report.plots.plot_data import ForestPlot
from ablation.report.tables.table import Cell, Column, Table
from ablation.text import capitalized


@dataclass(frozen=True)
class NumbersRow:
    """The supplementary numbers of a variant. cells: one for each column."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class DifferencesSection:
    """The forest plot, and the numbers behind each verdict.

    note: the caption. rows: variants with a bar. axis_on_top: whether the axis is repeated above a long list of rows.
    columns, numbers: the supplementary columns of the table, and the rows with a number there.
    """

    note: str
    bars: ForestBars
    rows: tuple[ResultRow, ...]
    axis_on_top: bool
    columns: tuple[Column, ...]
    numbers: tuple[NumbersRow, ...]
    numbers_title: str
    numbers_note: str


def differences_section(
    comparison: Comparison, table: Table, plot: ForestPlot | None, rows: Sequence[ResultRow]
) -> DifferencesSection | None:
    """Build the section from the rows of the results table; None where nothing is compared."""
    if plot is None:
        return None
    bars = forest_bars(plot)
    metric = capitalized(comparison.metric.name)
    return DifferencesSection(
        note=" ".join([f"{metric} of the variant minus that of {plot.reference}.", *plot.notes]),
        bars=bars,
        rows=tuple(row for row in rows if row.variant in bars.bars),
        axis_on_top=len(bars.bars) > LONG,
        columns=supplementary_columns(table.variants),
        numbers=_numbers_rows(table, rows),
        numbers_title=_numbers_title(comparison),
        numbers_note=_numbers_note(comparison),
    )


def _numbers_rows(table: Table, rows: Sequence[ResultRow]) -> tuple[NumbersRow, ...]:
    columns = supplementary_columns(table.variants)
    numbers = []
    for row in rows:
        cells = row_cells(table.variants, row.variant)
        shown = tuple(cells[column.key] for column in columns)
        if any(cell.text for cell in shown):
            numbers.append(NumbersRow(row.label, shown))
    return tuple(numbers)


def _numbers_title(comparison: Comparison) -> str:
    return "The numbers of each difference" if comparison.effects_only else "The numbers behind each verdict"


def _numbers_note(comparison: Comparison) -> str:
    if comparison.effects_only:
        return "None of these is a verdict: individual differences are not tested, only effects."
    rule = "Verdict: Welch’s t-test over seeds, two-sided, with Holm’s correction over the comparisons"
    if comparison.max_seeds:
        rule += ", at levels that hold over all interim analyses; the p values here do not account for them"
    return f"{rule}. The other columns are supplementary and never change the verdict."
