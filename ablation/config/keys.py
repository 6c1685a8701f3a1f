"""How the schema describes a key: what it is, which values it may have, and which choices read it."""

import dataclasses
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeVar

Value = TypeVar("Value")
# The type of a key that only some choices read: null beside the others. Code that reads such a key has the choice
# before it, and `validation.check` made sure of the value, so that a type checker takes it for given.
if TYPE_CHECKING:
    IfRead = Annotated[Value, "null where the choice does not read it"]
else:
    IfRead = Optional

MISSING: Any = "???"  # OmegaConf's mark for a key that a file has to set


@dataclass(frozen=True)
class Limits:
    """The meaning of a key and the values it may have.

    doc: its help line. low, high: inclusive bounds. above, below: exclusive bounds. choices: the only words or numbers
    allowed. plugin: whether a plugin file may add to the choices. read_by: the values of its reader with which the key
    is read; None for a key that is always read. reader: the key of the same group that decides so; None for the
    group's own one (see `applicability.GROUP_READERS`).
    """

    doc: str
    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] | None = None
    plugin: bool = False
    read_by: tuple[str, ...] | None = None
    reader: str | None = None


@dataclass(frozen=True)
class Key:
    """One key of a group, or of the root: `width`, with its default and limits."""

    name: str
    default: Any
    limits: Limits


def key(default: Any, doc: str, **limits: Any) -> Any:
    """A dataclass field with the help line `doc` and the further fields of `Limits`."""
    metadata = {"limits": Limits(doc, **limits)}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@functools.cache
def keys_of(schema: type) -> tuple[Key, ...]:
    """The keys of a schema's dataclass, in its order; fields that are groups themselves are none."""
    keys = []
    for each in dataclasses.fields(schema):
        if "limits" in each.metadata:
            default = each.default
            if each.default_factory is not dataclasses.MISSING:
                default = each.default_factory()
            keys.append(Key(each.name, default, each.metadata["limits"]))
    return tuple(keys)
