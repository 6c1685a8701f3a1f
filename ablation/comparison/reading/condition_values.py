"""The values in conditions: words, numbers, dates, durations and sizes, as users type them."""

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from ablation.text import typed_value

NULL = "null"
ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EQUAL, UNEQUAL = "=", "!="
SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
BYTES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
AMOUNT = re.compile(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", re.IGNORECASE | re.ASCII)
TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(:\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?", re.ASCII)


class Value(Protocol):
    """A value in a condition."""

    def holds(self, comparison: str, fact: object) -> bool:
        """Return whether a fact of a run equals this value, or is smaller or larger.

        comparison: EQUAL or one of ORDER.
        """
        ...


@dataclass(frozen=True)
class Word:
    """A text, boolean, number, list or null, for EQUAL only. quoted: it is a text whatever it looks like."""

    text: str
    quoted: bool = False

    def holds(self, comparison: str, fact: object) -> bool:
        if self.quoted:
            return fact == self.text
        return is_typed(fact, self.text)


@dataclass(frozen=True)
class Number:
    """A number; of seconds for a duration, of bytes for a size."""

    number: float

    def holds(self, comparison: str, fact: object) -> bool:
        if not isinstance(fact, int | float) or isinstance(fact, bool):
            return False
        if comparison == EQUAL:
            return fact == self.number
        return ORDER[comparison](fact, self.number)


@dataclass(frozen=True)
class Period:
    """A day, minute or second: `=2026-11-20` holds for every time on that day. end: exclusive."""

    start: datetime
    end: datetime

    def holds(self, comparison: str, fact: object) -> bool:
        if not isinstance(fact, datetime):
            return False
        if comparison == EQUAL:
            return self.start <= fact < self.end
        if comparison == "<":
            return fact < self.start
        if comparison == "<=":
            return fact < self.end
        if comparison == ">":
            return fact >= self.end
        return fact >= self.start


def is_typed(fact: object, text: str) -> bool:
    """Return whether a user would type a value of a configuration like this: `true`, `null`, `1e-1`, `[3, 4, 6, 3]`."""
    if fact is None:
        return text == NULL
    if isinstance(fact, bool):
        return text.lower() == typed_value(fact)
    if isinstance(fact, int | float):
        return number_of(text) == fact
    if isinstance(fact, Sequence) and not isinstance(fact, str):
        return _are_typed(fact, text)
    return text == typed_value(fact)


def _are_typed(facts: Sequence[object], text: str) -> bool:
    if not (text.startswith("[") and text.endswith("]")):
        return False
    inner = text[1:-1].strip()
    texts = split_at_commas(inner) if inner else []
    if len(texts) != len(facts):
        return False
    return all(map(is_typed, facts, map(str.strip, texts)))


def number_of(text: str) -> int | float | None:
    """The number that a text denotes; None if it is no finite number. An integer of any size is not rounded."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None  # false for nan too


def split_at_commas(text: str) -> list[str]:
    """Split a text at commas outside brackets and quotation marks: `a,[1,2],'b,c'` has three parts."""
    parts = [""]
    depth, quote = 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[{(":
            depth += 1
        elif character in ")}]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += character
    return parts


# ---------------------------------------------------------------- what a key takes


def word(text: str) -> Word:
    """The value of a key of any type."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return Word(text[1:-1], quoted=True) if is_quoted else Word(text)


def number(text: str) -> Number | None:
    """The value of a number; None for any other text."""
    value = number_of(text)
    return None if value is None else Number(value)


def duration(text: str) -> Number | None:
    """The value of `7d`, `12h`, `30min` or `2w`, in seconds; None for any other text."""
    return _amount(text, SECONDS)


def size(text: str) -> Number | None:
    """The value of `1GB`, `500 MB` or a number of bytes; None for any other text."""
    return _amount(text, BYTES)


def _amount(text: str, units: dict[str, int]) -> Number | None:
    match = AMOUNT.fullmatch(text)
    if match is None or match[2].lower() not in units:
        return None
    return Number(float(match[1]) * units[match[2].lower()])


def period(text: str) -> Period | None:
    """The value of `2026-11-20` or `2026-11-20T14:30`, in local time unless it has a zone; None for any other text."""
    match = TIME.fullmatch(text)
    if match is None:
        return None
    try:
        if match[0] == match[1]:
            day = date.fromisoformat(text)
            return Period(_midnight(day), _midnight(day + timedelta(days=1)))
        start = datetime.fromisoformat(text).astimezone()
        return Period(start, start + (timedelta(seconds=1) if match[2] else timedelta(minutes=1)))
    except (ValueError, OverflowError, OSError):  # no such day, or one before or after all that the system knows
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day).astimezone()


def any_holds(values: Iterable[Value], comparison: str, facts: Iterable[object]) -> bool:
    """Return whether the comparison holds for any of the values and any of the facts."""
    facts = tuple(facts)
    for value in values:
        for fact in facts:
            if value.holds(comparison, fact):
                return True
    return False
