"""The rows of the page's table of results: the cells of the table, and how a verdict looks."""

from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.plots.palette import verdict_style
from ablation.report.tables.table import Cell, Column, Grid, Table
from ablation.report.wording.number_format import interval
from ablation.report.wording.verdict_text import BASELINE, NO_REFERENCE_RUN, NO_RUN, NOT_COMPARABLE
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE

MAX_REASONS = 6  # why one variant is not comparable
NO_CELL = Cell("")


@dataclass(frozen=True)
class VerdictMark:
    """How what stands in a verdict's place looks. sign: before the text. name: its class. rank: in sorting."""

    sign: str
    name: str
    rank: int


RANKS = {verdict: rank for rank, verdict in enumerate((BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE))}
NO_VERDICT = VerdictMark("", "none", 7)
OTHER_MARKS = {
    BASELINE: VerdictMark("", "baseline", -1),
    NOT_COMPARABLE: VerdictMark("✕", "blocking", 5),
    NO_RUN: VerdictMark("–", "none", 6),
    NO_REFERENCE_RUN: VerdictMark("–", "none", 6),
}


@dataclass(frozen=True)
class ResultRow:
    """A variant as the page shows it.

    variant: its place in the comparison. cells: of the table, by the key of their column. difference_ci: both ends, as
    text. diverged: how many of its runs did. reasons, more_reasons: why it is not comparable.
    """

    variant: int
    label: str
    cells: dict[str, Cell]
    mark: VerdictMark
    difference_ci: str
    diverged: int
    reasons: tuple[str, ...]
    more_reasons: int

    @property
    def verdict(self) -> str:
        return self.cells.get("verdict", NO_CELL).text


def result_rows(comparison: Comparison, table: Table) -> tuple[ResultRow, ...]:
    """A row for each variant, in the comparison's order."""
    rows = []
    for place, variant in enumerate(comparison.variants):
        rows.append(_result_row(comparison, table, place, variant))
    return tuple(rows)


def _result_row(comparison: Comparison, table: Table, place: int, variant: ComparedVariant) -> ResultRow:
    cells = row_cells(table.variants, place)
    blocking = variant.comparability.blocking
    return ResultRow(
        variant=place,
        label=variant.label,
        cells=cells,
        mark=verdict_mark(cells.get("verdict", NO_CELL).text),
        difference_ci=interval(table.records[place].difference_ci, comparison.decimals),
        diverged=len(variant.diverged),
        reasons=tuple(f"{each.key}: {each.baseline} → {each.variant}" for each in blocking[:MAX_REASONS]),
        more_reasons=max(0, len(blocking) - MAX_REASONS),
    )


def row_cells(grid: Grid, row: int) -> dict[str, Cell]:
    """The cells of a row, by the key of their column."""
    return {column.key: column.cells[row] for column in grid.columns}


def verdict_mark(verdict: str) -> VerdictMark:
    if verdict in RANKS:
        style = verdict_style(verdict)
        return VerdictMark(style.sign, style.name, RANKS[verdict])
    return OTHER_MARKS.get(verdict, NO_VERDICT)


def supplementary_columns(grid: Grid) -> tuple[Column, ...]:
    """The numbers behind verdicts, which only the page shows."""
    return tuple(column for column in grid.columns if column.supplementary)
