"""Read CSV and other delimited text: every cell as text, with the line that it is from."""

import csv
import io
import re
from pathlib import Path

import pandas as pd

from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import duplicates, gist, list_with_more

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
BY_SUFFIX = {".tsv": "\t"}  # others are separated by commas, unless their header says otherwise
RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
MOST_LISTED = 6  # names of columns in one message
COMPARED = 20  # lines that have the same number of delimiters, if they are the delimiters
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
EXAMPLE = "Type for example ablate-compare results.csv --variant COLUMN --seed COLUMN --metric COLUMN"


def read_delimited(path: Path, content: bytes) -> pd.DataFrame:
    """Read delimited text; the index of the frame is the number of each row's line. Raises AblateError.

    The delimiter is that of the file's suffix, or else the one that its header has.
    """
    text = _decoded(path, content)
    delimiter = _delimiter(path, text)
    frame = _cells(path, text, delimiter)
    is_blank = (frame == "").all(axis=1)
    frame = frame[~is_blank]
    if frame.empty:
        raise _empty(path)
    header = [str(name).strip() for name in frame.iloc[0]]
    _refuse_numbers(path, header)
    _refuse_duplicates(path, header)
    rows = frame.iloc[1:]
    rows.columns = [name or f"column {place}" for place, name in enumerate(header, 1)]
    if rows.empty:
        raise AblateError(
            f"The table has no rows. Received {printable(str(path))}, which has only the header "
            f"{list_with_more(map(printable, header), MOST_LISTED)}. Allowed: a header and a row for each run. "
            f"{EXAMPLE}"
        )
    return rows if header[0] else _without_row_numbers(rows)


def _decoded(path: Path, content: bytes) -> str:
    encoding = "utf-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(path, f"byte {error.start:,} is not UTF-8") from error
    if "\0" in text:
        raise _no_text(path, "it contains NUL bytes, as binary files do")
    if not text.strip():
        raise _empty(path)
    return text


def _no_text(path: Path, reason: str) -> AblateError:
    return AblateError(
        f"The file is no text. Received {printable(str(path))}: {reason}. Allowed: CSV or TSV in UTF-8; a spreadsheet "
        f"(.xlsx) exported as CSV; Parquet with the suffix .parquet. {EXAMPLE}"
    )


def _empty(path: Path) -> AblateError:
    return AblateError(
        f"The table is empty. Received {printable(str(path))}, without a line. Allowed: a header and a row for each "
        f"run. {EXAMPLE}"
    )


def _delimiter(path: Path, text: str) -> str:
    usual = BY_SUFFIX.get(path.suffix.lower(), ",")
    lines = [line for line in text.splitlines() if line.strip()][:COMPARED]
    counts = {delimiter: [_count(line, delimiter) for line in lines] for delimiter in DELIMITERS}
    regular = {delimiter: own[0] for delimiter, own in counts.items() if own[0] and len(set(own)) == 1}
    if counts[usual][0] and (usual in regular or not regular):
        return usual
    found = regular or {delimiter: own[0] for delimiter, own in counts.items()}
    return max(found, key=lambda delimiter: found[delimiter]) if any(found.values()) else usual


def _count(line: str, delimiter: str) -> int:
    """The number of delimiters outside quotation marks."""
    return len(next(csv.reader([line], delimiter=delimiter), [])) - 1


def _cells(path: Path, text: str, delimiter: str) -> pd.DataFrame:
    """All cells as text, the header included; the index counts lines from 1."""
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, na_filter=False, skip_blank_lines=False
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise _ragged(path, delimiter, error) from error
    frame.index += 1
    return frame.fillna("")


def _ragged(path: Path, delimiter: str, error: Exception) -> AblateError:
    match = RAGGED.search(str(error))
    received = gist(error)
    if match is not None:
        received = f"{match[3]} cells in line {match[2]}, where the lines before have {match[1]}"
    return AblateError(
        f"The lines have different numbers of cells, or a quotation mark is not closed. Received "
        f"{printable(str(path))}, read as separated by {DELIMITERS[delimiter]}: {printable(received)}. Allowed: one "
        "delimiter (comma, semicolon, tab or vertical bar) throughout, the same number of cells in every line, cells "
        f"that contain the delimiter in quotation marks. {EXAMPLE}"
    )


def _refuse_numbers(path: Path, header: list[str]) -> None:
    """Refuse a first line with numbers: without a header, it would be taken for one."""
    numbers = [name for name in header if NUMBER.fullmatch(name)]
    if not numbers:
        return
    raise AblateError(
        f"The first line is no header. Received {printable(str(path))}, whose first line contains the "
        f"number{'s' if len(numbers) > 1 else ''} {list_with_more(numbers, MOST_LISTED)}. Allowed: a first line with "
        "the name of each column, and a row for each run: seeds as columns are turned into rows by pandas.melt. Type a "
        "first line into the file, for example variant,seed,test_accuracy"
    )


def _refuse_duplicates(path: Path, header: list[str]) -> None:
    named = [name for name in header if name]
    repeated = [named[positions[0]] for positions in duplicates(named)]
    if repeated:
        raise AblateError(
            f"Several columns have one name. Received {printable(str(path))}, where there is more than one column "
            f"{list_with_more(map(printable, repeated), MOST_LISTED)}. Allowed: a name for each column that no other "
            f"has. Rename them in the file, for example {printable(repeated[0])}_2"
        )


def _without_row_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without their first column, which has no name, if it counts them as pandas does."""
    first = list(rows.iloc[:, 0])
    return rows.iloc[:, 1:] if first == [str(number) for number in range(len(rows))] else rows
