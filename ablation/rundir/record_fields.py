"""Take the fields of a `run.json` out of its JSON, checking their types."""

from collections.abc import Mapping
from typing import Any

from ablation.rundir.files import Unreadable
from ablation.rundir.layout import RECORD

LARGEST_COUNT, LARGEST_NUMBER = 2**63 - 1, 1e39  # what int64 and float32 can hold

Json = dict[str, Any]


class Fields:
    """The fields of one JSON object, taken one by one; what nobody took is left.

    Each method returns None for a field that is absent or null, and raises Unreadable for one of another type.
    """

    def __init__(self, values: Mapping[str, Any], part: str = ""):
        self.left, self.part = dict(values), part

    def text(self, name: str) -> str | None:
        value = self.left.pop(name, None)
        if value is not None and type(value) is not str:
            raise self.unusable(name)
        return value

    def count(self, name: str, low: int = 0) -> int | None:
        value = self.left.pop(name, None)
        if value is not None and (type(value) is not int or not low <= value <= LARGEST_COUNT):
            raise self.unusable(name)
        return value

    def number(self, name: str) -> float | None:
        value = self.left.pop(name, None)
        if value is not None and not is_number(value):
            raise self.unusable(name)
        return value

    def mapping(self, name: str) -> Json | None:
        value = self.left.pop(name, None)
        if value is not None and type(value) is not dict:
            raise self.unusable(name)
        return value

    def items(self, name: str) -> list[Any] | None:
        value = self.left.pop(name, None)
        if value is not None and type(value) is not list:
            raise self.unusable(name)
        return value

    def needed_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise self.unusable(name)
        return value

    def needed_count(self, name: str) -> int:
        value = self.count(name)
        if value is None:
            raise self.unusable(name)
        return value

    def unusable(self, name: str) -> Unreadable:
        return unusable(f"{self.part}{name}")


def unusable(key: str) -> Unreadable:
    """The error for a field, by its dotted key, that is missing or of another type than a run writes."""
    return Unreadable(f"{RECORD} has no usable {key}"[:200])


def is_number(value: Any) -> bool:
    if type(value) is int:
        return -LARGEST_COUNT <= value <= LARGEST_COUNT
    return type(value) is float and -LARGEST_NUMBER <= value <= LARGEST_NUMBER
