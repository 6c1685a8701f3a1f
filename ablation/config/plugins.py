"""Plugins: a user's own code in Python files. `plugins=[my_parts.py]` is the only way to run it.

A file defines dictionaries of functions, with the signatures of the package's own (docs/plugins.md):

    BLOCKS = {"ghost": ghost}            then model.block=ghost
    NORMS = {"instance": instance}       then model.norm=instance
    AUGMENTS = {"invert": invert}        then data.augment=invert

The names in a file are parsed from its source. The file itself runs only where a network is built or trained, and only
if the command or the user's configuration names it; a record on disk cannot cause that.
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

KEYS = {"BLOCKS": "model.block", "NORMS": "model.norm", "AUGMENTS": "data.augment"}  # dictionary: the key it extends


def names(paths: Sequence[str]) -> dict[str, list[str]]:
    """The values that the files add to each key: `{"model.norm": ["instance"]}`. Runs no file. Raises AblateError."""
    added: dict[str, list[str]] = {}
    for path in paths:
        tables = _tables(path)
        if not any(tables.values()):
            raise _error(
                path, "defines no block, norm or augmentation", "a dict BLOCKS, NORMS or AUGMENTS: NORMS = {'mine': f}"
            )
        for key, values in tables.items():
            for value in values:
                if value in added.setdefault(key, []):
                    raise _error(path, f"defines {key}={value} a second time", "each name once")
                added[key].append(value)
    return added


def digests(paths: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """The SHA-256 of each file that the settings use, sorted. Raises AblateError if a file cannot be read.

    settings: the flat config, `{"model.norm": "instance", …}`.
    """
    return sorted(_digest(path) for path in paths if _is_used(path, settings))


def _is_used(path: str, settings: Mapping[str, Any]) -> bool:
    return any(settings.get(key) in values for key, values in _tables(path).items())


class Registry:
    """The plugin functions that a process has loaded, and their files, so that no file runs twice."""

    def __init__(self):
        self._parts: dict[str, dict[str, Any]] = {table: {} for table in KEYS}
        self._files: dict[str, str] = {}  # path -> SHA-256

    def take(self, path: str) -> None:
        """Run a file and register its functions, unless it is loaded and unchanged. Raises AblateError if it fails."""
        digest = _digest(path)
        if self._files.get(path) == digest:
            return
        module = _run(path, digest)
        for table, parts in self._parts.items():
            parts.update(getattr(module, table, {}))
        self._files[path] = digest

    def parts(self, table: str) -> Mapping[str, Any]:
        """The functions in a table, such as `BLOCKS`, by name."""
        return MappingProxyType(self._parts[table])


REGISTRY = Registry()  # of this process


def take(paths: Sequence[str]) -> None:
    """Run the files and register their functions in this process. Raises AblateError if one fails."""
    for path in paths:
        REGISTRY.take(path)


def parts(table: str) -> Mapping[str, Any]:
    """The functions in a table, such as `BLOCKS`, that this process has loaded from plugins, by name."""
    return REGISTRY.parts(table)


def _run(path: str, digest: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"ablation_plugin_{digest[:16]}", path)
    if spec is None or spec.loader is None:
        raise _error(path, "cannot be imported", "a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _error(path, f"fails ({type(error).__name__}: {error})", "Python that runs without errors") from error
    return module


def _digest(path: str) -> str:
    return hashlib.sha256(_source(path)).hexdigest()


def _source(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _error(path, f"cannot be read ({error.strerror})", "a Python file") from error


def _tables(path: str) -> dict[str, list[str]]:
    """The names in the dictionaries of a file, by the key to which they add values."""
    try:
        tree = ast.parse(_source(path))
    except (SyntaxError, ValueError) as error:
        raise _error(path, f"is not Python ({error})", "a Python file") from error
    added: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            table = _assigned_name(node)
            if table in KEYS:
                added.setdefault(KEYS[table], []).extend(_literal_names(path, table, node.value))
    return added


def _assigned_name(node: ast.Assign) -> str:
    """The variable that a statement assigns to; empty for several targets, or for anything but a name."""
    if len(node.targets) != 1:
        return ""
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def _literal_names(path: str, table: str, value: ast.expr) -> list[str]:
    """The keys of a dict literal of strings. Raises AblateError for any other expression."""
    is_literal = isinstance(value, ast.Dict)
    literals = []
    for key in value.keys if isinstance(value, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            literals.append(key.value)
        else:
            is_literal = False
    if not is_literal:
        raise _error(path, f"defines {table}, but not as a dict literal", f"{table} = {{'name': function}}")
    return literals


def _error(path: str, problem: str, allowed: str) -> AblateError:
    return AblateError(
        f"A plugin file {problem}. Received plugins=[{path}]. Allowed: {allowed}. Type for example "
        "plugins=[my_parts.py], and see docs/plugins.md"
    )
