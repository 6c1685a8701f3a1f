"""Help on configuration keys, and the error paragraphs for keys that are unknown or cannot be deleted."""

from collections.abc import Sequence
from typing import Any

from ablation.config.keys import Key, Limits, keys_of
from ablation.config.plugins.choices import composed_schema
from ablation.config.schema import GROUPS, Config
from ablation.errors import nearest, similar
from ablation.text import shell_text, typed_value

WIDEST = 40  # characters; a longer `key=value` does not widen the column
KIND_WORDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
EXAMPLES: dict[str, Any] = {  # usual values, for messages, of keys without a default
    "model.repeats": [3, 4, 6, 3],
    "model.depth": 20,
    "model.width": 64,
    "model.residual": True,
    "model.norm_momentum": 0.9,
    "model.norm_epsilon": 1e-5,
    "model.conv_bias": False,
    "model.dropout": 0.5,
    "data.name": "cifar10",
    "data.dir": "/path/to/tensorflow_datasets",
    "data.root": "/path/to/images",
    "model.weights": "outputs/resnet34-digits-s0-1a2b3c4d5e",
    "data.file": "/path/to/data.npz",
    "data.image_size": 32,
    "data.classes": 10,
    "data.limit": 1000,
    "train.epochs": 20,
    "train.steps": 1000,
    "train.reference_steps": 64_000,
    "train.clipnorm": 1.0,
    "train.global_clipnorm": 1.0,
    "train.lr_milestones": [0.5, 0.75],
    "train.lr_gamma": 0.1,
    "train.xla": True,
    "threads": 4,
    "name": "trial",
    "tags": ["trial"],
    "plugins": ["my_net.py"],
    "n_jobs": 2,
    "job_timeout": "12h",
}


def keys(group: str, schema: type | None = None) -> list[str]:
    """The names of the keys of a group, or of the root for the empty name.

    schema: the group's dataclass, if it is not the one of the composed config.
    """
    if group:
        return [key.name for key in keys_of(schema or composed_schema(group) or GROUPS[group])]
    return [*GROUPS, *(key.name for key in keys_of(Config))]


def help_on_keys(config: Any) -> str:
    """One line per key: its value in the composed config, its meaning and its allowed values."""
    lines = _lines(config, "")
    for group in GROUPS:
        lines += [("", ""), *_lines(config[group], f"{group}.")]
    return _table(lines)


def help_on_group(config: Any, group: str) -> str:
    """One line per key of a group, as in `help_on_keys`."""
    return _table(_lines(config[group], f"{group}."))


def _lines(values: Any, prefix: str) -> list[tuple[str, str]]:
    """`key=value` and the meaning of each key of a group, or of the root for an empty prefix."""
    lines = []
    for key in keys_of(composed_schema(prefix.rstrip(".")) or Config):
        lines.append((f"{prefix}{key.name}={typed_value(values[key.name])}", _description(key.limits)))
    return lines


def _table(lines: Sequence[tuple[str, str]]) -> str:
    width = max(len(setting) for setting, _ in lines if len(setting) <= WIDEST)
    return "\n".join(f"{setting:{width}}  {description}".rstrip() for setting, description in lines)


def key_at(path: str) -> Key | None:
    """The key at a path such as `model.width` or `seed`, in the composed config's schema; None if there is none."""
    group, _, name = path.rpartition(".")
    schema = composed_schema(group) if group else Config
    for key in keys_of(schema) if schema is not None else ():
        if key.name == name:
            return key
    return None


def null_means_none(path: str) -> bool:
    """Return whether null is a value of a key, such as no clipping, and not the mark of a key that is not read."""
    key = key_at(path)
    if key is not None and (key.limits.optional or key.limits.kind is not None):
        return key.limits.optional
    if key is None or path.startswith("model.") or key.limits.read_by is not None:
        return False
    return key.default is None


def example(path: str) -> str:
    """A usual value of a key, as it is typed: its default, or one of its choices; `…` for an unknown key."""
    key = key_at(path)
    if key is None:
        return "…"
    if key.limits.kind is None and path in EXAMPLES:
        return typed_value(EXAMPLES[path])
    if key.limits.choices is not None and key.default not in key.limits.choices:
        return str(key.limits.choices[0])
    return shell_text(key.default) if key.limits.kind is str and key.default is not None else typed_value(key.default)


def _description(limits: Limits) -> str:
    text = limits.doc
    if limits.choices is not None:
        text += f" ({' | '.join(map(str, limits.choices))})"
    elif limits.kind is not None:
        text += f" ({KIND_WORDS[limits.kind]}{', or null' if limits.optional else ''})"
    if limits.read_by is not None:
        text += f" [{', '.join(limits.read_by)}]"
    return text


def cannot_delete(path: str) -> str:
    """The error paragraph for the deletion of a key of the schema, or of a key of Hydra's."""
    if key_at(path) is None:
        return f"{path} cannot be deleted. Received ~{path}. Allowed: overrides without ~. Leave ~{path} out"
    return f"{path} cannot be deleted. Received ~{path}. Allowed: {path}= with a value. Type {path}=…"


def cannot_delete_group(word: str, group: str, options: Sequence[str]) -> str:
    """The error paragraph for the deletion of a group. word: as typed, `~model` or `~model=resnet34`."""
    close = nearest(word.partition("=")[2] or word, options) if options else "…"
    return (
        f"The group {group} cannot be deleted, because every run needs it. Received {word}. Allowed: {group}= with one "
        f"of {', '.join(options)}. Type for example {group}={close}"
    )


def study_without_plus(word: str, names: Sequence[str]) -> str:
    """The error paragraph for `study=NAME`. names: of the studies."""
    typed = word.partition("=")[2]
    name = nearest(typed, names) if names else "NAME"
    return (
        f"A study needs a plus sign. Received {word}. Allowed: +study= with one of {', '.join(names)}. Type for "
        f"example ablate -m +study={name}"
    )


def unknown_key(path: str, schema: type | None = None) -> str:
    """The error paragraph for a key that is not in the config. schema: as in `keys`.

    A key of the schema is missing from the config only if it was to be deleted.
    """
    group, _, name = path.rpartition(".")
    if path == "study":
        return study_without_plus("study=", ["NAME"])
    if path.partition(".")[0] == "study":
        return f"No study is named. Received {path}. Allowed after +study=NAME. Type ablate -m +study=NAME {path}=…"
    if path.startswith("hydra.sweeper."):
        return (
            f"Unknown key of ablate's sweeper. Received {path}. Allowed: hydra.sweeper.params, the values of a sweep "
            "by key, in a config file. Leave the others out"
        )
    if group and group not in GROUPS:
        return f"Unknown key. Received {path}. Allowed: keys of {', '.join(GROUPS)}. See ablate --help"
    allowed = keys(group, schema)
    if name in allowed:
        return cannot_delete(path)
    where, start = (f" in {group}", f"{group}.") if group else ("", "")
    close = similar(name, allowed)
    advice = f"Type for example {start}{close}=" if close else "See ablate --help"
    return f"Unknown key. Received {path}. Allowed{where}: {', '.join(allowed)}. {advice}"
