"""The page's table of results."""

from dataclasses import dataclass

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.html.rows import ResultRow, result_rows
from ablation.report.tables.table import Column, Table


@dataclass(frozen=True)
class ResultsSection:
    """The table of results. columns: by key. rows: one for each variant, in the comparison's order."""

    caption: str
    columns: dict[str, Column]
    rows: tuple[ResultRow, ...]


def results_section(comparison: Comparison, table: Table) -> ResultsSection:
    """Build the section from the main columns of the table."""
    grid = table.variants
    return ResultsSection(
        caption=" ".join(filter(None, [grid.title, grid.caption_of(grid.main_columns)])),
        columns={column.key: column for column in grid.main_columns},
        rows=result_rows(comparison, table),
    )
