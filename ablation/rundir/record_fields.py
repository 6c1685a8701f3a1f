"""Typed access to the fields of a `run.json`."""

from collections.abc import Mapping
from typing import Any, TypeVar

from ablation.rundir.files import Unreadable
from ablation.rundir.layout import RECORD

LARGEST_COUNT, LARGEST_NUMBER = 2**63 - 1, 1e39  # the limits of int64 and, roughly, float32

Json = dict[str, Any]
Value = TypeVar("Value")


class Fields:
    """The fields of one JSON object. Each method removes the field that it returns; `left` holds the remaining ones.

    Each method returns None if the field is absent or null, and raises Unreadable if it has another type.
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

    def value_of(self, name: str, kind: type[Value]) -> Value | None:
        """The value if it has exactly this type. Any other value is not refused; it stays in `left`."""
        value = self.left.get(name)
        if type(value) is not kind:
            return None
        del self.left[name]
        return value

    def unusable(self, name: str) -> Unreadable:
        return unusable(f"{self.part}{name}")


def unusable(key: str) -> Unreadable:
    """The error for a field that is missing or has a type that no run writes. key: its dotted key."""
    return Unreadable(f"{RECORD} has no usable {key}"[:200])


def is_number(value: Any) -> bool:
    if type(value) is int:
        return -LARGEST_COUNT <= value <= LARGEST_COUNT
    return type(value) is float and -LARGEST_NUMBER <= value <= LARGEST_NUMBER
