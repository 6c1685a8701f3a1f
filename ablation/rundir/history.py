"""`history.csv`."""

import csv
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ablation.rundir.files import Unreadable, read_bounded, replace
from ablation.rundir.layout import HISTORY, HISTORY_COLUMNS
from ablation.rundir.record import RunRecord

if TYPE_CHECKING:
    import numpy as np

MOST_EPOCHS, MOST_COLUMNS = 100_000, 64  # of a history


NUMERIC = b"0123456789.+-enaif"  # what the numbers of a history are written with, nan and inf among them


def write_history(directory: Path, rows: Iterable[dict[str, float]]) -> None:
    """Write history.csv: one row an epoch, numbers in full precision."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HISTORY_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: repr(row[k]) for k in HISTORY_COLUMNS} for row in rows)
    replace(directory / HISTORY, text.getvalue().encode())


def read_history(directory: Path, record: RunRecord) -> list[dict[str, float]]:
    """Read history.csv of a finished run. Raises Unreadable unless it is the very file that the run wrote."""
    rows = read_columns(directory, record).T.tolist()
    if not all(epoch.is_integer() for epoch, *_ in rows):
        raise Unreadable(f"{HISTORY} is not a history")
    return [dict(zip(HISTORY_COLUMNS, (int(epoch), *rest), strict=True)) for epoch, *rest in rows]


def read_columns(directory: Path, record: RunRecord) -> "np.ndarray":
    """Read history.csv as float64 (len(HISTORY_COLUMNS), epochs). Raises as `read_history` does."""
    try:
        content = read_bounded(directory / HISTORY)
    except OSError as error:
        raise Unreadable(f"{HISTORY}: {error.strerror}") from error
    try:
        if hashlib.sha256(content).hexdigest() != record.sha256(HISTORY):
            raise Unreadable(f"{HISTORY} does not match its checksum")
        return _columns(content)
    except ValueError as error:
        raise Unreadable(f"{HISTORY} is not a history") from error


def _columns(content: bytes) -> "np.ndarray":
    """Parse what `write_history` writes. Raises ValueError for anything else, before it takes time or memory."""
    import numpy as np  # not for a mere look at what ran

    head, _, body = content.partition(b"\n")
    if head.count(b",") >= MOST_COLUMNS:
        raise ValueError(HISTORY)
    names, rows = head.decode("ascii").split(","), body.count(b"\n")
    if len(set(names)) != len(names) or not set(HISTORY_COLUMNS) <= set(names) or not 0 < rows <= MOST_EPOCHS:
        raise ValueError(HISTORY)
    shape = (b"," * (len(names) - 1) + b"\n") * rows  # all that is left without the numbers
    if body.translate(None, NUMERIC) != shape:
        raise ValueError(HISTORY)
    table = np.loadtxt(io.BytesIO(body), delimiter=",", comments=None, ndmin=2)
    return table.T[[names.index(name) for name in HISTORY_COLUMNS]]
