"""The table in the terminal: as wide as it is, or plain text of any width when it goes elsewhere."""

import io
import sys
from collections.abc import Callable, Iterable

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ablation.compare import writers
from ablation.compare.comparison import Comparison
from ablation.compare.labels import printable
from ablation.compare.summary import Metric, Variant, summarise
from ablation.compare.summary import metric as describing
from ablation.compare.verdict import count, decimals, sentences
from ablation.compare.words import number

LEAST_LABEL = 12  # characters; below that a column goes rather than the label
ANY_WIDTH = 100_000  # a pipe or a file has no edge to break lines at


def show(made: Comparison, told: Iterable[str], notes: Iterable[str]) -> None:
    """Print to standard output: what is measured, the table, what it shows, the notes.

    told: the verdict in sentences; without a baseline the table describes, and so do the sentences.
    """
    out = _console()
    if made.baseline is not None:
        if made.question:
            out.print(f"{printable(made.question)}\n")
        out.print(writers.terminal(made))
        if made.effects:
            out.print()
            out.print(_effects(made))
        lines = list(told)
    else:
        found = [Variant(row.label, row.runs, row.diverged) for row in made.rows if row.runs]
        table, metric = summarise(found), describing(found)
        spread = " Mean ± standard deviation over seeds." if (table["n"] > 1).any() else ""
        out.print(f"{metric.caption}{spread}\n")
        out.print(_fitting(out, table, metric))
        lines = [*sentences(table, metric), *told, *_hint(made)]
    out.print()
    for line in [*lines, *notes]:
        out.print(printable(line))


def _effects(made: Comparison) -> Table:
    """What is judged of a factorial, and what stands beside it."""
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("Effect", "Of", "Size", "95 %", "Verdict"):
        justify = "right" if heading in ("Size", "95 %") else "left"
        drawn.add_column(heading, justify=justify)
    for effect in made.effects:
        low, high = (number(bound, made.metric) for bound in effect.interval)
        cells = (effect.kind, " × ".join(effect.parts), number(effect.difference, made.metric), f"{low} to {high}")
        drawn.add_row(*(Text(printable(cell)) for cell in (*cells, effect.verdict)))
    return drawn


def _hint(made: Comparison) -> Iterable[str]:
    rows = [row for row in made.rows if row.runs]
    if len(rows) > 1:
        yield f"For a verdict name what the others are judged against, for example --baseline '{rows[-1].label}'."


def _console() -> Console:
    """Takes text as it is, for a name is never markup. Only a terminal has an edge to break lines at."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name, or ±, that the terminal's encoding lacks
    width = None if sys.stdout.isatty() else ANY_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)


def _fitting(out: Console, table: pd.DataFrame, metric: Metric) -> Table:
    """The table with as many columns as there is width for (summary.csv has them all); labels may be folded."""
    columns, unlimited = list(COLUMNS), out.options.update(width=ANY_WIDTH)
    without_labels = table.assign(variant="", name="")
    while out.measure(_draw(without_labels, columns, metric), options=unlimited).minimum > out.width and columns[2:]:
        columns.pop()
    return _draw(table, columns, metric)


def _draw(table: pd.DataFrame, columns: list[str], metric: Metric) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    drawn.add_column("variant", min_width=LEAST_LABEL, overflow="fold", vertical="bottom")
    for heading in columns:
        drawn.add_column(heading, justify="right", no_wrap=True, vertical="bottom")
    best = table[f"{metric.column}_mean"].idxmax()
    for index, row in table.iterrows():
        cells = [Text(COLUMNS[heading](row)) for heading in columns]
        drawn.add_row(Text(_called(row)), *cells, style="bold" if index == best and len(table) > 1 else None)
    return drawn


def _called(row: pd.Series) -> str:
    """The variant, and what the user called its runs."""
    return f"{row['variant']} ({printable(row['name'])})" if row["name"] else row["variant"]


def _measured(column: str) -> Callable[[pd.Series], str]:
    def cell(row: pd.Series) -> str:
        mean, std = row[f"{column}_mean"], row[f"{column}_std"]
        if pd.isna(mean):
            return "–"
        return f"{mean:.3f}" if pd.isna(std) else f"{mean:.3f}±{std:.3f}"

    return cell


def seconds(value: float) -> str:
    """Tenths below ten seconds."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


# In the order of importance: what a narrow terminal leaves out stands last.
COLUMNS: dict[str, Callable[[pd.Series], str]] = {
    "n": lambda row: str(row["n"]),
    "validation\nlast epoch": _measured("val_accuracy_final"),
    "best\nepoch": lambda row: f"{row['val_accuracy_best_mean']:.3f}",
    "test\naccuracy": _measured("test_accuracy"),
    "train\nloss": lambda row: decimals(row["loss_final_mean"]),
    "params": lambda row: count(row["trainable_parameters"]),
    "MACs": lambda row: count(row["macs"]),
    "seconds": lambda row: seconds(row["seconds_mean"]),
}
