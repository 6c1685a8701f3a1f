"""The table in Markdown."""

from tabulate import tabulate

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables import factorial_effects
from ablation.report.tables.table import Table, build_table
from ablation.report.wording.escaping import for_markdown

BEGIN, END = "ablate-compare: begin", "ablate-compare: end"


def markdown(comparison: Comparison) -> str:
    """GFM tables, each between its caption and its notes, and the markers that `check` finds them by."""
    parts = [part for shown in all_tables(comparison) for part in _markdown_table(shown)]
    return "\n\n".join([f"<!-- {BEGIN} -->", *parts, f"<!-- {END} -->"]) + "\n"


def all_tables(comparison: Comparison) -> list[Table]:
    """The rows, and the effects of a factorial."""
    effects = factorial_effects.sheet(comparison)
    return [build_table(comparison), *([effects] if effects else [])]


def _markdown_table(shown: Table) -> list[str]:
    rows = zip(*(map(for_markdown, column.cells) for column in shown.columns), strict=True)
    table = tabulate(
        list(rows),
        [for_markdown(column.title) for column in shown.columns],
        tablefmt="pipe",
        disable_numparse=True,
        colalign=["left" if column.words else "right" for column in shown.columns],
    )
    notes = "\n".join(f"- {for_markdown(note)}" for note in shown.notes)
    return [for_markdown(shown.heading), table, *([notes] if notes else [])]
