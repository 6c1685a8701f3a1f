"""Narrow a table to the rows that meet conditions on its columns, as typed after `--where`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from ablation.comparison.reading.conditions import Condition, condition, match_all
from ablation.comparison.results_table.columns import Columns, column_named
from ablation.comparison.results_table.confounders import is_result
from ablation.comparison.results_table.sheet import Sheet, distinct, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more

LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(\.[0-9]*)?")
CONDITION = re.compile(r"\s*(.+?)\s*(!=|<=|>=|=|<|>)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Narrowed:
    """The rows that are left. words: the options, as typed. left_out: the number of runs that they leave out.

    variants: the number of variants before.
    """

    sheet: Sheet
    words: tuple[str, ...]
    left_out: int
    variants: int


def narrowed(sheet: Sheet, columns: Columns, typed: Sequence[str]) -> Narrowed:
    """Keep the rows that meet all conditions. typed: `COLUMN=VALUE` each.

    Raises AblateError for a condition that cannot be read, for one on results, and if no row is left.
    """
    variants = len(distinct(sheet.frame[columns.variant]))
    conditions = [_condition(sheet, columns, each) for each in typed]
    if not conditions:
        return Narrowed(sheet, (), 0, variants)
    names = [each.key for each in conditions]
    cells = zip(*(sheet.frame[name] for name in names), strict=True)
    facts = [dict(zip(names, map(_fact, row), strict=True)) for row in cells]
    is_kept = [match_all(conditions, fact) for fact in facts]
    if not any(is_kept):
        raise AblateError(
            f"No row is left. Received {list_with_more(f'--where {quote(each)}' for each in typed)}. Allowed: "
            f"conditions that at least one row meets. {_values(sheet, names[0])}"
        )
    keys = [columns.variant, columns.seed, *([columns.block] if columns.block else []), *names]
    others = sheet.only([not kept for kept in is_kept])
    left_out = len(others.frame[keys].map(text_of).drop_duplicates())
    return Narrowed(sheet.only(is_kept), tuple(f"--where {each}" for each in typed), left_out, variants)


def _condition(sheet: Sheet, columns: Columns, typed: str) -> Condition:
    match = _split(sheet, typed)
    if match is None:
        raise AblateError(
            f"A condition has a column, an operator and a value. Received --where {quote(printable(typed))}. Allowed: "
            "COLUMN=VALUE, also with !=, <, <=, > or >=, and with commas between several values. Type for example "
            f"--where {quote(f'{printable(columns.variant)}=VALUE')}"
        )
    roles = {"variant": columns.variant, "seed": columns.seed}
    name = match[1] if match[1] in sheet.columns else roles.get(match[1], match[1])
    column = column_named(sheet, name, "--where")
    if column == columns.metric or (is_result(sheet, column) and column not in columns.all):
        raise AblateError(
            f"A comparison does not choose runs by their results. Received --where {quote(printable(typed))}. Allowed: "
            f"conditions on settings, among {sheet.listed_columns()}. Leave it out"
        )
    return replace(condition(typed, column, match[2], _quoted(match[3].strip())), key=column)


def _split(sheet: Sheet, typed: str) -> re.Match[str] | None:
    """The column, operator and value; a column whose name contains an operator is found by its whole name."""
    for column in sorted(sheet.columns, key=len, reverse=True):
        match = re.fullmatch(rf"\s*({re.escape(column)})\s*(!=|<=|>=|=|<|>)(.*)", typed, re.DOTALL)
        if match is not None:
            return match
    return CONDITION.fullmatch(typed)


def _quoted(text: str) -> str:
    """The value, with quotation marks around a number that is not written as usual, such as 01: it is a text."""
    is_odd = LEADING_ZERO.fullmatch(text) is not None
    return f'"{text}"' if is_odd else text


def _fact(cell: Any) -> object:
    """A cell as conditions compare it: a number if it is written as one."""
    if not isinstance(cell, str) or LEADING_ZERO.fullmatch(cell):
        return cell
    if cell in ("True", "False"):
        return cell == "True"
    try:
        return float(cell) if "." in cell or "e" in cell.lower() else int(cell)
    except ValueError:
        return cell


def _values(sheet: Sheet, column: str) -> str:
    values = distinct(sheet.frame[column])
    listed = list_with_more(map(printable, values), 6)
    example = quote(f"{printable(column)}={printable(values[0])}")
    return f"Column {printable(column)} has {listed}. Type for example --where {example}"
