"""A user's own code, from Python files outside the package: `plugins=[my_parts.py]` is the only way in.

A file has the dictionaries that the package's own files have, of functions with the same signatures (docs/plugins.md):

    BLOCKS = {"ghost": ghost}            then model.block=ghost
    NORMS = {"instance": instance}       then model.norm=instance
    AUGMENTS = {"invert": invert}        then data.augment=invert

Which names a file has is read from its text. It runs where a network is built or trained, and only when the command or
the user's own configuration names it: a record on disk never does.
"""

import ast
import hashlib
import importlib.util
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ablation.errors import AblateError

KEYS = {"BLOCKS": "model.block", "NORMS": "model.norm", "AUGMENTS": "data.augment"}  # dictionary: the key it adds to


def names(paths: Sequence[str]) -> dict[str, list[str]]:
    """The values that the files add to each key: `{"model.norm": ["instance"]}`. Runs nothing. Raises AblateError."""
    added: dict[str, list[str]] = {}
    for path in paths:
        tables = _tables(path)
        if not any(tables.values()):
            raise _wrong(
                path,
                "defines no block, norm or augmentation",
                "a dict BLOCKS, NORMS or AUGMENTS, as NORMS = {'mine': f}",
            )
        for key, words in tables.items():
            for word in words:
                if word in added.setdefault(key, []):
                    raise _wrong(path, f"defines {key}={word} a second time", "each name once")
                added[key].append(word)
    return added


def digests(paths: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """SHA-256 of each file that the settings use a part of, sorted. Raises AblateError.

    settings: the config, flat: `{"model.norm": "instance", …}`.
    """
    return sorted(_digest(path) for path in paths if _is_used(path, settings))


def _is_used(path: str, settings: Mapping[str, Any]) -> bool:
    return any(settings.get(key) in words for key, words in _tables(path).items())


class Registry:
    """The parts that a process has loaded, and from which files: none runs twice."""

    def __init__(self):
        self._parts: dict[str, dict[str, Any]] = {table: {} for table in KEYS}
        self._files: dict[str, str] = {}  # path -> SHA-256

    def take(self, path: str) -> None:
        """Run a file and keep its parts, unless that was done. Raises AblateError where it fails."""
        digest = _digest(path)
        if self._files.get(path) == digest:
            return
        module = _run(path, digest)
        for table, parts in self._parts.items():
            parts.update(getattr(module, table, {}))
        self._files[path] = digest

    def parts(self, table: str) -> Mapping[str, Any]:
        """The parts of a table, such as `BLOCKS`, by name."""
        return MappingProxyType(self._parts[table])


REGISTRY = Registry()  # of this process


def take(paths: Sequence[str]) -> None:
    """Run the files and make their parts known to this process. Raises AblateError for one that fails."""
    for path in paths:
        REGISTRY.take(path)


def parts(table: str) -> Mapping[str, Any]:
    """The parts of a table, such as `BLOCKS`, that this process has from plugins, by name."""
    return REGISTRY.parts(table)


def _run(path: str, digest: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"ablation_plugin_{digest[:16]}", path)
    if spec is None or spec.loader is None:
        raise _wrong(path, "cannot be imported", "a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _wrong(
            path, f"fails ({type(error).__name__}: {error})", "Python code that runs without errors"
        ) from error
    return module


def _digest(path: str) -> str:
    return hashlib.sha256(_source(path)).hexdigest()


def _source(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})", "a Python file") from error


def _tables(path: str) -> dict[str, list[str]]:
    """The names in the dictionaries of a file, by the key that they are values of."""
    try:
        tree = ast.parse(_source(path))
    except (SyntaxError, ValueError) as error:
        raise _wrong(path, f"is not Python ({error})", "a Python file") from error
    added: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            table = _assigned_name(node)
            if table in KEYS:
                added.setdefault(KEYS[table], []).extend(_literal_names(path, table, node.value))
    return added


def _assigned_name(node: ast.Assign) -> str:
    """The name that a statement assigns to; empty where it is more than one, or something else."""
    if len(node.targets) != 1:
        return ""
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def _literal_names(path: str, table: str, value: ast.expr) -> list[str]:
    written_out = isinstance(value, ast.Dict)
    words = []
    for key in value.keys if isinstance(value, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            words.append(key.value)
        else:
            written_out = False
    if not written_out:
        raise _wrong(path, f"defines {table}, but not as a dict literal", f"{table} = {{'name': function}}")
    return words


def _wrong(path: str, what: str, allowed: str) -> AblateError:
    return AblateError(
        f"A plugin file {what}. Received plugins=[{path}]. Allowed: {allowed}. Type for example "
        "plugins=[my_parts.py], and see docs/plugins.md"
    )
