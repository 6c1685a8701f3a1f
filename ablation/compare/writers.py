"""The paper's table in every target: terminal, Markdown, LaTeX, and for machines a DataFrame, CSV and JSON."""

import re
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text
from tabulate import tabulate

from ablation.compare.comparison import Comparison
from ablation.compare.escapes import for_latex, for_markdown
from ablation.compare.judge import BETTER, WORSE
from ablation.compare.labels import printable
from ablation.compare.machine import csv, frame, json
from ablation.compare.sheet import NOTHING, Column, Sheet, sheet

__all__ = ["csv", "frame", "json", "latex", "markdown", "terminal"]
BEGIN, END = "ablate-compare: begin", "ablate-compare: end"
# What a narrow terminal leaves out, first what matters least. The variant and the metric always stay.
LEAST = ("time", "macs", "parameters", "along", "removed", "against", "n", "difference", "verdict")
LEAST_WORDS = 12  # characters; below that a column goes rather than the text
LONG = 28  # characters of a text that LaTeX should break
STYLES = {BETTER: "green", WORSE: "red", NOTHING: "yellow"}  # the word says it too


class Fitted(Table):
    """A table between its heading and its notes, with as many columns as there is width for; text may be folded."""

    def __init__(self, shown: Sheet, columns: Sequence[Column]):
        super().__init__(
            box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
        )
        self.sheet = shown
        for column in columns:
            self._add(column)
        for cells in zip(*(column.cells for column in columns), strict=True):
            self.add_row(
                *(Text(printable(cell), STYLES.get(cell.split()[0].rstrip("†"), "") if cell else "") for cell in cells)
            )

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


def terminal(comparison: Comparison) -> Table:
    """Print it on a rich console; it chooses its columns there, by the width. No text in it is markup."""
    shown = sheet(comparison)
    return Fitted(shown, shown.columns)


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit, in their order."""
    kept = list(columns)
    for key in LEAST:
        if sum(min(_width(c), LEAST_WORDS) if c.words else _width(c) for c in kept) + len(kept) - 1 <= width:
            break
        kept = [column for column in kept if column.key != key]
    return kept


def _width(column: Column) -> int:
    return max(cell_len(printable(text)) for text in (column.title, *column.cells))


def markdown(comparison: Comparison) -> str:
    """A GFM table between its caption and its notes, and the markers that `check` finds it by."""
    shown = sheet(comparison)
    rows = zip(*(map(for_markdown, column.cells) for column in shown.columns), strict=True)
    table = tabulate(
        list(rows),
        [for_markdown(column.title) for column in shown.columns],
        tablefmt="pipe",
        disable_numparse=True,
        colalign=["left" if column.words else "right" for column in shown.columns],
    )
    notes = "\n".join(f"- {for_markdown(note)}" for note in shown.notes)
    parts = [for_markdown(shown.heading), table, *([notes] if notes else [])]
    return "\n\n".join([f"<!-- {BEGIN} -->", *parts, f"<!-- {END} -->"]) + "\n"


def latex(comparison: Comparison) -> str:
    r"""A floating table, between the markers that `check` finds it by: \usepackage{booktabs,array}, nothing else."""
    shown = sheet(comparison)
    rows = zip(*(map(_latex_cell, [column] * len(column.cells), column.cells) for column in shown.columns), strict=True)
    notes = [rf"{for_latex(note)}\par" for note in shown.notes]
    below = [r"\par\smallskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright", *notes, r"\end{minipage}"]
    label = re.sub(r"[^a-z0-9]+", "-", f"ablation {comparison.study or ''}".lower()).strip("-")
    lines = [
        rf"% {BEGIN} (\usepackage{{booktabs,array}})",
        r"\begin{table}[tbp]",
        r"\centering\small\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{for_latex(shown.heading)}}}",
        rf"\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{@{{}}{''.join(map(_alignment, shown.columns))}@{{}}}}",
        r"\toprule",
        " & ".join(for_latex(column.title) for column in shown.columns) + r" \\",
        r"\midrule",
        *(" & ".join(cells) + r" \\" for cells in rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(below if notes else []),
        r"\end{table}",
        f"% {END}",
    ]
    return "\n".join(lines) + "\n"


def _latex_cell(column: Column, cell: str) -> str:
    return for_latex(cell if column.words else cell.replace("-", "−"))


def _alignment(column: Column) -> str:
    if not column.words:
        return "r"
    long = max(map(len, column.cells), default=0) > LONG
    return r">{\raggedright\arraybackslash}p{0.2\linewidth}" if long else "l"
