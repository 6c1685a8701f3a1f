"""All texts that a person meets, with the file and line where they stand: `python -m support.texts [FOLDER …]`.

Of Python files the docstrings, comments and string literals that are sentences or parts of one; of Markdown, YAML and
templates every line that is no code.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("ablation", "hydra_plugins", "docs", "benchmarks")
PROSE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/reference/*.md")
COMMENTED = ("conf/**/*.yaml", "Makefile")
TEMPLATES = ("ablation/report/html/template/*.html",)


@dataclass(frozen=True)
class Text:
    """A piece of text.

    place: `ablation/errors.py:12`. kind: docstring, comment, string or prose.
    """

    place: str
    kind: str
    text: str


def texts() -> Iterator[Text]:
    """Every text of the project, in the order of its files."""
    for folder in PYTHON:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _of_python(path)
    for pattern in PROSE:
        for path in sorted(ROOT.glob(pattern)):
            yield from _of_prose(path)
    for pattern in COMMENTED:
        for path in sorted(ROOT.glob(pattern)):
            yield from _of_comments(path, path.read_text().splitlines())
    for pattern in TEMPLATES:
        for path in sorted(ROOT.glob(pattern)):
            yield from _of_template(path)


def _place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def _of_python(path: Path) -> Iterator[Text]:
    source = path.read_text()
    tree = ast.parse(source)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                first = node.body[0]
                docstrings.add(id(first.value))
                yield Text(_place(path, first.lineno), "docstring", text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            if re.search(r"[A-Za-z]{2,} [A-Za-z(]", node.value):
                yield Text(_place(path, node.lineno), "string", node.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(_place(path, token.start[0]), "comment", token.string.lstrip("# "))


def _of_prose(path: Path) -> Iterator[Text]:
    """Lines of Markdown outside code blocks and generated screens, without code spans."""
    fenced = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield Text(_place(path, number), "prose", re.sub(r"`[^`]*`", "`…`", line))


def _of_comments(path: Path, lines: list[str]) -> Iterator[Text]:
    for number, line in enumerate(lines, 1):
        comment = line.partition("#")[2]
        if comment.strip():
            yield Text(_place(path, number), "comment", comment.strip("# "))


def _of_template(path: Path) -> Iterator[Text]:
    """Text between tags."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", " ", line).strip()
        if re.search(r"[A-Za-z]{2,} [A-Za-z]", text):
            yield Text(_place(path, number), "prose", text)


if __name__ == "__main__":
    wanted = tuple(sys.argv[1:]) or ("",)
    for each in texts():
        if each.place.startswith(wanted):
            print(f"{each.place} [{each.kind}] {each.text}")
