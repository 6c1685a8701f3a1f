"""What the LaTeX table shows: fewer columns than a screen, whose content goes into notes, and bold differences."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables.table import Column, PaperLayout
from ablation.report.wording.number_format import count, low_to_high
from ablation.report.wording.verdict_text import BASELINE
from ablation.statistics.verdict import BETTER, WORSE

SIMILAR = 1.05  # ratio up to which amounts of all rows are a note, not a column
LEFT_TO_OTHERS = ("co_changes", "time", "paired", "correlation")  # columns that only the other targets show
AMOUNTS = {"parameters": "trainable parameters", "macs": "MACs (multiply-accumulates) per image"}
BOLD = "Bold: better or worse than the reference."
BOLD_EFFECT = "Bold: better or worse."


def variants_layout(comparison: Comparison, columns: Sequence[Column]) -> PaperLayout:
    """The layout of the table of variants. columns: all that it has."""
    main = [column for column in columns if not column.supplementary]
    keys = {column.key for column in main}
    shown = [column for column in main if _is_shown(column, keys)]
    bold = _bold(main)
    has_baseline = comparison.baseline == comparison.variants[0].label
    return PaperLayout(
        columns=tuple(column.key for column in shown),
        notes=tuple([*_co_changes(main), *_similar_amounts(main)]),
        bold=bold,
        caption=BOLD * bool(bold),
        groups=(1,) if has_baseline and len(comparison.variants) > 1 else (),
    )


def effects_layout(columns: Sequence[Column]) -> PaperLayout:
    """The layout of the table of effects: its kinds are groups."""
    kinds = [cell.text for cell in columns[0].cells]
    groups = [row for row, (before, kind) in enumerate(pairwise(kinds), 1) if kind != before]
    bold = _bold(columns)
    return PaperLayout(bold=bold, caption=BOLD_EFFECT * bool(bold), groups=tuple(groups))


def _is_shown(column: Column, keys: set[str]) -> bool:
    if column.key in LEFT_TO_OTHERS:
        return False
    if column.key == "p":
        return "p_adjusted" not in keys  # the verdict rests on that one
    if column.key == "n":
        return len(set(column.cells)) > 1 or any(cell.detail or cell.marks for cell in column.cells)
    if column.key in AMOUNTS:
        return not _are_similar(column)
    return any(cell.text not in ("", BASELINE) for cell in column.cells)


def _bold(columns: Sequence[Column]) -> frozenset[tuple[int, str]]:
    """The differences in rows whose verdict is better or worse."""
    cells = set()
    for column in columns:
        if column.key == "verdict":
            for row, cell in enumerate(column.cells):
                if cell.text in (BETTER, WORSE):
                    cells.add((row, "difference"))
    return frozenset(cells)


def _are_similar(column: Column) -> bool:
    amounts = [cell.value for cell in column.cells if isfinite(cell.value)]
    return not amounts or max(amounts) <= SIMILAR * min(amounts)


def _similar_amounts(columns: Sequence[Column]) -> Iterable[str]:
    """The amounts that all rows share, or nearly share."""
    texts = []
    for column in columns:
        amounts = [cell.value for cell in column.cells if isfinite(cell.value)]
        if column.key in AMOUNTS and amounts and _are_similar(column):
            amount = low_to_high(count(min(amounts)), count(max(amounts)))
            texts.append(f"{amount} {AMOUNTS[column.key]}")
    if texts:
        yield f"All variants: {', '.join(texts)}."


def _co_changes(columns: Sequence[Column]) -> Iterable[str]:
    """What was declared to change with a removal."""
    labels = columns[0].cells
    texts = []
    for column in columns:
        if column.key == "co_changes":
            for label, cell in zip(labels, column.cells, strict=True):
                if cell.text:
                    texts.append(f"{label.text} with {cell.text}")
    if texts:
        yield f"Also changed: {'; '.join(texts)}."
