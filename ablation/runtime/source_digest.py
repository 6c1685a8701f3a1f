"""Digest of what source code does, regardless of its path, layout, comments and docstrings.

The source is parsed and its syntax tree is serialised without docstrings, imports and annotations. A name from another
module of the package counts without the module: `structure.name` as `name`. The digest therefore stays the same when a
file is moved, renamed or split within its role; it changes with any expression and with any name. Only the parts of the
tree that Python 3.11 to 3.13 share are serialised, so that all of them give the same digest.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

SILENT = {"ctx", "type_comment", "type_params", "kind", "annotation", "returns"}  # fields without effect on values


def digest(root: Path, roles: Mapping[str, Iterable[str]], only: Mapping[str, Collection[str]]) -> str:
    """The digest of the source of all roles: 64 hexadecimal digits.

    root: the package. roles: for each role, the files and folders, relative to the root, that hold its definitions.
    only: for a role, the names of the definitions that count; a role without an entry counts in full. Raises
    LookupError if a file or a definition is missing.
    """
    total = hashlib.sha256()
    for role, places in sorted(roles.items()):
        pieces: dict[str, list[str]] = {}
        for path in _files(root, places):
            for name, text in statements(path.read_bytes(), root):
                pieces.setdefault(name, []).append(text)
        if missing := sorted(set(only.get(role, ())) - pieces.keys()):
            raise LookupError(f"{role}: no definition of {', '.join(missing)} in {', '.join(places)}")
        counted = [text for name in only.get(role, pieces) for text in pieces[name]]
        total.update(f"{role}\0".encode())
        for piece in sorted(hashlib.sha256(text.encode()).digest() for text in counted):
            total.update(piece)
    return total.hexdigest()


def _files(root: Path, places: Iterable[str]) -> list[Path]:
    files = []
    for place in places:
        path = root / place
        if not path.exists():
            raise LookupError(f"no file or folder {place}")
        files += path.rglob("*.py") if path.is_dir() else [path]
    return files


def statements(source: bytes, root: Path) -> list[tuple[str, str]]:
    """The statements of a module as (name that the statement defines, or "", serialised statement)."""
    tree = ast.parse(source)
    writer = _Writer(tree, root)
    return [(_defined(node), text) for node in tree.body if (text := writer.statement(node))]


def _defined(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return targets[0].id if isinstance(targets[0], ast.Name) else ""


class _Writer:
    """Serialises the syntax trees of one module."""

    def __init__(self, tree: ast.Module, root: Path):
        self.fields: set[int] = set()  # ids of the nodes of annotated names in class bodies
        self.modules: set[str] = set()  # imported names that are modules of the package
        self.names: dict[str, str] = {}  # {name as imported: name in the module that defines it}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == root.name:
                folder = root.joinpath(*(node.module or "").split(".")[1:])
                for alias in node.names:
                    if (folder / alias.name).is_dir() or (folder / f"{alias.name}.py").is_file():
                        self.modules.add(alias.asname or alias.name)
                    else:
                        self.names[alias.asname or alias.name] = alias.name

    def statement(self, node: ast.stmt) -> str:
        """The serialised statement; empty if it has no effect."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            return ""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ""
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return ""
        if isinstance(node, ast.AnnAssign) and id(node) not in self.fields:
            return self.node(ast.Assign([node.target], node.value)) if node.value else ""
        return self.node(node)

    def node(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return f"Name({self.names.get(node.id, node.id)})"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.modules:
            return f"Name({node.attr})"
        if isinstance(node, ast.Constant):
            return f"{type(node.value).__name__}({node.value!r})"
        if isinstance(node, ast.JoinedStr):
            return self._joined(node)
        if isinstance(node, ast.ClassDef):  # an annotated name in a class body is a dataclass field
            self.fields.update(id(part) for part in node.body if isinstance(part, ast.AnnAssign))
        fields = [(name, v) for name, v in ast.iter_fields(node) if name not in SILENT and v is not None and v != []]
        return f"{type(node).__name__}({', '.join(f'{name}={self._field(v)}' for name, v in fields)})"

    def _field(self, value: object) -> str:
        if isinstance(value, list):
            parts = [self.statement(v) if isinstance(v, ast.stmt) else self._field(v) for v in value]
            return f"[{', '.join(filter(None, parts))}]"
        return self.node(value) if isinstance(value, ast.AST) else repr(value)

    def _joined(self, node: ast.JoinedStr) -> str:
        """An f-string with adjacent texts joined, because Python versions split them differently."""
        parts: list[str] = []
        text = ""
        for value in node.values:
            if isinstance(value, ast.Constant):
                text += str(value.value)
                continue
            parts += [repr(text), self.node(value)]
            text = ""
        return f"JoinedStr({', '.join([*parts, repr(text)])})"
