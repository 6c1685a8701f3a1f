"""The table in Markdown."""

from tabulate import tabulate

from ablation.report.tables.style import END, begin
from ablation.report.tables.table import Grid, Table
from ablation.report.wording.escaping import for_markdown


def markdown(table: Table) -> str:
    """Write GFM tables, each with its caption and notes, between the markers of `--check`."""
    parts = [f"<!-- {begin(table.style)} -->"]
    for grid in table.grids:
        parts.append(for_markdown(grid.title or _caption(grid)))
        parts.append(_pipe_table(grid))
        notes = _notes(grid)
        if notes:
            parts.append("\n".join(f"- {for_markdown(note)}" for note in notes))
    parts.append(f"<!-- {END} -->")
    return "\n\n".join(parts) + "\n"


def _caption(grid: Grid) -> str:
    return grid.caption_of(grid.main_columns)


def _notes(grid: Grid) -> list[str]:
    """The notes, first the usual caption if the user has another one."""
    caption = [_caption(grid)] if grid.title else []
    return [*caption, *grid.notes, *grid.setting]


def _pipe_table(grid: Grid) -> str:
    titles, sides, columns = [], [], []
    for column in grid.main_columns:
        titles.append(for_markdown(column.title))
        sides.append("left" if column.is_text else "right")
        columns.append([for_markdown(cell.full_text) for cell in column.cells])
    rows = list(zip(*columns, strict=True))
    return tabulate(rows, titles, tablefmt="pipe", disable_numparse=True, colalign=sides)
