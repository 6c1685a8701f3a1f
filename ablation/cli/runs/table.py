"""The table of runs: one line each, fitted to the width of a terminal, or complete for a pipe or a file."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.cells import cell_len
from rich.text import Text

from ablation.cli.runs.selection import Row
from ablation.comparison.reading.conditions import age
from ablation.redaction import printable
from ablation.rundir.record import RESULT
from ablation.text import plural, size

GAP, INDENT = "  ", "    "
STYLES = {"failed": "red", "unreadable": "red", "diverged": "yellow", "interrupted": "yellow", "running": "cyan"}
# Columns that a narrow terminal leaves out, least important first.
DROP_ORDER = ("val_accuracy", "data", "size", "experiment", "tags", "age", "test_accuracy", "seed", "result")
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Column:
    """A column. least: the width to which its texts may be shortened; 0 if they may not. keeps_end: in doing so."""

    key: str
    title: str
    text: Callable[[Row], str]
    is_number: bool = False
    least: int = 0
    keeps_end: bool = False


def age_text(seconds: float | None) -> str:
    """`42 s`, `12 min`, `5 h`, `3 d`; empty if it is unknown."""
    if seconds is None:
        return ""
    if seconds < 2 * MINUTE:
        return f"{max(0, round(seconds))} s"
    if seconds < 2 * HOUR:
        return f"{round(seconds / MINUTE)} min"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)} h"
    return f"{round(seconds / DAY):,} d"


def _columns(is_flat: bool, is_complete: bool) -> list[Column]:
    """All columns. is_flat: with the experiment, which is otherwise a heading. is_complete: with the reason."""
    now = datetime.now(UTC)
    columns = [
        Column("status", "Status", lambda row: row.listed.status),
        Column("variant", "Variant", lambda row: row.place.variant, least=16),
        Column("data", "Data", lambda row: row.listed.run.data if row.listed.run else ""),
        Column("seed", "Seed", lambda row: "" if row.listed.seed is None else str(row.listed.seed), is_number=True),
        Column("val_accuracy", "Val acc", lambda row: _accuracy(row.run and row.run.val_accuracy), is_number=True),
        Column("test_accuracy", "Test acc", lambda row: _accuracy(row.run and row.run.test_accuracy), is_number=True),
        Column("result", "Result", _result),
        Column("age", "Age", lambda row: age_text(age(row.listed.started, now)), is_number=True),
        Column("size", "Size", lambda row: size(row.listed.size), is_number=True),
        Column("tags", "Tags", lambda row: ", ".join(row.listed.tags), least=12),
        Column("path", "Path", lambda row: str(row.listed.path), least=20, keeps_end=True),
    ]
    if is_flat:
        columns.insert(1, Column("experiment", "Experiment", lambda row: row.place.experiment, least=16))
    if is_complete:
        columns.append(Column("reason", "Reason", lambda row: row.listed.reason))
    return columns


def _result(row: Row) -> str:
    """`loss 0.25` of a program's run; empty for our own, which have accuracies."""
    results = {} if row.run is None else row.run.metrics.scores.get(RESULT) or {}
    return ", ".join(f"{name} {value:.6g}" for name, value in results.items())


def _accuracy(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


class RunsTable:
    """The table of some runs. width: of the terminal in characters; None for a pipe or a file."""

    def __init__(self, rows: Sequence[Row], is_flat: bool, width: int | None):
        self.rows, self.is_flat, self.width = rows, is_flat, width
        cells: dict[str, list[str]] = {}
        columns = []
        for column in _columns(is_flat, is_complete=width is None):
            texts = [printable(column.text(row)) for row in rows]
            if any(texts):
                columns.append(column)
                cells[column.key] = texts
        self.columns = columns if width is None else _fitting(columns, cells, width)
        self.hidden = [column.title for column in columns if column not in self.columns]
        widths = _widths(self.columns, cells, width)
        self._widths = dict(zip((column.key for column in self.columns), widths, strict=True))
        self._cells = cells

    def lines(self) -> Iterator[Text]:
        """The lines of the table: for each experiment a heading and its runs; if it is flat, all runs."""
        for number, (experiment, positions) in enumerate(self._groups().items()):
            if number:
                yield Text()
            if experiment:
                yield Text(f"{printable(experiment)}: {plural(len(positions), 'run')}", "bold")
            yield Text(self._line({column.key: column.title for column in self.columns}), "bold")
            for position in positions:
                yield from self._lines_of_run(position)

    def _groups(self) -> dict[str, list[int]]:
        """The positions of the rows of each experiment; all below an empty name if the table is flat."""
        groups: dict[str, list[int]] = {}
        for position, row in enumerate(self.rows):
            groups.setdefault("" if self.is_flat else row.place.experiment, []).append(position)
        return groups

    def _lines_of_run(self, position: int) -> Iterator[Text]:
        line = Text(self._line({column.key: self._cells[column.key][position] for column in self.columns}))
        listed = self.rows[position].listed
        if listed.status in STYLES:
            line.stylize(STYLES[listed.status], 0, len(listed.status))
        yield line
        if self.width is not None:
            wrapped = textwrap.wrap(printable(listed.reason), max(20, self.width - len(INDENT)))
            for part in wrapped:
                yield Text(f"{INDENT}{part}", "dim")

    def _line(self, texts: dict[str, str]) -> str:
        parts = []
        for column in self.columns:
            width = self._widths[column.key]
            text = _cut(texts[column.key], width, column.keeps_end)
            blanks = " " * (width - cell_len(text))
            parts.append(f"{blanks}{text}" if column.is_number else f"{text}{blanks}")
        return GAP.join(parts).rstrip()


def _width(column: Column, cells: dict[str, list[str]]) -> int:
    """Width of the title or the widest cell."""
    return max(cell_len(column.title), *map(cell_len, cells[column.key]))


def _least(column: Column, cells: dict[str, list[str]]) -> int:
    width = _width(column, cells)
    return min(width, column.least) if column.least else width


def _fitting(columns: Sequence[Column], cells: dict[str, list[str]], width: int) -> list[Column]:
    """The columns that fit into a width, in their order; see DROP_ORDER."""
    kept = list(columns)
    for key in DROP_ORDER:
        least = [_least(column, cells) for column in kept]
        if sum(least) + len(GAP) * (len(kept) - 1) <= width:
            break
        kept = [column for column in kept if column.key != key]
    return kept


def _widths(columns: Sequence[Column], cells: dict[str, list[str]], width: int | None) -> list[int]:
    """Give each column its least width, and the rest to the first columns that need more."""
    needed = [_width(column, cells) for column in columns]
    if width is None:
        return needed
    widths = [_least(column, cells) for column in columns]
    left = width - sum(widths) - len(GAP) * (len(columns) - 1)
    for i, most in enumerate(needed):
        more = max(0, min(left, most - widths[i]))
        widths[i] += more
        left -= more
    return widths


def _cut(text: str, width: int, keeps_end: bool) -> str:
    """Shorten a text to a width, at its end or at its beginning."""
    if cell_len(text) <= width:
        return text
    kept = text
    while kept and cell_len(kept) > width - 1:
        kept = kept[1:] if keeps_end else kept[:-1]
    return f"…{kept}" if keeps_end else f"{kept}…"


def status_counts(rows: Iterable[Row]) -> str:
    """`160 completed, 5 failed`, the most frequent status first."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.listed.status] = counts.get(row.listed.status, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {status}" for status, count in ordered)


def total_size(rows: Iterable[Row]) -> int:
    """The bytes of all runs together."""
    return sum(row.listed.size for row in rows)
