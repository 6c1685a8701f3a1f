"""How values, lists and long names are written."""

import json
import re
from collections.abc import Sequence
from typing import Any


def natural(text: str) -> str:
    """A sort key that puts resnet50 before resnet101."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), text)


def shorten(texts: Sequence[str], limit: int = 40) -> list[str]:
    """Cut long labels in their middle, for their ends tell them apart; still unique."""
    head, tail = limit - limit // 3 - 1, limit // 3
    return number_in([t if len(t) <= limit else f"{t[:head]}…{t[-tail:]}" for t in texts])


def typed(value: Any) -> str:
    """As one types it on the command line: null, true, 0.1, [3,4,6,3]."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)


def number_in(texts: list[str]) -> list[str]:
    for group in same_value(texts):
        for count, i in enumerate(group, 1):
            texts[i] = f"{texts[i]} ({count})"
    return texts


def same_value(texts: list[str]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        groups.setdefault(text, []).append(i)
    return [group for group in groups.values() if len(group) > 1]
