"""Does a committed table still match the runs?"""

import csv as standard_csv
import difflib
import io
import json as standard_json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ablation.comparison.analysis.comparison import Comparison
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report.tables.export import TIMES, csv, json
from ablation.report.tables.latex import latex
from ablation.report.tables.markdown import BEGIN, END, markdown

TIME = re.compile("Time( to |$)")  # the title of a column of measured time


def check(comparison: Comparison, file: Path) -> list[str]:
    """How a committed table differs from the one that the comparison makes now, as lines of a diff; empty: in nothing.

    file: .md, .tex (between the markers, also in a larger document; of several tables the nearest), .csv or .json.
    Measured time is not compared: the same command on the same machine gives another one each time, and a table that
    is stale the moment it is written tells nothing. Raises AblateError for a file that has no such table.
    """
    if file.suffix.lower() not in TARGETS:
        raise AblateError(
            f"Cannot tell what kind of table to check. Received {printable(str(file))}. Allowed: a file whose name "
            f"ends in {', '.join(TARGETS)}. Type for example --check README.md"
        )
    write, lines = TARGETS[file.suffix.lower()]
    now = lines(write(comparison))[0]
    if not file.is_file():
        raise _no_table(file, "there is no such file")
    try:
        tables = lines(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError, standard_csv.Error) as error:
        raise _no_table(file, f"it cannot be read ({printable(str(error))})") from error
    if not tables:
        raise _no_table(file, f"nothing stands between lines with `{BEGIN}` and `{END}`")
    return min((_diff(table, now) for table in tables), key=len)


def _no_table(file: Path, why: str) -> AblateError:
    return AblateError(
        f"No table to check: {why}. Received {printable(str(file))}. Allowed: a table that ablate-compare wrote, "
        "with its markers where it stands in a document. Type ablate-compare with the same paths, and copy its table"
    )


def _diff(then: list[str], now: list[str]) -> list[str]:
    """- what the file says, + what it should say."""
    _, _, *found = difflib.unified_diff(then, now, n=0, lineterm="") if then != now else ("", "")
    return [printable(line) for line in found if line[0] in "-+"]


def _marked(text: str, opening: str, closing: str) -> list[list[str]]:
    """The lines between each pair of markers, without blank ones."""
    tables, open_table = [], None
    for line in map(str.strip, text.splitlines()):
        if line == opening:
            open_table = []
        elif line == closing and open_table is not None:
            tables.append(open_table)
            open_table = None
        elif line and open_table is not None:
            open_table.append(line)
    return tables


def _markdown_lines(text: str) -> list[list[str]]:
    """Tables without measured time, and without the blanks that align a cell."""
    marked = _marked(text, f"<!-- {BEGIN} -->", f"<!-- {END} -->")
    return [_untimed(lines, _markdown_cells, lambda line: not line.startswith("|")) for lines in marked]


def _markdown_cells(line: str) -> list[str] | None:
    if not line.startswith("|"):
        return None
    return [re.sub("^(:?)-{3,}(:?)$", r"\1---\2", cell.strip()) for cell in line.strip("|").split("|")]


def _latex_lines(text: str) -> list[list[str]]:
    """Tables without measured time."""
    marked = _marked(text, f"% {BEGIN}", f"% {END}")
    return [_untimed(lines, _latex_cells, lambda line: line == r"\toprule") for lines in marked]


def _latex_cells(line: str) -> list[str] | None:
    r"""An & of a text is written \&."""
    return line.removesuffix(r"\\").strip().split(" & ") if line.endswith(r"\\") else None


def _untimed(lines: Sequence[str], cells: Callable[[str], list[str] | None], above: Callable[[str], bool]) -> list[str]:
    """The lines, rows without the columns of measured time. above: does the next row begin a table, with its head?"""
    kept, timed = [], None
    for line in lines:
        row = cells(line)
        timed = None if above(line) else timed
        if row is None:
            kept.append(line)
            continue
        timed = {i for i, title in enumerate(row) if TIME.match(title)} if timed is None else timed
        kept.append(" | ".join(cell for i, cell in enumerate(row) if i not in timed))
    return kept


def _csv_lines(text: str) -> list[list[str]]:
    rows = list(standard_csv.reader(io.StringIO(text, newline=""), strict=True))
    timed = {i for i, name in enumerate(rows[0]) if name in TIMES} if rows else set()
    kept = [[cell for i, cell in enumerate(row) if i not in timed] for row in rows]
    return [[standard_json.dumps(row, ensure_ascii=False) for row in kept]]


def _json_lines(text: str) -> list[list[str]]:
    told = standard_json.loads(text)
    rows = told.get("variants") if isinstance(told, dict) else None
    for row in rows if isinstance(rows, list) else ():
        for name in TIMES if isinstance(row, dict) else ():
            row.pop(name, None)
    return [standard_json.dumps(told, indent=2, ensure_ascii=False).splitlines()]


# Ending of a file -> what writes such a table, and what reads the tables in a text as lines to compare.
TARGETS: dict[str, tuple[Callable[[Comparison], str], Callable[[str], list[list[str]]]]] = {
    ".md": (markdown, _markdown_lines),
    ".tex": (latex, _latex_lines),
    ".csv": (csv, _csv_lines),
    ".json": (json, _json_lines),
}
