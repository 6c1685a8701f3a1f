"""Print the table: fitted to the width of a terminal, or as plain text of any width to a pipe or file."""

import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich import table as rich_table
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from ablation.redaction import printable
from ablation.report.tables.table import Cell, Column, Grid, Table
from ablation.report.wording.verdict_text import NOT_COMPARABLE
from ablation.statistics.verdict import BETTER, WORSE

# Columns that a narrow terminal leaves out, least important first. The variant and the metric always stay.
DROP_ORDER = (
    "correlation",
    "paired",
    "time",
    "macs",
    "parameters",
    "best",
    "loss",
    "last",
    "co_changes",
    "removed",
    "p",
    "diverged",
    "reference",
    "look",
    "n",
    "threshold",
    "p_adjusted",
    "difference",
    "verdict",
)
GAP = 2  # blanks between columns
MIN_NAME, MIN_TEXT = 18, 12  # characters: least width of folded text, for variants and elsewhere
STYLES = {BETTER: "green", WORSE: "red", NOT_COMPARABLE: "yellow"}  # colours only repeat the word
UNLIMITED_WIDTH = 100_000  # a pipe or a file has no edge to break lines at


@dataclass(frozen=True)
class FittedGrid:
    """A grid with its caption and notes, and as many columns as fit."""

    grid: Grid

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = fitting(self.grid.main_columns, options.max_width)
        caption = self.grid.caption_of(columns)
        for text in filter(None, (self.grid.title, caption)):
            yield Text(f"{printable(text)}\n")
        yield _rich_table(self.grid, columns, _widths(columns, options.max_width))
        shown = {column.key for column in columns}
        hidden = [column.title for column in self.grid.main_columns if column.key not in shown]
        if hidden:
            yield Text(f"\nNot shown at this width: {', '.join(hidden)}. table.md has every column.")
        notes = [*self.grid.notes, *self.grid.short_setting]
        if notes:
            yield Text("\n" + "\n".join(map(printable, notes)))


@dataclass(frozen=True)
class BareGrid:
    """A grid without its caption and notes, and with as many columns as fit."""

    grid: Grid

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = fitting(self.grid.main_columns, options.max_width)
        yield _rich_table(self.grid, columns, _widths(columns, options.max_width))


def _rich_table(grid: Grid, columns: Sequence[Column], widths: Sequence[int]) -> rich_table.Table:
    drawn = rich_table.Table(
        show_edge=False, pad_edge=False, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="bold"
    )
    for column, width in zip(columns, widths, strict=True):
        title = Text(column.title)
        if column.is_text:
            drawn.add_column(title, vertical="bottom", width=width, overflow="fold")
        else:
            drawn.add_column(title, vertical="bottom", width=width, justify="right", no_wrap=True)
    for row in range(len(columns[0].cells)):
        style = "bold" if row in grid.best_rows else None
        drawn.add_row(*[_styled(column, column.cells[row]) for column in columns], style=style)
    return drawn


def _styled(column: Column, cell: Cell) -> Text:
    style = STYLES.get(cell.text, "") if column.key == "verdict" else ""
    return Text(printable(cell.full_text), style)


def _width(column: Column) -> int:
    """Width of the title or the widest cell, in characters."""
    return max([cell_len(column.title), *(cell_len(printable(cell.full_text)) for cell in column.cells)])


def _min_width(column: Column) -> int:
    """Least width at which the column is shown: texts may be folded, numbers may not."""
    if not column.is_text:
        return _width(column)
    return min(_width(column), MIN_NAME if column.key == "variant" else MIN_TEXT)


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """Return the columns that fit into a width in characters, in their order; see DROP_ORDER."""
    kept = list(columns)
    for key in DROP_ORDER:
        if sum(map(_min_width, kept)) + GAP * (len(kept) - 1) <= width:
            break
        kept = [column for column in kept if column.key != key]
    return kept


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Give each column its least width, and the rest to the first columns that need more."""
    widths = [_min_width(column) for column in columns]
    left = width - sum(widths) - GAP * (len(columns) - 1)
    if left < 0:  # too narrow for any folding, so the variant's column gives way
        return [max(1, widths[0] + left), *widths[1:]]
    for i, column in enumerate(columns):
        more = min(left, _width(column) - widths[i])
        widths[i] += more
        left -= more
    return widths


def renderable(table: Table) -> Group:
    """Return the grids for a rich console, whose width decides the columns. No text is read as markup."""
    parts: list[FittedGrid | str] = []
    for grid in table.grids:
        parts += [FittedGrid(grid), ""]
    return Group(*parts[:-1])


def show(table: Table, sentences: Iterable[str]) -> None:
    """Print the question, the table, and the sentences that neither its caption nor a note has, to standard output."""
    console = output_console()
    if table.header.question:
        console.print(f"{printable(table.header.question)}\n")
    console.print(renderable(table))
    console.print()
    for sentence in sentences:
        if sentence not in table.variants.notes and sentence not in table.variants.caption:
            console.print(printable(sentence))


def output_console() -> Console:
    """Create a console for standard output. It prints names literally, and wraps lines only in a terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # the encoding may lack a character of a name, or ±
    width = None if sys.stdout.isatty() else UNLIMITED_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)
