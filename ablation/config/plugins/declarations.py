"""What plugin files declare: names for keys such as `model.norm`, and networks and data with keys of their own."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.config.plugins.own_schema import RESERVED, own_schema
from ablation.config.plugins.signature import Parameter, parameters
from ablation.config.plugins.source_text import PluginFile, plugin_error, read
from ablation.config.schema import FAMILIES, SOURCES

# {dictionary: the key whose values it adds to}
KEYS = {
    "BLOCKS": "model.block",
    "NORMS": "model.norm",
    "AUGMENTS": "data.augment",
    "NETWORKS": "model.family",
    "DATA": "data.source",
}
# {dictionary of builders: the arguments that they are called with besides their keys}
BUILDERS = {"NETWORKS": ("input_shape", "classes"), "DATA": ()}
GROUPS = {table: KEYS[table].partition(".")[0] for table in BUILDERS}


SHIPPED = {"model": FAMILIES, "data": SOURCES}


@dataclass(frozen=True)
class Declared:
    """What one file declares. names: by key. schemas: of its networks and data, by group and name."""

    path: str
    digest: str
    names: Mapping[str, tuple[str, ...]]
    schemas: Mapping[str, Mapping[str, type]]


def names(paths: Sequence[str]) -> dict[str, list[str]]:
    """The values that the files add to each key: `{"model.norm": ["instance"]}`. Runs no file. Raises AblateError."""
    added: dict[str, list[str]] = {}
    for path in paths:
        declared = _declared(path)
        if not any(declared.names.values()):
            raise plugin_error(
                path,
                "defines no network, data, block, norm or augmentation",
                f"a dict literal with entries, {', '.join(KEYS)}, since a file is read before it is run",
                "NETWORKS = {'mine': build} in it",
            )
        for key, values in declared.names.items():
            for value in values:
                if value in added.setdefault(key, []):
                    raise plugin_error(path, f"defines {key}={value} a second time", "each name once")
                added[key].append(value)
    return added


def schemas(paths: Sequence[str], group: str) -> dict[str, type]:
    """The dataclasses with the keys of the networks (group `model`) or data sets (`data`) in the files, by name.

    Raises AblateError.
    """
    collected: dict[str, type] = {}
    for path in paths:
        collected |= _declared(path).schemas[group]
    return collected


def digests(paths: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """The SHA-256 of each file that the settings use, sorted. Raises AblateError if a file cannot be read.

    settings: the flat config, `{"model.norm": "instance", …}`.
    """
    declared = [_declared(path) for path in paths]
    return sorted(each.digest for each in declared if _is_used(each, settings))


def _is_used(declared: Declared, settings: Mapping[str, Any]) -> bool:
    return any(settings.get(key) in values for key, values in declared.names.items())


def _declared(path: str) -> Declared:
    return _parsed(path, read(path))


@functools.lru_cache(maxsize=64)
def _parsed(path: str, content: bytes) -> Declared:
    """content: of the file, so that a changed file is parsed again."""
    file = PluginFile(path)
    collected: dict[str, tuple[str, ...]] = {}
    groups: dict[str, dict[str, type]] = {group: {} for group in GROUPS.values()}
    for table, key in KEYS.items():
        entries = file.table(table)
        collected[key] = tuple(entries)
        if table not in BUILDERS:
            continue
        group = GROUPS[table]
        for name, entry in entries.items():
            _refuse_name(path, table, name)
            keys = parameters(file, entry, table, BUILDERS[table])
            _refuse_reserved(path, group, keys)
            groups[group][name] = own_schema(group, name, keys)
    return Declared(path, file.digest, collected, groups)


def _refuse_name(path: str, table: str, name: str) -> None:
    """Raise AblateError for a name that cannot be typed as `model=name`, or be part of a folder's name."""
    if name in SHIPPED[GROUPS[table]]:
        raise plugin_error(
            path,
            f"has the name {name} in {table}, which ablate has itself",
            "other names",
            f"{table} = {{'my_{name}': …}}",
        )
    is_plain = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    if not is_plain or not name[0].isalpha() or name.lower() in ("true", "false", "null", "inf", "nan"):
        raise plugin_error(
            path,
            f"has the name {name!r} in {table}, which cannot be typed as a choice",
            "letters, digits, - and _, a letter first",
            f"{table} = {{'mine': …}}",
        )


def _refuse_reserved(path: str, group: str, keys: Sequence[Parameter]) -> None:
    for each in keys:
        if each.name in RESERVED[group]:
            raise plugin_error(
                path,
                f"has the parameter {each.name}, and {group}.{each.name} is a key of ablate's own",
                "other names",
                f"my_{each.name}",
            )
