"""Read the metric that a program left: from a JSON file, from a series in JSON lines or a table, or from its output."""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ablation.config.program.spec import LAST, MAX, MIN, MetricSource
from ablation.rundir.files import Unreadable, read_bounded
from ablation.text import list_with_more

LISTED = 8  # keys in a message
MOST_BYTES = 512 * 2**20  # of a file with the metric
OLDER = 2.0  # seconds by which a file's time may precede the start: clocks of file systems are coarse
CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\r(?!\n)"
)  # colours, titles, returns of the carriage
GOES_ON = re.compile(r"[0-9]|[.,][0-9]|e[-+]?[0-9]", re.IGNORECASE)  # what follows a number that is cut off
THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")
PICK: dict[str, Callable[[Sequence[float]], float]] = {LAST: lambda values: values[-1], MAX: max, MIN: min}
TABLES = {".csv": ",", ".tsv": "\t"}


class NoMetric(Exception):
    """The program left no usable metric. The message gives the reason in one clause."""


class WrongMetric(NoMetric):
    """What the program left has no such metric, so that a longer run will not have it either."""


@dataclass(frozen=True)
class Measured:
    """A metric: NaN or infinite if the program wrote that. series: {column: its numbers}, where a series was read."""

    value: float
    series: dict[str, list[float]] = field(default_factory=dict)

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.value)


@dataclass(frozen=True)
class Run:
    """What is known of a run whose program has ended.

    directory: what {dir} stands for, empty when the program started. started: then, in seconds of the epoch. output:
    what it printed. left_out: the bytes in the middle of the output that were not kept.
    """

    directory: Path
    started: float
    output: str
    left_out: int = 0


def read(source: MetricSource, file: Path | None, run: Run) -> Measured:
    """Read the metric of a run. Raises NoMetric. file: with placeholders filled; None for a metric that is printed."""
    if file is None:
        return Measured(_printed(source, run))
    content = _content(file, run)
    if source.file is not None:
        return Measured(_number(_at(_json(content, file.name), source.column.split("."), file.name), source.column))
    rows = _table(content, file) if file.suffix in TABLES else _lines(content, file.name)
    return _of_series(rows, source, file.name)


def _content(file: Path, run: Run) -> str:
    try:
        real = file.resolve(strict=True)  # it may be a link, as to the best of several results
        if not real.is_file():
            raise WrongMetric(f"{file} is no regular file")
        is_in_directory = real.is_relative_to(run.directory.resolve())  # even a copy with an old time is of this run
        if not is_in_directory and real.stat().st_mtime < run.started - OLDER:
            raise NoMetric(f"{file} is older than the run: the program did not write it")
        return read_bounded(real, MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise NoMetric(f"it left no file {file}") from None
    except (OSError, RuntimeError) as error:
        raise NoMetric(f"{file} cannot be read ({getattr(error, 'strerror', None) or error})") from error
    except Unreadable as error:
        raise NoMetric(str(error)) from error
    except UnicodeDecodeError:
        raise WrongMetric(f"{file} is not text in UTF-8") from None


def _json(content: str, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise WrongMetric(f"{name} is not JSON") from None


def _at(value: Any, path: Sequence[str], name: str) -> Any:
    """The value at a path of keys and numbers of items. A key that contains dots may be written as it is."""
    for place, key in enumerate(path):
        rest = ".".join(path[place:])
        if isinstance(value, dict) and rest in value:
            return value[rest]
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.lstrip("-").isdecimal() and -len(value) <= int(key) < len(value):
            value = value[int(key)]
        else:
            raise WrongMetric(f"{name} has no key {'.'.join(path)}; it has {_keys(value)}")
    return value


def _keys(value: Any) -> str:
    if isinstance(value, dict):
        return list_with_more(value, LISTED) or "no keys"
    return f"a list of {len(value)}" if isinstance(value, list) else f"the value {json.dumps(value)[:40]} there"


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongMetric(f"{key} is not a number but {json.dumps(value)[:40]}")
    try:
        return float(value)
    except OverflowError:
        raise WrongMetric(f"{key} is an integer beyond the largest float") from None


# ---------------------------------------------------------------- series


def _lines(content: str, name: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise WrongMetric(f"line {number} of {name} is not JSON") from None
        if not isinstance(row, dict):
            raise WrongMetric(f"line {number} of {name} is not an object")
        rows.append(row)
    return rows


def _table(content: str, file: Path) -> list[dict[str, Any]]:
    usual, head = TABLES[file.suffix], content.partition("\n")[0]
    delimiter = ";" if ";" in head and usual not in head else usual
    reader = csv.DictReader(io.StringIO(content), delimiter=delimiter)
    rows = []
    for row in reader:
        rows.append({key: _cell(text) for key, text in row.items() if key is not None})
    return rows


def _cell(text: str | None) -> Any:
    """A number, a text, or None for an empty cell: Lightning leaves those of metrics empty that a row does not log."""
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _of_series(rows: Sequence[dict[str, Any]], source: MetricSource, name: str) -> Measured:
    """The metric of the rows that have it. Rows of other content, such as those of single steps, are passed over."""
    values = []
    for row in rows:
        value = _nested(row, source.column)
        if value is not None:
            values.append(_number(value, source.column))
    if not values:
        keys: dict[str, None] = {}
        for row in rows:
            keys |= dict.fromkeys(row)
        has = f"it has {list_with_more(keys, LISTED)}" if keys else "it is empty"
        raise NoMetric(f"{name} has no {source.column}; {has}")
    if source.take is None and len(values) > 1:
        raise WrongMetric(f"{name} has {len(values)} values of {source.column}, and take: says which one counts")
    finite = [value for value in values if math.isfinite(value)]
    if source.take in (MAX, MIN) and len(finite) < len(values):
        return Measured(math.nan, _columns(rows, source.column))
    return Measured(PICK[source.take or LAST](values), _columns(rows, source.column))


def _nested(row: dict[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    try:
        return _at(row, column.split("."), "")
    except NoMetric:
        return None


def _columns(rows: Sequence[dict[str, Any]], column: str) -> dict[str, list[float]]:
    """The columns of numbers that every row with the metric has, in the order of the first such row."""
    with_metric = [row for row in rows if _nested(row, column) is not None]
    columns: dict[str, list[float]] = {}
    for name in with_metric[0]:
        values = [row.get(name) for row in with_metric]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            columns[name] = [float(value) for value in values if value is not None]
    return columns


# ---------------------------------------------------------------- output


def without_control(output: str) -> str:
    """The output without colours, and with a line for each state of a progress bar."""
    return CONTROL.sub(lambda match: "\n" if match[0] == "\r" else "", output)


def _printed(source: MetricSource, run: Run) -> float:
    pattern = source.stdout or ""
    output = without_control(run.output)
    matches = list(re.finditer(pattern, output, re.MULTILINE))
    if not matches:
        raise NoMetric(f"nothing that it printed matches {pattern}")
    if run.left_out and source.take != LAST:
        raise WrongMetric(
            f"it printed {run.left_out:,} bytes more than run.log keeps, in which further values may be: take: last is "
            "possible, or a file"
        )
    values = [_printed_number(match, pattern) for match in matches]
    if source.take is None and len(values) > 1:
        raise WrongMetric(f"it printed {len(values)} values that match {pattern}, and take: says which one counts")
    if source.take in (MAX, MIN) and not all(map(math.isfinite, values)):
        return math.nan
    return PICK[source.take or LAST](values)


def _printed_number(match: re.Match[str], pattern: str) -> float:
    """The number in the group of a match. Raises WrongMetric if it is none, or only the beginning of one."""
    text = str(match[1])
    rest = GOES_ON.match(match.string, match.end(1))
    if match[1] is not None and rest is not None:
        raise WrongMetric(
            f"the group of {pattern} matches only {text} of {text}{rest[0]}; a group for all numbers is ([-+.0-9e]+)"
        )
    if "," in text and not THOUSANDS.fullmatch(text):
        raise WrongMetric(f"{text}, which matches {pattern}, has a decimal comma")
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise WrongMetric(f"{text}, which matches {pattern}, is not a number") from None
