"""An index of runs in `.index` of their folder, so that the next comparison need not read them again.

A run is looked up by its folder's name. Its row counts only if inode, size and times of run.json and history.csv are
still what they were when it was read; otherwise the run is read again. A run whose files changed within the last
seconds is not stored, because a second change within one tick of the clock could not be seen. An index that is
damaged, of another version, too large, a link or not writable is treated as absent.

The index is trusted as far as the folder is: its checksum is against damage, not against malice. Whoever may write
into the folder of the runs can put anything into it, as they can into a run.json. Its content passes the same checks
as a record, and limits of size, so that it cannot crash, block or fill the process.

The runs of a folder are distributed over files by a hash of their names. A file holds: a line that names the format;
8 bytes, the CRC-32 of the rest; 8 bytes, the length of the head; the head, JSON: `fields` (the names of a row's
values), `texts` (what many runs share), `rows` ([name, key, epochs, values, positions in texts]); the histories of all
rows, float64, column after column.
"""

import json
import os
import stat
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ablation.rundir import files, history, layout

MAGIC = b"ablation index3\n"  # 16 bytes, so that the numbers are aligned
MIN_RUNS = 100  # in a folder; with fewer, reading an index saves no time
FILES = 64  # per folder, over which its runs are distributed, so that a new run changes only one
MAX_FILE_BYTES, MAX_HEAD_BYTES = 16 * 2**20, 4 * 2**20  # of a file, and of its head
MAX_FOLDER_BYTES = 256 * 2**20  # of all files of a folder, which are kept in memory
SETTLED = 2 * 10**9  # nanoseconds after which a file's times show whether it changed
NUMBER = np.dtype("<f8")
Key = list[int]  # inode, size, mtime and ctime of run.json, then of history.csv
ABSENT: Key = [0] * 8


class Row(NamedTuple):
    """A run in the index. values: one per field. texts: shared with other runs. history: float64 (columns, epochs)."""

    values: list
    texts: tuple[str, ...]
    history: np.ndarray


class Entry(NamedTuple):
    """A row, and the key of the run's files when it was read."""

    key: Key
    row: Row


class Schema(NamedTuple):
    """The structure of every row.

    fields: names of its values. columns: the number of columns of a history. usable: returns whether an array, float64
    (columns, any), can contain histories.
    """

    fields: list[str]
    columns: int
    usable: Callable[[np.ndarray], bool]


class Damaged(Exception):
    """A file of the index does not have the format of this module."""


class Indexes:
    """The indexes of all folders that hold at least MIN_RUNS of the runs."""

    def __init__(self, runs: Sequence[Path], schema: Schema):
        self._places = [os.path.split(run) for run in runs]
        names_by_folder: dict[str, set[str]] = defaultdict(set)
        for folder, name in self._places:
            names_by_folder[folder].add(name)
        self._folders: dict[str, Index] = {}
        for folder, names in names_by_folder.items():
            if len(names) >= MIN_RUNS:
                self._folders[folder] = Index(folder, names, schema)

    def get(self, number: int) -> Row | None:
        """The row of a run, given its position in `runs`; None if it is not stored or its files have changed."""
        folder, name = self._places[number]
        index = self._folders.get(folder)
        return None if index is None else index.get(name)

    def keep(self, number: int, row: Row) -> None:
        """Store the row of a run that `get` did not return."""
        folder, name = self._places[number]
        if folder in self._folders:
            self._folders[folder].keep(name, row)

    def write(self) -> None:
        """Write the stored rows to disk. Ignores errors."""
        for index in self._folders.values():
            index.write()


def forget(folder: str, names: Iterable[str], schema: Schema) -> None:
    """Remove runs that were deleted from the index of their folder. Ignores errors."""
    deleted = set(names)
    if os.path.isdir(os.path.join(folder, layout.INDEX)):
        index = Index(folder, deleted, schema)
        index.deleted = deleted
        index.write()


class Index:
    """The index of one folder. names: of the runs that are looked up."""

    def __init__(self, folder: str, names: set[str], schema: Schema):
        self.folder, self.schema = folder, schema
        self.place = os.path.join(folder, layout.INDEX)
        self.opened_at = time.time_ns()
        self.keys: dict[str, Key] = {}  # from before a run was read
        self.new_rows: dict[str, Row] = {}
        self.deleted: set[str] = set()
        self._left = MAX_FOLDER_BYTES
        try:
            self.entries = self._read_all(_file_numbers(names))
        except Damaged:  # or of another version; no file of the folder is used then
            self.entries = {}

    def get(self, name: str) -> Row | None:
        key = _key(f"{self.folder}/{name}")
        entry = self.entries.get(name)
        if entry is not None and entry.key == key:
            return entry.row
        self.keys[name] = key
        return None

    def keep(self, name: str, row: Row) -> None:
        """Store a row unless its files have changed very recently."""
        key = self.keys.get(name, ABSENT)  # also ABSENT if `get` returned a row that turned out to be unusable
        if key == ABSENT:
            return
        last_change = max(*key[2:4], *key[6:8])
        if last_change < self.opened_at - SETTLED:
            self.new_rows[name] = row

    def write(self) -> None:
        """Rewrite the files of runs that were added or deleted, without the rows of runs that no longer exist."""
        changed = self._changed_files()
        try:
            if not changed or not self._has_directory():
                return
            for number, entries in changed.items():
                if not entries:
                    self._file(number).unlink(missing_ok=True)
                    continue
                content = _encode(entries, self.schema)
                if len(content) <= MAX_FILE_BYTES:
                    files.replace(self._file(number), content, lasting=False)  # a torn one fails its checksum
        except OSError:
            return

    def _changed_files(self) -> dict[int, dict[str, Entry]]:
        """The files of runs that were added or deleted, by number, with all their entries."""
        numbers = _file_numbers(self.new_rows.keys() | self.deleted)
        changed: dict[int, dict[str, Entry]] = {number: {} for number in numbers}
        for name, entry in self.entries.items():
            number = _file_number(name)
            if number in changed and _key(f"{self.folder}/{name}") == entry.key:
                changed[number][name] = entry
        for name, row in self.new_rows.items():
            changed[_file_number(name)][name] = Entry(self.keys[name], row)
        return changed

    def _has_directory(self) -> bool:
        """Create the directory of the index if it is missing. Returns whether it is a directory and not a link."""
        if not os.path.lexists(self.place):
            os.mkdir(self.place)
        return stat.S_ISDIR(os.lstat(self.place).st_mode)

    def _file(self, number: int) -> Path:
        return Path(self.place, f"{number:02x}")

    def _read_all(self, numbers: Iterable[int]) -> dict[str, Entry]:
        """The entries of several files. Raises Damaged."""
        entries: dict[str, Entry] = {}
        for number in numbers:
            entries |= self._read(number)
        return entries

    def _read(self, number: int) -> dict[str, Entry]:
        """The entries of one file; empty if it is missing. Raises Damaged."""
        try:
            if not stat.S_ISDIR(os.lstat(self.place).st_mode):
                return {}
            content = files.read_bounded(self._file(number), MAX_FILE_BYTES)
        except OSError:
            return {}
        except files.Unreadable as error:
            raise Damaged from error
        self._left -= len(content)
        if self._left < 0:
            raise Damaged
        entries = _decode(content, self.schema)
        for name in entries:
            if _file_number(name) != number:
                raise Damaged
        return entries


# ---------------------------------------------------------------- the format of a file


def _encode(entries: dict[str, Entry], schema: Schema) -> bytes:
    positions: dict[str, int] = {}  # of the shared texts
    rows = []
    for name, (key, row) in entries.items():
        shared = [positions.setdefault(text, len(positions)) for text in row.texts]
        rows.append([name, key, row.history.shape[1], row.values, shared])
    head = {"fields": schema.fields, "texts": list(positions), "rows": rows}
    encoded_head = json.dumps(head, allow_nan=False).encode()
    encoded_head += b" " * (-len(encoded_head) % 8)
    histories = np.concatenate([entry.row.history for entry in entries.values()], axis=1).astype(NUMBER)
    rest = len(encoded_head).to_bytes(8, "little") + encoded_head + histories.tobytes()
    return MAGIC + checksum(rest) + rest


def _decode(content: bytes, schema: Schema) -> dict[str, Entry]:
    """The entries by name. Raises Damaged."""
    start = len(MAGIC) + 16
    head_bytes = int.from_bytes(content[start - 8 : start], "little")
    if not content.startswith(MAGIC) or head_bytes > min(MAX_HEAD_BYTES, len(content) - start):
        raise Damaged
    if checksum(memoryview(content)[start - 8 :]) != content[len(MAGIC) : start - 8]:
        raise Damaged
    try:
        head = json.loads(content[start : start + head_bytes].decode())
        numbers = np.frombuffer(content, NUMBER, offset=start + head_bytes)
        return _decode_head(head, numbers, schema)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise Damaged from error


def _decode_head(head: dict[str, Any], numbers: np.ndarray, schema: Schema) -> dict[str, Entry]:
    """The entries by name. Raises Damaged, or Python's own errors for wrong types."""
    texts = head["texts"]
    if head["fields"] != schema.fields or any(type(text) is not str for text in texts):
        raise Damaged
    ends = [0]  # of the rows' histories, one after the other
    for name, _, epochs, _, _ in head["rows"]:
        if type(name) is not str or "/" in name or "\0" in name:
            raise Damaged
        if type(epochs) is not int or not 0 < epochs <= history.MAX_EPOCHS:
            raise Damaged
        ends.append(ends[-1] + epochs)
    histories = numbers.reshape(schema.columns, ends[-1]).astype(float, copy=False)
    if not schema.usable(histories):
        raise Damaged
    entries = {}
    for (name, key, _, values, shared), (start, end) in zip(head["rows"], pairwise(ends), strict=True):
        if len(values) == len(schema.fields):
            row_texts = tuple([texts[position] for position in shared])
            entries[name] = Entry(key, Row(values, row_texts, histories[:, start:end]))
    return entries


def checksum(content: bytes | memoryview) -> bytes:
    """A checksum of 8 bytes, which detects damage."""
    return zlib.crc32(content).to_bytes(8, "little")


# ---------------------------------------------------------------- the files of a run


def _file_numbers(names: Iterable[str]) -> list[int]:
    """The numbers of the files that contain these runs."""
    return sorted({_file_number(name) for name in names})


def _file_number(name: str) -> int:
    """The number of the file that contains a run."""
    return zlib.crc32(name.encode(errors="surrogatepass")) % FILES


def _key(run: str) -> Key:
    """Inode, size and times of run.json and history.csv; ABSENT unless both are regular files."""
    key: Key = []
    for name in (layout.RECORD, layout.HISTORY):
        try:
            status = os.lstat(f"{run}/{name}")
        except OSError:
            return ABSENT
        if not stat.S_ISREG(status.st_mode):
            return ABSENT
        key += (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return key
