"""A user's own parts, from Python files outside the package: the one door (`plugins=[my_parts.py]`).

A file has the dictionaries that the package's own have, of functions with the same signatures (docs/plugins.md):

    BLOCKS = {"ghost": ghost}            then model.block=ghost
    NORMS = {"instance": instance}       then model.norm=instance
    AUGMENTS = {"invert": invert}        then data.augment=invert

Which names a file has is read from its text. It runs where a network is built or trained, and only when the command or
the user's own configuration names it: a record on disk never does.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ablation.errors import AblateError

KEYS = {"BLOCKS": "model.block", "NORMS": "model.norm", "AUGMENTS": "data.augment"}


def names(paths: Sequence[str]) -> dict[str, list[str]]:
    """The values that the files add to each key: `{"model.norm": ["instance"]}`. Runs nothing. Raises AblateError."""
    found: dict[str, list[str]] = {}
    for path in paths:
        tables = _tables(path)
        if not any(tables.values()):
            raise _wrong(path, "has no parts", "NORMS = {'mine': mine} in it, or BLOCKS, or AUGMENTS")
        for key, words in tables.items():
            for word in words:
                if word in found.setdefault(key, []):
                    raise _wrong(path, f"has a {key}={word} as another one has", "each name once")
                found[key].append(word)
    return found


def digests(paths: Sequence[str], values: dict[str, Any]) -> list[str]:
    """SHA-256 of each file of which a part is used. values: `{"model.norm": "instance", …}`. Raises AblateError."""
    used = [p for p in paths if any(values.get(key) in words for key, words in _tables(p).items())]
    return sorted(hashlib.sha256(_source(path)).hexdigest() for path in used)


class Registry:
    """The parts that a process has taken in, and out of which files: none runs twice."""

    def __init__(self):
        self._parts: dict[str, dict[str, Any]] = {table: {} for table in KEYS}
        self._files: dict[str, str] = {}  # path -> SHA-256

    def take(self, path: str) -> None:
        """Run a file and take its parts in, unless that was done. Raises AblateError where it fails."""
        digest = hashlib.sha256(_source(path)).hexdigest()
        if self._files.get(path) == digest:
            return
        spec = importlib.util.spec_from_file_location(f"ablation_plugin_{digest[:16]}", path)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise _wrong(path, f"fails ({type(error).__name__}: {error})", "Python that runs") from error
        for table, parts in self._parts.items():
            parts.update(getattr(module, table, {}))
        self._files[path] = digest

    def parts(self, table: str) -> Mapping[str, Any]:
        return MappingProxyType(self._parts[table])


REGISTRY = Registry()  # of this process


def take(paths: Sequence[str]) -> None:
    """Run the files and take their parts into this process. Raises AblateError for one that fails."""
    for path in paths:
        REGISTRY.take(path)


def own(table: str) -> Mapping[str, Any]:
    """The parts of a table, such as `BLOCKS`, that this process has taken in."""
    return REGISTRY.parts(table)


def _source(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})", "a Python file") from error


def _tables(path: str) -> dict[str, list[str]]:
    try:
        tree = ast.parse(_source(path))
    except (SyntaxError, ValueError) as error:
        raise _wrong(path, f"is no Python ({error})", "a Python file") from error
    found: dict[str, list[str]] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        name = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None
        if name in KEYS:
            keys = node.value.keys if isinstance(node.value, ast.Dict) else [None]
            if not all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys):
                raise _wrong(path, f"has a {name} that is not written out", f"{name} = {{'name': function}}")
            found.setdefault(KEYS[name], []).extend(key.value for key in keys)
    return found


def _wrong(path: str, what: str, allowed: str) -> AblateError:
    return AblateError(
        f"A file of own parts {what}. Received plugins=[{path}]. Allowed: {allowed}. Type for example "
        "plugins=[my_parts.py], and see docs/plugins.md"
    )
