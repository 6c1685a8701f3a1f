"""The schema of each choice of a group: of the shipped families and sources, and of those in plugin files."""

import dataclasses
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from ablation.config.keys import MISSING, keys_of
from ablation.config.plugins import declarations
from ablation.config.plugins.declarations import SHIPPED
from ablation.config.plugins.own_schema import LEADERS
from ablation.config.schema import GROUPS, Config

# The schemas of the config that was composed last: what messages and help about a key such as `model.width` mean.
_COMPOSED: ContextVar[Mapping[str, type]] = ContextVar("composed", default=GROUPS)


def schema_of(group: str, choice: object, files: Sequence[str] = ()) -> type:
    """Return the dataclass with the keys of a group, for a choice (a network family or a data source).

    files: of plugins. An unknown choice gets the schema of the shipped ones, whose validation rejects it by name.
    Raises AblateError for a plugin file that cannot be parsed.
    """
    if group not in SHIPPED or choice in SHIPPED[group] or not files:
        return GROUPS[group]
    return declarations.schemas(files, group).get(str(choice), GROUPS[group])


def use_schemas(schemas: Mapping[str, type]) -> None:
    """State the schemas of the config that is composed now, by group, for help and messages about its keys."""
    _COMPOSED.set({**GROUPS, **schemas})


def composed_schema(group: str) -> type | None:
    """The schema of a group in the config that was composed last; None if there is no such group."""
    return _COMPOSED.get().get(group)


def is_own(config: Mapping[str, Any], key: str) -> bool:
    """Return whether a key belongs to a network or data set of a plugin. config: flat."""
    group = key.partition(".")[0]
    if group not in SHIPPED or group == key:
        return False
    choice = config.get(f"{group}.{LEADERS[group]}")
    return choice is not None and choice != MISSING and choice not in SHIPPED[group]


def default_values(config: Config) -> dict[str, Any]:
    """The default of every key that a config has: `{"seed": 0, "model.width": None, …}`."""
    values = {key.name: key.default for key in keys_of(Config)}
    for field in dataclasses.fields(config):
        if field.name in GROUPS:
            for key in keys_of(type(getattr(config, field.name))):
                values[f"{field.name}.{key.name}"] = key.default
    return values
