"""The table in the terminal: as wide as it is, or plain text of any width when it goes elsewhere."""

import io
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from ablation.compare import factorial
from ablation.compare.comparison import Comparison
from ablation.compare.judge import BETTER, WORSE
from ablation.compare.sheet import REFUSED, Column, Sheet, sheet
from ablation.errors import printable

# What a narrow terminal leaves out, first what matters least. The variant and the metric always stay.
LEAST = ("time", "macs", "parameters", "best", "loss", "last", "along", "removed", "against", "n")
LEAST += ("threshold", "p", "holm", "difference", "verdict")
GAP = 2  # blanks between columns
LEAST_WORDS = 12  # characters; below that a column goes rather than the text
STYLES = {BETTER: "green", WORSE: "red", REFUSED: "yellow"}  # the word says it too
ANY_WIDTH = 100_000  # a pipe or a file has no edge to break lines at


class Fitted(Table):
    """A table between its heading and its notes, with as many columns as there is width for; text may be folded."""

    def __init__(self, shown: Sheet, columns: Sequence[Column]):
        looks = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "header_style": "bold"}
        super().__init__(show_edge=False, pad_edge=False, **looks)
        self.sheet = shown
        for column in columns:
            self._add(column)
        made = [[_cell(column, cell) for cell in column.cells] for column in columns]
        for i, cells in enumerate(zip(*made, strict=True)):
            self.add_row(*cells, style="bold" if i in shown.best else None)

    def _add(self, column: Column) -> None:
        if column.words:
            least = min(LEAST_WORDS, _width(column))
            self.add_column(Text(column.title), overflow="fold", min_width=least, vertical="bottom")
        else:
            self.add_column(Text(column.title), justify="right", no_wrap=True, vertical="bottom")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept = fitting(self.sheet.columns, options.max_width)
        yield Text(f"{printable(self.sheet.heading)}\n")
        yield from Table.__rich_console__(Fitted(self.sheet, kept), console, options)
        if self.sheet.notes:
            yield Text("\n" + "\n".join(map(printable, self.sheet.notes)))


def _cell(column: Column, cell: str) -> Text:
    styles = [STYLES[word] for word in STYLES if column.key == "verdict" and cell.startswith(word)]
    return Text(printable(cell), "".join(styles))


def _width(column: Column) -> int:
    return max(cell_len(printable(text)) for text in (column.title, *column.cells))


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit, in their order."""
    kept = list(columns)
    for key in LEAST:
        if sum(min(_width(c), LEAST_WORDS) if c.words else _width(c) for c in kept) + GAP * (len(kept) - 1) <= width:
            break
        kept = [column for column in kept if column.key != key]
    return kept


def tables(comparison: Comparison) -> Group:
    """Print them on a rich console; they choose their columns there, by the width. No text in them is markup."""
    rows, effects = sheet(comparison), factorial.sheet(comparison)
    return Group(Fitted(rows, rows.columns), *(["", Fitted(effects, effects.columns)] if effects else []))


def show(comparison: Comparison, told: Iterable[str], notes: Iterable[str]) -> None:
    """Print to standard output: the question, the table, what it shows in sentences, the notes."""
    out = _console()
    if comparison.question:
        out.print(f"{printable(comparison.question)}\n")
    out.print(tables(comparison))
    out.print()
    for line in [*told, *notes]:
        out.print(printable(line))


def _console() -> Console:
    """Takes text as it is, for a name is never markup. Only a terminal has an edge to break lines at."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name, or ±, that the terminal's encoding lacks
    width = None if sys.stdout.isatty() else ANY_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)
