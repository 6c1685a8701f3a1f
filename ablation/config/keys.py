"""The description of a key in the schema: its meaning, its allowed values and the choices that read it."""

import dataclasses
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeVar

Value = TypeVar("Value")
# The type of a key that only some choices read; it is null for the others. To a type checker it is never null, because
# only code for a choice that reads the key uses it, and `validation.check` refuses null there.
if TYPE_CHECKING:
    IfRead = Annotated[Value, "null if the choice does not read it"]
else:
    IfRead = Optional

MISSING: Any = "???"  # OmegaConf's marker for a key that a config file must set


@dataclass(frozen=True)
class Limits:
    """The meaning of a key and its allowed values.

    doc: its help line. low, high: inclusive bounds. above, below: exclusive bounds. choices: the only allowed words or
    numbers. plugin: True if a plugin file may add choices. read_by: the values of `reader` for which the key is read;
    None if it is always read. reader: a key of the same group; None for the group's default reader (see
    `applicability.GROUP_READERS`). kind: the type of a parameter of a plugin's function; None for all other keys,
    whose types OmegaConf checks. optional: whether null is a value, also where the key is read.
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
    kind: type | None = None
    optional: bool = False


@dataclass(frozen=True)
class Key:
    """A key of a group or of the root. name: without the group, such as `width`."""

    name: str
    default: Any
    limits: Limits


def key(default: Any, doc: str, **limits: Any) -> Any:
    """A dataclass field with the help line `doc`. limits: the other fields of `Limits`."""
    metadata = {"limits": Limits(doc, **limits)}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@functools.cache
def keys_of(schema: type) -> tuple[Key, ...]:
    """The keys of a schema's dataclass, in its order, without fields that are groups."""
    keys = []
    for entry in dataclasses.fields(schema):
        if "limits" in entry.metadata:
            default = entry.default
            if entry.default_factory is not dataclasses.MISSING:
                default = entry.default_factory()
            keys.append(Key(entry.name, default, entry.metadata["limits"]))
    return tuple(keys)
