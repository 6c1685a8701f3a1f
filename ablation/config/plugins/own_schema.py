"""The schema of a plugin's network or data set: a dataclass with one field for each parameter of its function."""

import copyreg
import dataclasses
import functools
from typing import Any

from ablation.config import schema
from ablation.config.keys import Limits, keys_of
from ablation.config.plugins.signature import Parameter

Spec = tuple[str, str, tuple[Parameter, ...]]  # group, choice, parameters
AS_STORED = {"data.image_size": None, "data.channels": None}
LEADERS = {"model": "family", "data": "source"}  # the key of a group that names its choice


class OwnClass(type):
    """The class of such schemas, which are pickled as what they are made from: they exist in one process only."""


class OwnChoice(metaclass=OwnClass):
    """The parent of all such schemas. SPEC: what the class is made from."""

    SPEC: Spec

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.SPEC, dict(vars(self)))

    def parameters(self) -> dict[str, Any]:
        """The arguments of the plugin's function, by name."""
        return {parameter.name: getattr(self, parameter.name) for parameter in self.SPEC[2]}


def _reduced(schema: Any) -> Any:
    """What pickle stores of a schema: the call that makes it. OwnChoice itself is found by its name."""
    return (own_schema, schema.SPEC) if hasattr(schema, "SPEC") else schema.__qualname__


copyreg.dispatch_table[OwnClass] = _reduced


def _restored(spec: Spec, values: dict[str, Any]) -> Any:
    restored = object.__new__(own_schema(*spec))
    vars(restored).update(values)
    return restored


@functools.cache
def own_schema(group: str, choice: str, parameters: tuple[Parameter, ...]) -> type:
    """The dataclass of a choice: the keys that every network or data set has, and those of its function.

    group: `model` or `data`. choice: the name in the plugin file.
    """
    fields: list[tuple[str, Any, Any]] = []
    for name, field in _common(group).items():
        fields.append((name, field.type, _copied(group, name, field, choice)))
    for parameter in parameters:
        limits = Limits(
            parameter.doc or f"parameter of {choice}",
            choices=parameter.choices,
            kind=parameter.kind,
            optional=parameter.optional,
        )
        fields.append((parameter.name, Any, dataclasses.field(default=parameter.default, metadata={"limits": limits})))
    namespace = {"SPEC": (group, choice, parameters), "__module__": __name__}
    return dataclasses.make_dataclass(f"Own{choice}", fields, bases=(OwnChoice,), namespace=namespace)


def _common(group: str) -> dict[str, dataclasses.Field[Any]]:
    """The keys of the shipped schema that every choice of a group has."""
    shipped = {field.name: field for field in dataclasses.fields(schema.GROUPS[group])}
    return {name: shipped[name] for name in COMMON[group]}


def _copied(group: str, name: str, field: dataclasses.Field[Any], choice: str) -> Any:
    """A copy of a shipped field, with the default that it has for a plugin's choice."""
    limits = field.metadata["limits"]
    default = AS_STORED.get(f"{group}.{name}", field.default)
    if name == LEADERS[group]:
        limits, default = dataclasses.replace(limits, choices=(choice,)), choice
    elif name == "name":
        default = choice
    return dataclasses.field(default=default, metadata={"limits": limits})


def _independent_of_source() -> tuple[str, ...]:
    """The keys of data that every source reads, or that another key of the group decides."""
    names = []
    for key in keys_of(schema.Data):
        if key.limits.read_by is None or key.limits.reader is not None:
            names.append(key.name)
    return tuple(names)


COMMON = {"model": ("family", "weights"), "data": _independent_of_source()}
RESERVED = {group: frozenset({*names, "parameters", "SPEC"}) for group, names in COMMON.items()}
