"""All texts that a person meets, with the file and line where they stand: `python -m support.texts [FOLDER …]`.

Of Python files the docstrings, comments, and string literals that are sentences, parts of one or a capitalised
word; of Markdown every paragraph, list item and table row; of YAML the comments, and the values that are sentences; of
templates every line that is no code; of pyproject.toml the comments and the description.
"""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("ablation", "hydra_plugins", "docs", "benchmarks")
PROSE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/reference/*.md")
COMMENTED = ("conf/**/*.yaml", "mkdocs.yml", "pyproject.toml", "Makefile")
VALUES = ("conf/**/*.yaml", "mkdocs.yml", "CITATION.cff")
TEMPLATES = ("ablation/report/html/template/*.html",)
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z(]")
LABEL = re.compile(r"[A-Z][a-z]{2,}")
ITEM = re.compile(r"\s*(?:[-*] |\d+\. |#+ |\||<!--)")  # begins a block of Markdown without a blank line before it


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
    for pattern in VALUES:
        for path in sorted(ROOT.glob(pattern)):
            yield from _of_values(path, yaml.compose(path.read_text(), yaml.SafeLoader))
    for pattern in TEMPLATES:
        for path in sorted(ROOT.glob(pattern)):
            yield from _of_template(path)
    project = ROOT / "pyproject.toml"
    yield Text(_place(project, 1), "prose", tomllib.loads(project.read_text())["project"]["description"])


def _place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def _of_python(path: Path) -> Iterator[Text]:
    source = path.read_text()
    tree = ast.parse(source)
    not_strings = _quoted_annotations(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                first = node.body[0]
                not_strings.add(id(first.value))
                yield Text(_place(path, first.lineno), "docstring", text)
    yield from _of_strings(path, tree, not_strings)
    lines = source.splitlines()
    comments = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments.append((token.start[0], lines[token.start[0] - 1].lstrip()[0] == "#", token.string.lstrip("# ")))
    yield from _of_blocks(path, comments)


def _quoted_annotations(tree: ast.AST) -> set[int]:
    """The ids of string literals that name a type."""
    annotations = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            annotations.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            annotations.append(node.annotation)
    return {id(part) for annotation in annotations if annotation is not None for part in ast.walk(annotation)}


def _of_strings(path: Path, tree: ast.AST, not_strings: set[int]) -> Iterator[Text]:
    """String literals; of an f-string the whole, with `…` for its values."""
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in ast.walk(node)} - {id(node)}
            text = "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            if re.search(r"[A-Za-z]{2}", text):
                yield Text(_place(path, node.lineno), "string", text)
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _of_strings(path, part.value, not_strings)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in not_strings | parts:
            if SENTENCE.search(node.value) or LABEL.fullmatch(node.value.strip()):
                yield Text(_place(path, node.lineno), "string", node.value)


def _of_blocks(path: Path, comments: list[tuple[int, bool, str]]) -> Iterator[Text]:
    """Comments as (line, whether the line is nothing else, text); such lines below each other are one text."""
    block: list[str] = []
    first = last = 0
    for line, is_alone, text in comments:
        if block and not (is_alone and line == last + 1):
            yield Text(_place(path, first), "comment", " ".join(block))
            block = []
        if not block:
            first = line
        block.append(text)
        last = line if is_alone else -1
    if block:
        yield Text(_place(path, first), "comment", " ".join(block))


def _of_prose(path: Path) -> Iterator[Text]:
    """Blocks of Markdown outside code blocks and generated screens, without code spans."""
    fenced = False
    first, block = 1, ""
    for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
        fence = line.lstrip().startswith("```")
        is_text = bool(line.strip()) and not fence and not fenced and not line.startswith("    ")
        if block and (not is_text or ITEM.match(line)):
            yield Text(_place(path, first), "prose", re.sub(r"`[^`]*`", "`…`", block))
            block = ""
        if is_text:
            first = first if block else number
            block = f"{block} {line.strip()}".strip()
        if fence:
            fenced = not fenced


def _of_comments(path: Path, lines: list[str]) -> Iterator[Text]:
    comments = []
    for number, line in enumerate(lines, 1):
        before, _, comment = line.partition("#")
        if comment.strip("# "):
            comments.append((number, not before.strip(), comment.strip("# ")))
    yield from _of_blocks(path, comments)


def _of_values(path: Path, node: yaml.Node | None) -> Iterator[Text]:
    """Values that are sentences."""
    if isinstance(node, yaml.ScalarNode) and SENTENCE.search(node.value):
        yield Text(_place(path, node.start_mark.line + 1), "prose", node.value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _of_values(path, value)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _of_values(path, value)


def _of_template(path: Path) -> Iterator[Text]:
    """Text between tags."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", " ", line).strip()
        if re.search(r"[A-Za-z]{3,}", text):
            yield Text(_place(path, number), "prose", text)


if __name__ == "__main__":
    wanted = tuple(sys.argv[1:]) or ("",)
    for each in texts():
        if each.place.startswith(wanted):
            print(f"{each.place} [{each.kind}] {each.text}")
