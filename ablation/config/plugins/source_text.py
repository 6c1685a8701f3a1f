"""The text of a plugin file, parsed without running it, and the errors about it."""

import ast
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ablation.errors import AblateError

Function = ast.FunctionDef | ast.ClassDef  # a function, or a class whose instances are made like a function's results


class PluginFile:
    """A parsed plugin file. Raises AblateError if it cannot be read, or is not Python.

    path: as typed. digest: the SHA-256 of its bytes. values: the expressions that are assigned to names at the top.
    functions: the functions and classes that are defined at the top.
    """

    def __init__(self, path: str):
        self.path = path
        content = read(path)
        self.digest = hashlib.sha256(content).hexdigest()
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise plugin_error(path, f"is not Python ({error})", "a Python file") from error
        self.values = dict(_assignments(tree))
        self.functions = {node.name: node for node in tree.body if isinstance(node, Function)}

    def table(self, name: str) -> dict[str, ast.expr]:
        """The entries of a dict literal, by name; empty if the file does not define it. Raises AblateError."""
        value = self.values.get(name)
        if value is None:
            return {}
        if not isinstance(value, ast.Dict):
            raise self._no_literal(name)
        entries: dict[str, ast.expr] = {}
        for key, entry in zip(value.keys, value.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise self._no_literal(name)
            if key.value in entries:
                raise plugin_error(self.path, f"defines {key.value} in {name} a second time", "each name once")
            entries[key.value] = entry
        return entries

    def _no_literal(self, table: str) -> AblateError:
        return plugin_error(self.path, f"defines {table}, but not as a dict literal", f"{table} = {{'name': function}}")


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The names that are assigned at the top of a module, and the expressions."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            target, value = getattr(node, "name", None), getattr(node, "value", None)  # `type Pool = …`, Python 3.12
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            yield target.id, value


def read(path: str) -> bytes:
    """The bytes of a plugin file. Raises AblateError if it cannot be read."""
    try:
        return location(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise plugin_error(path, f"cannot be read ({reason})", "a Python file") from error


def location(path: str) -> Path:
    """The path of a plugin file, with `~` for the home folder."""
    return Path(os.path.expanduser(path))


def plugin_error(path: str, problem: str, allowed: Any, example: str = "plugins=[my_net.py]") -> AblateError:
    """The error for a plugin file. problem: continues `A plugin file …`. example: what to type."""
    return AblateError(
        f"A plugin file {problem}. Received plugins=[{path}]. Allowed: {allowed}. Type for example {example}, and see "
        "docs/plugins.md"
    )
