"""The rows of the page's table of results: cells, and the style of verdicts."""

from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.plots.palette import verdict_style
from ablation.report.tables.table import Cell, Grid, Table
from ablation.report.wording.verdict_text import BASELINE, NO_REFERENCE_RUN, NO_RUN, NOT_COMPARABLE, where_trained
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCOMPLETE, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE

MAX_REASONS = 6  # listed for a variant that is not comparable
NO_CELL = Cell("")


@dataclass(frozen=True)
class VerdictMark:
    """Style of a verdict cell. sign: before the text. name: CSS class. rank: sort order."""

    sign: str
    name: str
    rank: int


ORDER = (BETTER, EQUIVALENT, INCONCLUSIVE, WHERE_TRAINED, INCOMPLETE, TOO_FEW, WORSE)
RANKS = {verdict: rank for rank, verdict in enumerate(ORDER)}
NO_VERDICT = VerdictMark("", "none", len(ORDER) + 2)
OTHER_MARKS = {
    BASELINE: VerdictMark("", "baseline", -1),
    NOT_COMPARABLE: VerdictMark("✕", "blocking", len(ORDER)),
    NO_RUN: VerdictMark("–", "none", len(ORDER) + 1),
    NO_REFERENCE_RUN: VerdictMark("–", "none", len(ORDER) + 1),
}


@dataclass(frozen=True)
class ResultRow:
    """A variant as the page shows it.

    variant: index in the comparison. cells: by key of their column. reasons: why it is not comparable. more_reasons:
    number of further ones.
    """

    variant: int
    label: str
    cells: dict[str, Cell]
    mark: VerdictMark
    reasons: tuple[str, ...]
    more_reasons: int

    @property
    def verdict(self) -> str:
        return self.cells.get("verdict", NO_CELL).text

    @property
    def detail(self) -> str:
        """What the row adds to its verdict, such as its missing runs."""
        return self.cells.get("verdict", NO_CELL).detail


def result_rows(comparison: Comparison, table: Table) -> tuple[ResultRow, ...]:
    """Build a row for each variant, in the comparison's order."""
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
        mark=verdict_mark(_verdict(variant, cells.get("verdict", NO_CELL).text)),
        reasons=tuple(f"{each.key}: {each.baseline} → {each.variant}" for each in blocking[:MAX_REASONS]),
        more_reasons=max(0, len(blocking) - MAX_REASONS),
    )


def row_cells(grid: Grid, row: int) -> dict[str, Cell]:
    """Return the cells of a row, by key of their column."""
    return {column.key: column.cells[row] for column in grid.columns}


def _verdict(variant: ComparedVariant, text: str) -> str:
    """The verdict by which a cell is styled: its text, unless this says what was found where runs trained."""
    result = variant.result
    if result is not None and result.verdict == WHERE_TRAINED and text == where_trained(result):
        return WHERE_TRAINED
    return text


def verdict_mark(verdict: str) -> VerdictMark:
    """Return the style of a verdict, or of the text that replaces one."""
    if verdict in RANKS:
        style = verdict_style(verdict)
        return VerdictMark(style.sign, style.name, RANKS[verdict])
    return OTHER_MARKS.get(verdict, NO_VERDICT)
