"""Help on configuration keys, and the error paragraph for an unknown key."""

from typing import Any

from ablation.config.keys import Limits, keys_of
from ablation.config.schema import GROUPS, Config
from ablation.errors import similar
from ablation.text import typed_value

WIDEST = 40  # characters; a longer `key=value` does not widen the column


def keys(group: str, schema: type | None = None) -> list[str]:
    """The names of the keys of a group, or of the root for the empty name.

    schema: the group's dataclass, if it is not the shipped one.
    """
    if group:
        return [key.name for key in keys_of(schema or GROUPS[group])]
    return [*GROUPS, *(key.name for key in keys_of(Config))]


def help_on_keys(config: Any) -> str:
    """One line per key: its value in the composed config, its meaning and its allowed values."""
    lines = []
    for key in keys_of(Config):
        lines.append((f"{key.name}={typed_value(config[key.name])}", _description(key.limits)))
    for group, schema in GROUPS.items():
        lines.append(("", ""))
        for key in keys_of(schema):
            lines.append((f"{group}.{key.name}={typed_value(config[group][key.name])}", _description(key.limits)))
    width = max(len(setting) for setting, _ in lines if len(setting) <= WIDEST)
    return "\n".join(f"{setting:{width}}  {description}".rstrip() for setting, description in lines)


def _description(limits: Limits) -> str:
    text = limits.doc
    if limits.choices is not None:
        text += f" ({' | '.join(map(str, limits.choices))})"
    if limits.read_by is not None:
        text += f" [{', '.join(limits.read_by)}]"
    return text


def cannot_delete(path: str) -> str:
    """The error paragraph for the deletion of a key of the schema."""
    return f"{path} cannot be deleted. Received ~{path}. Allowed: {path}= with a value. Type {path}=…"


def unknown_key(path: str, schema: type | None = None) -> str:
    """The error paragraph for a key that is not in the config. schema: as in `keys`.

    A key of the schema is missing from the config only if it was to be deleted.
    """
    group, _, name = path.rpartition(".")
    if path == "study":
        return "A study needs a plus sign. Received study=. Allowed: +study=NAME. Type ablate -m +study=NAME"
    if path.partition(".")[0] == "study":
        return f"No study is named. Received {path}. Allowed after +study=NAME. Type ablate -m +study=NAME {path}=…"
    if group and group not in GROUPS:
        return f"Unknown key. Received {path}. Allowed: keys of {', '.join(GROUPS)}. See ablate --help"
    allowed = keys(group, schema)
    if name in allowed:
        return cannot_delete(path)
    where, start = (f" in {group}", f"{group}.") if group else ("", "")
    close = similar(name, allowed)
    advice = f"Type for example {start}{close}=" if close else "See ablate --help"
    return f"Unknown key. Received {path}. Allowed{where}: {', '.join(allowed)}. {advice}"
