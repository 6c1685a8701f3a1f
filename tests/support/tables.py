"""Tables as their readers see them."""

import html
import io
import re
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from ablation.comparison.analysis.compare import compare
from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.experiments.grouping import find
from ablation.comparison.reading.load import load
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.tables import markdown as markdown_writer
from ablation.report.tables import stale_check, terminal
from ablation.report.tables.build import build_table
from ablation.report.tables.table import Column, Table


def terminal_text(comparison: Comparison, width: int = 140) -> str:
    """The table on a terminal of this width."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(terminal.renderable(build_table(comparison)))
    return console.file.getvalue()


def overview_of(folder: Path) -> Overview:
    """The overview of the experiments below a folder, each with its name as its folder."""
    experiments = find(load([folder]))
    items: list[Compared | NotCompared] = []
    for experiment in experiments:
        if not experiment.runs.runs:
            items.append(NotCompared(experiment, "No run has completed so far."))
            continue
        comparison = compare(experiment)
        items.append(Compared(experiment, comparison, build_table(comparison), (), experiment.name))
    return Overview(tuple(items), experiments)


def column(comparison: Comparison, key: str) -> Column:
    """The column of the table of variants with this key."""
    (found,) = (column for column in build_table(comparison).variants.columns if column.key == key)
    return found


def markdown(comparison: Comparison) -> str:
    return markdown_writer.markdown(build_table(comparison))


def check(table: Table, file: Path) -> list[str]:
    """The differences of a committed table, whatever style it records."""
    return stale_check.check(lambda style: replace(table, style=style), file)


def markdown_cells(text: str) -> list[list[str]]:
    """The rows of Markdown tables, each as its cells without the blanks around them."""
    rows = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def cells(comparison: Comparison) -> list[list[str]]:
    """The rows of a comparison's table in Markdown: the head, the rule, then a row for each variant."""
    return markdown_cells(markdown(comparison))


def unescaped(cell: str) -> str:
    """Markdown's own unescaping: a backslash before punctuation, then character references."""
    text = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", lambda match: f"&#{ord(match[1])};", cell))
    return text.replace("\u200b", "")
