"""The table in the terminal: as wide as it is, or plain text of any width when it goes elsewhere."""

import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich import table as rich_table
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.report.tables import factorial_effects
from ablation.report.tables.table import Column, Table, build_table
from ablation.report.wording.footnotes import REFUSED
from ablation.report.wording.warnings import careful
from ablation.statistics.verdict import BETTER, WORSE

# What a narrow terminal leaves out, first what matters least. The variant and the metric always stay.
DROP_ORDER = (
    "time",
    "macs",
    "parameters",
    "best",
    "loss",
    "last",
    "along",
    "removed",
    "against",
    "n",
    "threshold",
    "p",
    "holm",
    "difference",
    "verdict",
)
GAP = 2  # blanks between columns
LEAST_NAME, LEAST_WORDS = 18, 12  # characters; below that a column goes rather than the text
STYLES = {BETTER: "green", WORSE: "red", REFUSED: "yellow"}  # the word says it too
ANY_WIDTH = 100_000  # a pipe or a file has no edge to break lines at


@dataclass(frozen=True)
class FittedTable:
    """A table between its heading and its notes, with as many columns as there is width for; text may be folded."""

    sheet: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        kept = fitting(self.sheet.columns, options.max_width)
        yield Text(f"{printable(self.sheet.heading)}\n")
        yield _table(self.sheet, kept, _widths(kept, options.max_width))
        if self.sheet.notes:
            yield Text("\n" + "\n".join(map(printable, self.sheet.notes)))


def _table(shown: Table, columns: Sequence[Column], widths: Sequence[int]) -> rich_table.Table:
    looks = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "header_style": "bold"}
    made = rich_table.Table(show_edge=False, pad_edge=False, **looks)
    for column, width in zip(columns, widths, strict=True):
        side = {"overflow": "fold"} if column.words else {"justify": "right", "no_wrap": True}
        made.add_column(Text(column.title), vertical="bottom", width=width, **side)
    cells = [[_cell(column, cell) for cell in column.cells] for column in columns]
    for i, row in enumerate(zip(*cells, strict=True)):
        made.add_row(*row, style="bold" if i in shown.best else None)
    return made


def _cell(column: Column, cell: str) -> Text:
    styles = [STYLES[word] for word in STYLES if column.key == "verdict" and cell.startswith(word)]
    return Text(printable(cell), "".join(styles))


def _width(column: Column) -> int:
    return max(cell_len(printable(text)) for text in (column.title, *column.cells))


def _least(column: Column) -> int:
    """What it must have: texts may be folded, a name last."""
    most = LEAST_NAME if column.key == "variant" else LEAST_WORDS
    return min(_width(column), most) if column.words else _width(column)


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit, in their order."""
    kept = list(columns)
    for key in DROP_ORDER:
        if sum(map(_least, kept)) + GAP * (len(kept) - 1) <= width:
            break
        kept = [column for column in kept if column.key != key]
    return kept


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """What is left beyond the least goes to texts, to the first ones first; what is missing is taken from the first."""
    made = [_least(column) for column in columns]
    left = width - sum(made) - GAP * (len(columns) - 1)
    if left < 0:
        return [max(1, made[0] + left), *made[1:]]
    for i, column in enumerate(columns):
        more = min(left, _width(column) - made[i])
        made[i], left = made[i] + more, left - more
    return made


def tables(comparison: Comparison) -> Group:
    """Print them on a rich console; they choose their columns there, by the width. No text in them is markup."""
    rows, effects = build_table(comparison), factorial_effects.sheet(comparison)
    return Group(FittedTable(rows), *(["", FittedTable(effects)] if effects else []))


def show(comparison: Comparison, told: Iterable[str], notes: Iterable[str]) -> None:
    """Print to standard output: the question, the table, what it shows in sentences, the notes.

    What to be careful of stands below the table, and is not said again.
    """
    out = _console()
    if comparison.question:
        out.print(f"{printable(comparison.question)}\n")
    out.print(tables(comparison))
    out.print()
    cautions = set(careful(comparison))
    for line in [*(sentence for sentence in told if sentence not in cautions), *notes]:
        out.print(printable(line))


def _console() -> Console:
    """Takes text as it is, for a name is never markup. Only a terminal has an edge to break lines at."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name, or ±, that the terminal's encoding lacks
    width = None if sys.stdout.isatty() else ANY_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)
