"""Print several experiments: a compact table each, the newest first, and how to see one alone."""

from collections.abc import Sequence
from shlex import join

from rich.console import Console
from rich.text import Text

from ablation.redaction import printable
from ablation.report.overview.experiments import (
    Compared,
    NotCompared,
    Overview,
    compact,
    disclosures,
    facts,
    lone_result,
)
from ablation.report.tables.terminal import BareGrid, output_console
from ablation.text import plural


def show_overview(overview: Overview, alone: Sequence[Sequence[str]], notes: Sequence[str]) -> None:
    """Print the overview to standard output.

    alone: for each item, the words of the command that shows it alone. notes: sentences below.
    """
    console = output_console()
    console.print(f"{plural(len(overview.items), 'experiment')}, the newest first.\n")
    for number, (item, words) in enumerate(zip(overview.items, alone, strict=True), 1):
        console.print(Text(f"{number}. {printable(item.experiment.name)}", style="bold"))
        console.print(Text(printable("; ".join(facts(item)))))
        _show_results(console, item)
        for sentence in (overview.shared(item.experiment), f"Alone: {join(words)}"):
            if sentence:
                console.print(Text(printable(sentence)))
        console.print()
    for note in notes:
        console.print(printable(note))


def _show_results(console: Console, item: Compared | NotCompared) -> None:
    if isinstance(item, NotCompared):
        console.print(Text(printable(item.reason)))
        return
    if lone_result(item):
        console.print(Text(printable(lone_result(item))))
        return
    grid, more = compact(item.table)
    console.print()
    console.print(BareGrid(grid))
    if more:
        console.print(f"and {plural(more, 'more row')}")
    console.print()
    for sentence in disclosures(item):
        console.print(printable(sentence))
