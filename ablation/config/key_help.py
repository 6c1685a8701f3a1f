"""Help on configuration keys, and the paragraph for an unknown one."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from ablation.config.schema import Config
from ablation.errors import nearest
from ablation.text import typed_value

GROUPS = ("model", "data", "train")


def keys(group: str) -> list[str]:
    """The keys of a group; of the root for the empty name."""
    node = {f.name: f.type for f in dataclasses.fields(Config)}[group] if group else Config
    return [f.name for f in dataclasses.fields(node)]


def help_on_keys(config: Any) -> str:
    """Every key as the composed config has it, what it is and what it may be: a line each."""
    lines = []
    for group in ("", *GROUPS):
        node = {f.name: f.type for f in dataclasses.fields(Config)}[group] if group else Config
        values = config[group] if group else config
        dotted = f"{group}." if group else ""
        fields = [f for f in dataclasses.fields(node) if "doc" in f.metadata]
        for f in fields:
            lines.append((f"{dotted}{f.name}={typed_value(values[f.name])}", _told(f.metadata)))
        lines.append(("", ""))
    width = max(len(typed) for typed, _ in lines if len(typed) <= 40)
    return "\n".join(f"{typed:{width}}  {told}".rstrip() for typed, told in lines).rstrip()


def _told(metadata: Mapping[str, Any]) -> str:
    told = metadata["doc"]
    if "choices" in metadata:
        told += f" ({' | '.join(map(str, metadata['choices']))})"
    if "read_by" in metadata:
        told += f" [{', '.join(metadata['read_by'])}]"
    return told


def unknown_key(path: str) -> str:
    """The paragraph for a key that the schema does not have."""
    group, _, name = path.rpartition(".")
    if path.partition(".")[0] == "study":
        return f"No study is named. Received {path}. Allowed behind +study=NAME. Type ablate -m +study=NAME {path}=…"
    if group not in ("", *GROUPS):
        return f"Unknown key. Received {path}. Allowed: keys of {', '.join(GROUPS)}. See ablate --help"
    allowed = keys(group)
    dotted = f"{group}." if group else ""
    return (
        f"Unknown key. Received {path}. Allowed{f' in {group}' if group else ''}: {', '.join(allowed)}. "
        f"Type for example {dotted}{nearest(name, allowed)}="
    )
