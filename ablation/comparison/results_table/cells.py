"""The cells of a column as numbers of a metric, or as seeds."""

import math
import re
from collections.abc import Sequence
from typing import Any

from ablation.comparison.results_table.sheet import MOST_LISTED, Sheet, distinct, number_of, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.rundir.record_fields import LARGEST_COUNT, LARGEST_NUMBER
from ablation.text import list_with_more, natural_sort_key, plural

SMALLEST_NUMBER = 1e-100  # beside 0: variances of smaller numbers are too small for float64
THOUSANDS = re.compile(r"\d,\d{3}(?:\.|,\d{3})")
WHOLE = re.compile(r"[+-]?\d{1,400}")
MAX_CELL = 40  # characters of a cell in a message


def metric_values(sheet: Sheet, column: str) -> list[float]:
    """The number in each row. Raises AblateError for cells that are empty, no number, not finite or too large."""
    values = possible_values(sheet, column)
    wrong = [position for position, value in enumerate(values) if math.isnan(value)]
    if wrong:
        raise _no_numbers(sheet, column, wrong)
    return values


def possible_values(sheet: Sheet, column: str) -> list[float]:
    """The number in each row; nan for cells that `metric_values` refuses."""
    numbers = [number_of(cell) for cell in sheet.frame[column]]
    return [math.nan if number is None or not _is_in_range(number) else number for number in numbers]


def _is_in_range(number: float) -> bool:
    return number == 0 or SMALLEST_NUMBER <= abs(number) <= LARGEST_NUMBER


def _no_numbers(sheet: Sheet, column: str, wrong: Sequence[int]) -> AblateError:
    cells = [sheet.frame[column].iloc[position] for position in wrong]
    shown = [_shown(cell) for cell in cells]
    received = list_with_more(dict.fromkeys(shown), MOST_LISTED)
    return AblateError(
        f"The metric must be a number in every row. Received {received} in column {printable(column)}, "
        f"{sheet.rows_at(wrong)}. Allowed: numbers such as 0.931 or 9.31e-1, up to {LARGEST_NUMBER:g}. "
        f"{_remedy(shown, sheet)}"
    )


def _shown(cell: object) -> str:
    return "an empty cell" if cell is None else repr(printable(text_of(cell)[:MAX_CELL]))


def _remedy(shown: Sequence[str], sheet: Sheet) -> str:
    """What to do about cells that are no number, by what they look like."""
    text = " ".join(shown)
    if "±" in text or "+/-" in text or "(" in text:
        return "A mean with its interval is not a run: type one row for each run into the file"
    if "%" in text:
        return "Type the numbers without the percent sign into the file"
    if THOUSANDS.search(text):
        return "Type the numbers without separators of thousands into the file"
    if "," in text:
        return "Type decimal points instead of decimal commas into the file"
    if all(cell in ("an empty cell", "'nan'", "'NaN'", "'inf'", "'-inf'", "'Infinity'") for cell in shown):
        remedy = "add a column state with diverged, failed or running in these rows, and finished in the others"
        if sheet.state_column is not None:
            remedy = f"type diverged, failed or running for these rows into column {printable(sheet.state_column)}"
        return f"A run that diverged has no value, and leaving it out would favour its variant: {remedy}"
    return "Type another column after --metric"


def seeds_of(sheet: Sheet, column: str) -> tuple[list[int], tuple[str, ...]]:
    """The seed of each row, and notes. Texts that are no whole numbers count as 0, 1, … in their natural order.

    Raises AblateError for empty cells, and for numbers that are not whole.
    """
    cells = _filled(sheet, column, "a seed", "a whole number, or a text that names the repetition", "--seed")
    numbers = [_whole(cell) for cell in cells]
    seeds = [number for number in numbers if number is not None and abs(number) <= LARGEST_COUNT]
    if len(seeds) == len(cells):
        return seeds, ()
    fractions = [place for place, cell in enumerate(cells) if numbers[place] is None and number_of(cell) is not None]
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


def _whole(cell: object) -> int | None:
    """A whole number with all its digits; None for any other cell."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and WHOLE.fullmatch(cell):
        return int(cell)
    number = number_of(cell)
    return int(number) if number is not None and math.isfinite(number) and number.is_integer() else None


def names_of(sheet: Sheet, column: str, option: str) -> list[str]:
    """The text of each row that names a variant or a block. Raises AblateError for empty cells."""
    return [
        str(cell) if isinstance(cell, bool) else text_of(cell)
        for cell in _filled(sheet, column, "a name", "a text in every row", option)
    ]


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
