"""`history.csv`: one row per epoch."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ablation.rundir.files import Unreadable, read_bounded, replace
from ablation.rundir.layout import HISTORY, HISTORY_COLUMNS
from ablation.rundir.record import RunRecord

if TYPE_CHECKING:
    import numpy as np

MAX_EPOCHS, MAX_COLUMNS = 100_000, 64  # of a history
NUMERIC = b"0123456789.+-enaif"  # the characters of numbers, including nan and inf


def write_history(directory: Path, rows: Iterable[dict[str, float]]) -> None:
    """Write history.csv: one row per epoch, numbers in full precision."""
    _write(directory, HISTORY_COLUMNS, ([row[name] for name in HISTORY_COLUMNS] for row in rows))


def write_series(directory: Path, series: Mapping[str, Sequence[float]]) -> None:
    """Write history.csv of a program: the columns that it logged, `epoch` first, counted from 1 if it logged none."""
    length = len(next(iter(series.values())))
    columns = {"epoch": series.get("epoch") or [float(number) for number in range(1, length + 1)], **series}
    _write(directory, columns, zip(*columns.values(), strict=True))


def _write(directory: Path, header: Iterable[str], rows: Iterable[Iterable[float]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(map(repr, row))
    replace(directory / HISTORY, text.getvalue().encode())


def read_history(directory: Path, record: RunRecord) -> list[dict[str, float]]:
    """Read history.csv of a finished run. Raises Unreadable unless the run wrote exactly this file."""
    rows: list[dict[str, float]] = []
    for values in read_columns(directory, record).T.tolist():
        row: dict[str, float] = dict(zip(HISTORY_COLUMNS, values, strict=True))
        if not row["epoch"].is_integer():
            raise Unreadable(f"{HISTORY} is not a valid history")
        row["epoch"] = int(row["epoch"])
        rows.append(row)
    return rows


def read_columns(directory: Path, record: RunRecord) -> "np.ndarray":
    """Read history.csv as float64 (len(HISTORY_COLUMNS), epochs). Raises the same errors as `read_history`."""
    try:
        content = read_bounded(directory / HISTORY)
    except OSError as error:
        raise Unreadable(f"{HISTORY}: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != record.sha256(HISTORY):
        raise Unreadable(f"{HISTORY} does not match its checksum")
    try:
        return _columns(content)
    except ValueError as error:
        raise Unreadable(f"{HISTORY} is not a valid history") from error


def _columns(content: bytes) -> "np.ndarray":
    """Parse a file from `write_history`. Raises ValueError for anything else, before it costs time or memory."""
    import numpy as np  # imported here because commands that only list runs do not need it

    header, _, body = content.partition(b"\n")
    if header.count(b",") >= MAX_COLUMNS:
        raise ValueError(HISTORY)
    names, rows = header.decode("ascii").split(","), body.count(b"\n")
    if len(set(names)) != len(names) or not set(HISTORY_COLUMNS) <= set(names) or not 0 < rows <= MAX_EPOCHS:
        raise ValueError(HISTORY)
    separators = (b"," * (len(names) - 1) + b"\n") * rows  # what must remain once the numbers are deleted
    if body.translate(None, NUMERIC) != separators:
        raise ValueError(HISTORY)
    table = np.loadtxt(io.BytesIO(body), delimiter=",", comments=None, ndmin=2)
    return table.T[[names.index(name) for name in HISTORY_COLUMNS]]
