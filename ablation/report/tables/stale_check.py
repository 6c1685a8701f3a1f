"""Check whether a committed table still matches the runs."""

import csv as standard_csv
import difflib
import io
import json as standard_json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report.methods.setting_sentences import COMPUTE
from ablation.report.tables.export import TIMES, csv, json
from ablation.report.tables.latex import latex
from ablation.report.tables.markdown import markdown
from ablation.report.tables.style import BEGIN, END, TableStyle, read_style, recorded_options
from ablation.report.tables.table import Table

TIME_TITLE = re.compile("Time( to |$)")  # title of a column of measured time
RULE = re.compile("^(:?)-{3,}(:?)$")  # the line below the titles in Markdown, as long as its column is wide
Lines = list[str]
Build = Callable[[TableStyle], Table]
USUAL = TableStyle()


@dataclass(frozen=True)
class Comment:
    """A line that is a comment: its text stands between an opening and a closing."""

    opening: str
    closing: str

    def text_of(self, line: str) -> str | None:
        """The text of the comment; None for any other line."""
        if not line.startswith(self.opening) or not line.endswith(self.closing):
            return None
        return line.removeprefix(self.opening).removesuffix(self.closing)


MARKDOWN_COMMENT = Comment("<!-- ", " -->")
LATEX_COMMENT = Comment("% ", "")


@dataclass(frozen=True)
class Committed:
    """A table in a file: its lines, and the options that it records."""

    lines: Lines
    options: str = ""


@dataclass(frozen=True)
class Target:
    """A file format: its writer, and a reader that returns each table of a file as lines to compare."""

    write: Callable[[Table], str]
    read: Callable[[str], list[Committed]]


def check(build: Build, file: Path, typed: TableStyle = USUAL) -> Lines:
    """Compare a committed table with the comparison's; return the lines of a diff, empty where they match.

    build: builds the table in a style. file: .csv, .json, .md or .tex; in the last two, tables are found by their
    markers, and the most similar one counts. typed: the style, unless it is the usual one; each table is then built in
    the style that it records. Measured time is ignored, because it differs when the same runs are repeated. Raises
    AblateError for any other file name, for a file without a table, and for a style that the comparison cannot have.
    """
    suffix = file.suffix.lower()
    if suffix not in TARGETS:
        raise AblateError(
            f"Unknown kind of table to check. Received {printable(str(file))}. Allowed: a file whose name "
            f"ends in {', '.join(TARGETS)}. Type for example --check README.md"
        )
    target = TARGETS[suffix]
    differences, errors = [], []
    for committed in _committed_tables(target, file):
        try:
            style = read_style(committed.options) if typed == USUAL else typed
            (expected,) = target.read(target.write(build(style)))
        except AblateError as error:  # a table of another comparison, with columns or names of its own
            errors.append(error)
            continue
        differences.append(_diff(committed.lines, expected.lines))
    if not differences:
        raise errors[0]
    return min(differences, key=len)


def _committed_tables(target: Target, file: Path) -> list[Committed]:
    if not file.is_file():
        raise _no_table(file, "there is no such file")
    try:
        tables = target.read(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError, standard_csv.Error) as error:
        raise _no_table(file, f"it cannot be read ({printable(str(error))})") from error
    if not tables:
        raise _no_table(file, f"the file has no table between lines with `{BEGIN}` and `{END}`")
    return tables


def _no_table(file: Path, reason: str) -> AblateError:
    return AblateError(
        f"No table to check: {reason}. Received {printable(str(file))}. Allowed: a table that ablate-compare wrote, "
        "with its markers if it is part of a document. Type ablate-compare with the same paths, and copy its table"
    )


def _diff(committed: Lines, expected: Lines) -> Lines:
    """Return the differing lines: `-` marks what the file says, `+` what it should say."""
    changed = []
    for line in difflib.unified_diff(committed, expected, n=0, lineterm=""):
        if line[0] in "-+":
            changed.append(printable(line))
    return changed[2:]  # without the two lines of file names


def _between_markers(text: str, comment: Comment) -> list[Committed]:
    """Return the lines between each pair of markers, without blank ones."""
    tables: list[Committed] = []
    open_table: Committed | None = None
    for line in map(str.strip, text.splitlines()):
        marker = comment.text_of(line)
        options = None if marker is None else recorded_options(marker)
        if options is not None:
            open_table = Committed([], options)
        elif marker == END and open_table is not None:
            tables.append(open_table)
            open_table = None
        elif line and open_table is not None:
            open_table.lines.append(line)
    return tables


# ---------------------------------------------------------------- Markdown and LaTeX


def _read_markdown(text: str) -> list[Committed]:
    """Read the tables, without measured time and without the spaces and dashes that align columns."""
    tables = []
    for table in _between_markers(text, MARKDOWN_COMMENT):
        lines = _without_compute(table.lines, f"- {COMPUTE}")
        tables.append(replace(table, lines=_without_time(lines, _markdown_cells, _is_above_markdown_table)))
    return tables


def _without_compute(lines: Sequence[str], opening: str) -> Lines:
    """Remove the line with the total time and with hardware and software."""
    return [line for line in lines if not line.startswith(opening)]


def _markdown_cells(line: str) -> Lines | None:
    if not line.startswith("|"):
        return None
    return [RULE.sub(r"\1---\2", cell.strip()) for cell in line.strip("|").split("|")]


def _is_above_markdown_table(line: str) -> bool:
    return not line.startswith("|")


def _read_latex(text: str) -> list[Committed]:
    """Read the tables, without measured time."""
    tables = []
    for table in _between_markers(text, LATEX_COMMENT):
        lines = _without_compute(table.lines, COMPUTE)
        tables.append(replace(table, lines=_without_time(lines, _latex_cells, _is_above_latex_table)))
    return tables


def _latex_cells(line: str) -> Lines | None:
    r"""Split a row into cells; an & within a text is escaped as \& and does not separate cells."""
    return line.removesuffix(r"\\").strip().split(" & ") if line.endswith(r"\\") else None


def _is_above_latex_table(line: str) -> bool:
    return line == r"\toprule"


def _without_time(
    lines: Sequence[str], split: Callable[[str], Lines | None], is_above_table: Callable[[str], bool]
) -> Lines:
    """Remove the cells of measured time from the rows; a table's first row says which columns these are.

    split: returns the cells of a row, None for any other line. is_above_table: true for a line
    that may stand above a table.
    """
    kept: Lines = []
    time_columns: set[int] | None = None
    for line in lines:
        if is_above_table(line):
            time_columns = None
        cells = split(line)
        if cells is None:
            kept.append(line)
            continue
        if time_columns is None:
            time_columns = {i for i, title in enumerate(cells) if TIME_TITLE.match(title)}
        kept.append(" | ".join(_without(cells, time_columns)))
    return kept


def _without(cells: Sequence[str], positions: set[int]) -> Lines:
    return [cell for i, cell in enumerate(cells) if i not in positions]


# ---------------------------------------------------------------- CSV and JSON


def _read_csv(text: str) -> list[Committed]:
    rows = list(standard_csv.reader(io.StringIO(text, newline=""), strict=True))
    if not rows:
        return [Committed([])]
    time_columns = {i for i, name in enumerate(rows[0]) if name in TIMES}
    lines = [standard_json.dumps(_without(row, time_columns), ensure_ascii=False) for row in rows]
    return [Committed(lines)]


def _read_json(text: str) -> list[Committed]:
    document = standard_json.loads(text)
    if not isinstance(document, dict):
        return [Committed(standard_json.dumps(document, indent=2, ensure_ascii=False).splitlines())]
    variants, facts = document.get("variants"), document.get("setting")
    if isinstance(variants, list):
        for variant in variants:
            _drop_times(variant)
    if isinstance(facts, dict):
        facts.pop("compute", None)
    chosen = document.pop("style", None)
    options = standard_json.dumps(chosen) if chosen else ""
    return [Committed(standard_json.dumps(document, indent=2, ensure_ascii=False).splitlines(), options)]


def _drop_times(variant: object) -> None:
    """Remove measured times. variant: unchecked, as read from the file."""
    if isinstance(variant, dict):
        for name in TIMES:
            variant.pop(name, None)


TARGETS = {  # by file extension
    ".md": Target(markdown, _read_markdown),
    ".tex": Target(latex, _read_latex),
    ".csv": Target(csv, _read_csv),
    ".json": Target(json, _read_json),
}
