"""The table in Markdown."""

from tabulate import tabulate

from ablation.report.tables.table import Grid, Table
from ablation.report.wording.escaping import for_markdown

BEGIN, END = "ablate-compare: begin", "ablate-compare: end"  # the markers between which `--check` finds a table


def markdown(table: Table) -> str:
    """Write GFM tables, each with its caption and notes, between the markers of `--check`."""
    parts = [f"<!-- {BEGIN} -->"]
    for grid in table.grids:
        parts.append(for_markdown(grid.caption))
        parts.append(_pipe_table(grid))
        if grid.notes:
            parts.append("\n".join(f"- {for_markdown(note)}" for note in grid.notes))
    parts.append(f"<!-- {END} -->")
    return "\n\n".join(parts) + "\n"


def _pipe_table(grid: Grid) -> str:
    titles, sides, columns = [], [], []
    for column in grid.main_columns:
        titles.append(for_markdown(column.title))
        sides.append("left" if column.is_text else "right")
        columns.append([for_markdown(cell.full_text) for cell in column.cells])
    rows = list(zip(*columns, strict=True))
    return tabulate(rows, titles, tablefmt="pipe", disable_numparse=True, colalign=sides)
