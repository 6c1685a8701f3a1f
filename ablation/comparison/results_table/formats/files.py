"""Read a file of results by its suffix: CSV, TSV, Parquet, JSON or JSON lines."""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from ablation.comparison.results_table.formats.delimited import EXAMPLE, read_delimited
from ablation.comparison.results_table.sheet import Sheet, cleaned
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import gist, size

GZIP = ".gz"
MAX_BYTES = 500 * 10**6  # of one file
MAX_ROWS = 2_000_000  # of one file
PACKED = b"PK\x03\x04", b"\x1f\x8b"  # how spreadsheets, and other packed files, begin


def read_file(path: Path) -> Sheet:
    """Read the rows of a file. Raises AblateError if it has none that can be read."""
    is_packed = path.suffix.lower() == GZIP
    suffix = path.with_suffix("").suffix if is_packed else path.suffix
    read = READERS.get(suffix.lower())
    if read is None:
        raise AblateError(
            f"Unknown form of results. Received {printable(str(path))}. Allowed: files with the suffix "
            f"{', '.join(READERS)}, and folders with TensorBoard, Lightning or Keras logs. {EXAMPLE}"
        )
    content = _content(path)
    if is_packed:
        content = _unpacked(path, content)
    frame = read(path, content)
    if len(frame) > MAX_ROWS:
        raise _too_large(path, f"{len(frame):,} rows")
    places = tuple(path / f"row {number}" for number in frame.index)
    return Sheet(cleaned(frame), places, path.name)


def _content(path: Path) -> bytes:
    try:
        length = path.stat().st_size
        if length > MAX_BYTES:
            raise _too_large(path, size(length))
        return path.read_bytes()
    except OSError as error:
        raise AblateError(
            f"The table cannot be read: {error.strerror}. Received {printable(str(path))}. Allowed: a readable file. "
            f"{EXAMPLE}"
        ) from error


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            whole = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, "gzip", gist(error)) from error
    if len(whole) > MAX_BYTES:
        raise _too_large(path, f"more than {size(MAX_BYTES)} unpacked")
    return whole


def _too_large(path: Path, received: str) -> AblateError:
    return AblateError(
        f"The table is too large for one row per run. Received {printable(str(path))}, with {received}. Allowed: at "
        f"most {size(MAX_BYTES)} and {MAX_ROWS:,} rows. Export the runs' final values only. {EXAMPLE}"
    )


def _text_table(path: Path, content: bytes) -> pd.DataFrame:
    if content.startswith(PACKED):
        raise AblateError(
            f"The file is packed, whatever its suffix. Received {printable(str(path))}, which begins as a spreadsheet "
            "(.xlsx) or another ZIP or gzip file. Allowed: text in UTF-8. Save it as CSV, or unpack it; then type for "
            f"example ablate-compare {printable(path.stem)}.csv"
        )
    return read_delimited(path, content)


# ---------------------------------------------------------------- Parquet and JSON


def _parquet(path: Path, content: bytes) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except ImportError as error:
        raise AblateError(
            f"Parquet cannot be read without pyarrow. Received {printable(str(path))}. Allowed: an installed pyarrow, "
            "or the table as CSV. Type pip install pyarrow"
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, "Parquet", gist(error)) from error
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return _numbered(path, frame.reset_index(level=named) if named else frame)


def _json(path: Path, content: bytes) -> pd.DataFrame:
    try:
        return _numbered(path, _records(json.loads(content)))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(path, "JSON with a list of rows", gist(error)) from error


def _records(document: Any) -> pd.DataFrame:
    """The rows of a document, in any of the orientations of pandas' to_json."""
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        data = document["data"]
        if isinstance(document.get("columns"), list):
            return pd.DataFrame(data, columns=document["columns"])
        return pd.json_normalize(data)
    if isinstance(document, dict):
        return pd.DataFrame({name: _column(values) for name, values in document.items()})
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ValueError("it is neither a list of objects nor an object of columns")
    return pd.json_normalize(document)


def _column(values: Any) -> Any:
    """A column of an object of columns: a list, or an object by row."""
    if not isinstance(values, list | dict):
        raise ValueError("it has values beside its columns")
    return list(values.values()) if isinstance(values, dict) else values


def _json_lines(path: Path, content: bytes) -> pd.DataFrame:
    rows, numbers = [], []
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _unreadable(path, "JSON lines", f"line {number}: {gist(error)}") from error
        if not isinstance(row, dict):
            raise _unreadable(path, "JSON lines", f"line {number} is no object")
        rows.append(row)
        numbers.append(number)
    frame = _numbered(path, pd.json_normalize(rows))
    frame.index = pd.Index(numbers)
    return frame


def _numbered(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with texts as names of its columns, and its rows counted from 1. Raises AblateError without a row."""
    if frame.empty:
        raise AblateError(
            f"The table has no rows. Received {printable(str(path))}. Allowed: a row for each run. {EXAMPLE}"
        )
    frame = frame.reset_index(drop=True)
    frame.columns = [str(name) for name in frame.columns]
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise _unreadable(path, "a table with a name for each column", f"several columns {repeated[0]}")
    frame.index += 1
    return frame


def _unreadable(path: Path, form: str, reason: str) -> AblateError:
    return AblateError(
        f"The file cannot be read as {form}. Received {printable(str(path))}: {printable(reason)}. Allowed: {form}, "
        f"one row for each run. {EXAMPLE}"
    )


READERS: dict[str, Callable[[Path, bytes], pd.DataFrame]] = {
    ".csv": _text_table,
    ".tsv": _text_table,
    ".log": _text_table,
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
}
