"""Formatting of values, lists, durations, sizes and long names as text, shared by all rooms."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SIZE_UNITS = ("B", "kB", "MB", "GB")


def typed_value(value: Any) -> str:
    """A config value as a user types it on the command line: `null`, `true`, `0.1`, `[3,4,6,3]`, `{a:1}`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        items = [f"{key}:{typed_value(value[key])}" for key in sorted(value, key=str)]
        return f"{{{','.join(items)}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(map(typed_value, value))}]"
    return str(value)


def list_with_more(items: Iterable[object], limit: int | None = None, separator: str = ", ") -> str:
    """Join items for a sentence: `a`, `a and b`, `a, b and c`; above `limit` items, `a, b and 3 more`."""
    texts = [str(item) for item in items]
    if limit is not None and len(texts) > limit:
        texts = [*texts[:limit], f"{len(texts) - limit:,} more"]
    if len(texts) < 2:
        return "".join(texts)
    last_separator = " and " if separator == ", " else f"{separator}and "
    return f"{separator.join(texts[:-1])}{last_separator}{texts[-1]}"


def first_line(error: BaseException, limit: int = 200) -> str:
    """The first line of an error's message, at most `limit` characters; its type if it has no message."""
    return str(error).strip().partition("\n")[0][:limit] or type(error).__name__


def plural(count: int, noun: str) -> str:
    """`1 run`, `1,200 runs`."""
    ending = "" if count == 1 else "s"
    return f"{count:,} {noun}{ending}"


def capitalized(text: str) -> str:
    """The text with a capital first letter; the rest is unchanged, unlike `str.capitalize`."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """`0.5 s`, `42 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole_minutes, whole_seconds = divmod(round(seconds), 60)
    if whole_minutes == 0:
        return f"{whole_seconds} s"
    hours, minutes = divmod(whole_minutes, 60)
    return f"{minutes} min {whole_seconds} s" if hours == 0 else f"{hours:,} h {minutes} min"


def size(size_in_bytes: float) -> str:
    """`94 MB`: three significant digits and a decimal unit."""
    for unit in SIZE_UNITS:
        if size_in_bytes < 999.5:
            return f"{size_in_bytes:.3g} {unit}"
        size_in_bytes /= 1000
    return f"{size_in_bytes:.3g} TB"


def natural_sort_key(text: str) -> str:
    """A key that sorts resnet50 before resnet101, and 0.03 before 0.1."""
    return re.sub(r"(\d+)(\.\d+)?", lambda number: number[1].zfill(20) + (number[2] or ""), text)


def shorten(texts: Sequence[str], limit: int = 40) -> list[str]:
    """Shorten long labels in the middle, because they differ mostly at the ends. The results are unique."""
    head, tail = limit - limit // 3 - 1, limit // 3
    shortened = []
    for text in texts:
        shortened.append(text if len(text) <= limit else f"{text[:head]}…{text[-tail:]}")
    return number_duplicates(shortened)


def number_duplicates(texts: Sequence[str]) -> list[str]:
    """Append ` (1)`, ` (2)`, … to texts that occur more than once."""
    numbered = list(texts)
    for positions in duplicates(texts):
        for count, position in enumerate(positions, 1):
            numbered[position] = f"{texts[position]} ({count})"
    return numbered


def duplicates(texts: Sequence[str]) -> list[list[int]]:
    """The positions of each text that occurs more than once."""
    positions_of: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        positions_of.setdefault(text, []).append(position)
    return [positions for positions in positions_of.values() if len(positions) > 1]
