"""The cells of a column as numbers of a metric, or as seeds."""

import math
from collections.abc import Sequence
from typing import Any

from ablation.comparison.results_table.sheet import MOST_LISTED, Sheet, distinct, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.rundir.record_fields import LARGEST_COUNT, LARGEST_NUMBER
from ablation.text import list_with_more, natural_sort_key, plural

MAX_CELL = 40  # characters of a cell in a message


def metric_values(sheet: Sheet, column: str) -> list[float]:
    """The number in each row. Raises AblateError for cells that are empty, no number, not finite or too large."""
    values: list[float] = []
    wrong: list[int] = []
    for position, cell in enumerate(sheet.frame[column]):
        value = _number(cell)
        if value is None or not abs(value) <= LARGEST_NUMBER:
            wrong.append(position)
        else:
            values.append(value)
    if wrong:
        raise _no_numbers(sheet, column, wrong)
    return values


def _number(cell: object) -> float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, str) and "_" not in cell:
        try:
            return float(cell)
        except ValueError:
            return None
    return None


def _no_numbers(sheet: Sheet, column: str, wrong: Sequence[int]) -> AblateError:
    cells = [sheet.frame[column].iloc[position] for position in wrong]
    shown = [_shown(cell) for cell in cells]
    received = list_with_more(dict.fromkeys(shown), MOST_LISTED)
    return AblateError(
        f"The metric must be a finite number in every row. Received {received} in column {printable(column)}, "
        f"{sheet.rows_at(wrong)}. Allowed: numbers such as 0.931 or 9.31e-1. {_remedy(shown)}"
    )


def _shown(cell: object) -> str:
    return "an empty cell" if cell is None else repr(printable(text_of(cell)[:MAX_CELL]))


def _remedy(shown: Sequence[str]) -> str:
    """What to do about cells that are no number, by what they look like."""
    text = " ".join(shown)
    if "±" in text or "+/-" in text or "(" in text:
        return "A mean with its interval is not a run: type one row for each run into the file"
    if "%" in text:
        return "Type the numbers without the percent sign into the file"
    if "," in text:
        return "Type decimal points instead of decimal commas into the file"
    if all(cell in ("an empty cell", "'nan'", "'NaN'", "'inf'", "'-inf'", "'Infinity'") for cell in shown):
        return (
            "A run that diverged has no value, and leaving it out would favour its variant: add a column state with "
            "diverged, failed or running in these rows, and finished in the others"
        )
    return "Type another column after --metric"


def seeds_of(sheet: Sheet, column: str) -> tuple[list[int], tuple[str, ...]]:
    """The seed of each row, and notes. Texts that are no whole numbers count as 0, 1, … in their natural order.

    Raises AblateError for empty cells, and for numbers that are not whole.
    """
    cells = _filled(sheet, column, "a seed", "a whole number, or a text that names the repetition", "--seed")
    numbers = [_number(cell) for cell in cells]
    seeds = [int(number) for number in numbers if number is not None and _is_whole(number)]
    if len(seeds) == len(cells):
        return seeds, ()
    fractions = [position for position, number in enumerate(numbers) if number is not None and not _is_whole(number)]
    if fractions:
        shown = [_shown(cells[position]) for position in fractions]
        raise AblateError(
            f"A seed must be a whole number or a text. Received {list_with_more(dict.fromkeys(shown), MOST_LISTED)} in "
            f"column {printable(column)}, {sheet.rows_at(fractions)}. Allowed: whole numbers such as 3, or texts such "
            "as run-a. Type another column after --seed"
        )
    texts = sorted(distinct(cells), key=natural_sort_key)
    numbered = {text: number for number, text in enumerate(texts)}
    note = (
        f"Note: the texts of column {printable(column)} count as seeds 0 to {len(texts) - 1} in their order, from "
        f"{printable(texts[0])} to {printable(texts[-1])}."
    )
    return [numbered[text_of(cell)] for cell in cells], (note,)


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and number.is_integer() and abs(number) <= LARGEST_COUNT


def names_of(sheet: Sheet, column: str, option: str) -> list[str]:
    """The text of each row that names a variant or a block. Raises AblateError for empty cells."""
    return [text_of(cell) for cell in _filled(sheet, column, "a name", "a text in every row", option)]


def _filled(sheet: Sheet, column: str, needed: str, allowed: str, option: str) -> list[Any]:
    """The cells of a column. Raises AblateError if some are empty."""
    cells = list(sheet.frame[column])
    empty = [position for position, cell in enumerate(cells) if cell is None]
    if empty:
        raise AblateError(
            f"Every row needs {needed}. Received {plural(len(empty), 'empty cell')} in column {printable(column)}, "
            f"{sheet.rows_at(empty)}. Allowed: {allowed}. Type it into the file, or another column after {option}"
        )
    return cells
