"""Flags of a program as one-line texts, `lr=0.1` and `mixup=false`, as plans, labels and tables show them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

Flags = dict[str, Any]  # a value is a bool, int, float, str, None or a list of these


def flag_text(name: str, value: Any) -> str:
    """`lr=0.1`, `norm=batch`, `mixup=false`, `milestones=[30, 60]`; a text that reads as another value has quotes."""
    return f"{name}={_value_text(value)}"


def _value_text(value: Any) -> str:
    if isinstance(value, str) and _parsed(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def parse_flag(text: str) -> tuple[str, Any]:
    """The name and value of a text from `flag_text`."""
    name, _, value = text.partition("=")
    return name, _parsed(value)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def parse_flags(texts: Iterable[str]) -> Flags:
    """The values of flags by name; of several texts for one flag, the last counts."""
    return dict(map(parse_flag, texts))


def flattened(nested: Mapping[Any, Any], prefix: str = "") -> Flags:
    """Flags with dotted names: `{"optimizer": {"lr": 0.1}}` becomes `{"optimizer.lr": 0.1}`. Empty mappings vanish."""
    flags: Flags = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            flags |= flattened(value, f"{prefix}{name}.")
        else:
            flags[f"{prefix}{name}"] = value
    return flags
