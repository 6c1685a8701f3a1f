"""What a comparison has read of the runs in a folder, kept beside them in `.index`, so that the next look reads less.

A run is looked up by its folder's name, and found only where inode, size and times of its run.json and history.csv are
what they were when it was read; else it is read anew. A run whose files changed within the last seconds is not kept: a
second change within one tick of the clock would leave no trace. What is damaged, of another version, too large, a link
or not writable is as if it were not there.

Believed is that the index was written by this program: its checksum is against damage, not against malice. Whoever may
write into the folder of the runs can make it say anything, as they can make a run.json say anything. Its content
passes the checks that a record passes, and limits of size, so that it cannot stop, hang or fill the process.

A file holds the runs whose names hash to it: a line that names the format; 8 bytes, the CRC-32 of what follows; 8
bytes, the length of the head; the head, JSON: `fields` (of a row's values), `texts` (of what many runs share), `rows`
([name, key, epochs, values, texts by number]); the histories of all rows, float64, column after column.
"""

import json
import os
import stat
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ablation.rundir import files, history, layout

MAGIC = b"ablation index3\n"  # 16 bytes, so that the numbers are aligned
FEWEST = 100  # runs of one folder that are worth an index
FILES = 64  # that the runs of a folder are spread over: a new run changes one
LARGEST, LARGEST_HEAD = 16 * 2**20, 4 * 2**20  # bytes of a file, and of its head
LARGEST_ALL = 256 * 2**20  # bytes of all files of a folder: they are kept in memory
SETTLED = 2 * 10**9  # nanoseconds after which a file's times tell whether it changed
NUMBER = np.dtype("<f8")
Key = list[int]
ABSENT: Key = [0] * 8


class Row(NamedTuple):
    """values: one a field. texts: what other runs share. history: float64 (columns, epochs)."""

    values: list
    texts: tuple[str, ...]
    history: np.ndarray


class Damaged(Exception):
    """A file of the index is not what this module writes."""


class Indexes:
    """The indexes of all folders that hold at least FEWEST of the runs.

    fields: the names of a row's values. columns: of a history. sound: may float64 (columns, any) be histories?
    """

    def __init__(self, runs: Sequence[Path], fields: Sequence[str], columns: int, sound: Callable[[np.ndarray], bool]):
        self._places = [os.path.split(run) for run in runs]
        folders: dict[str, set[str]] = defaultdict(set)
        for folder, name in self._places:
            folders[folder].add(name)
        self._folders = {
            folder: Index(folder, names, fields, columns, sound)
            for folder, names in folders.items()
            if len(names) >= FEWEST
        }

    def get(self, number: int) -> Row | None:
        """What is known of a run, by its place in `runs`, if its files have not changed."""
        folder, name = self._places[number]
        return self._folders[folder].get(name) if folder in self._folders else None

    def keep(self, number: int, row: Row) -> None:
        """Keep what was read of a run after `get` did not know it."""
        folder, name = self._places[number]
        if folder in self._folders:
            self._folders[folder].keep(name, row)

    def write(self) -> None:
        """Bring what was kept to the disk, where that is possible."""
        for index in self._folders.values():
            index.write()


class Index:
    """The index of one folder. names: of the runs that are looked at; the rest as in Indexes."""

    def __init__(
        self, folder: str, names: set[str], fields: Sequence[str], columns: int, sound: Callable[[np.ndarray], bool]
    ):
        self.folder, self.place = folder, os.path.join(folder, layout.INDEX)
        self.fields, self.columns, self.sound = list(fields), columns, sound
        self.began = time.time_ns()
        self.keys: dict[str, Key] = {}  # as they were before a run was read
        self.fresh: dict[str, Row] = {}
        self.known: dict[str, tuple[Key, Row]] = {}
        self._left = LARGEST_ALL
        try:
            for number in sorted({_number(name) for name in names}):
                self.known |= self._read(number)
        except Damaged:  # or of another version: what it said so far is not believed either
            self.known = {}

    def get(self, name: str) -> Row | None:
        key = _key(f"{self.folder}/{name}")
        known = self.known.get(name)
        if known and known[0] == key:
            return known[1]
        self.keys[name] = key
        return None

    def keep(self, name: str, row: Row) -> None:
        key = self.keys.get(name, ABSENT)  # none where a row was found, and then was no good
        if key != ABSENT and max(*key[2:4], *key[6:8]) < self.began - SETTLED:
            self.fresh[name] = row

    def write(self) -> None:
        """Write the files that a run was added to; rows of runs that are gone go."""
        changed: dict[int, dict[str, tuple[Key, Row]]] = {_number(name): {} for name in self.fresh}
        for name, (key, row) in self.known.items():
            if (number := _number(name)) in changed and _key(f"{self.folder}/{name}") == key:
                changed[number][name] = key, row
        for name, row in self.fresh.items():
            changed[_number(name)][name] = self.keys[name], row
        try:
            if changed and self._ready():
                for number, rows in changed.items():
                    content = self._encode(rows)
                    if len(content) <= LARGEST:
                        files.replace(self._file(number), content, lasting=False)  # its checksum tells a torn one
        except OSError:
            return

    def _ready(self) -> bool:
        """Is there a folder for the index? Made where there is none; what a link leads to is not ours."""
        if not os.path.lexists(self.place):
            os.mkdir(self.place)
        return stat.S_ISDIR(os.lstat(self.place).st_mode)

    def _file(self, number: int) -> Path:
        return Path(self.place, f"{number:02x}")

    def _read(self, number: int) -> dict[str, tuple[Key, Row]]:
        """The rows of one file; none where it is missing. Raises Damaged."""
        try:
            if not stat.S_ISDIR(os.lstat(self.place).st_mode):
                return {}
            content = files.read_bounded(self._file(number), LARGEST)
        except OSError:
            return {}
        except files.Unreadable as error:
            raise Damaged from error
        self._left -= len(content)
        if self._left < 0:
            raise Damaged
        rows = self._decode(content)
        if any(_number(name) != number for name in rows):
            raise Damaged
        return rows

    def _encode(self, rows: dict[str, tuple[Key, Row]]) -> bytes:
        numbers: dict[str, int] = {}
        told = [
            [name, key, row.history.shape[1], row.values, [numbers.setdefault(t, len(numbers)) for t in row.texts]]
            for name, (key, row) in rows.items()
        ]
        head = json.dumps({"fields": self.fields, "texts": list(numbers), "rows": told}, allow_nan=False).encode()
        head += b" " * (-len(head) % 8)
        histories = np.concatenate([row.history for _, row in rows.values()], axis=1).astype(NUMBER)
        rest = len(head).to_bytes(8, "little") + head + histories.tobytes()
        return MAGIC + checksum(rest) + rest

    def _decode(self, content: bytes) -> dict[str, tuple[Key, Row]]:
        start = len(MAGIC) + 16
        length = int.from_bytes(content[start - 8 : start], "little")
        if not content.startswith(MAGIC) or length > min(LARGEST_HEAD, len(content) - start):
            raise Damaged
        if checksum(memoryview(content)[start - 8 :]) != content[len(MAGIC) : start - 8]:
            raise Damaged
        try:
            head = json.loads(content[start : start + length].decode())
            if head["fields"] != self.fields or not all(type(text) is str for text in head["texts"]):
                raise Damaged
            return self._rows(head["rows"], head["texts"], np.frombuffer(content, NUMBER, offset=start + length))
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise Damaged from error

    def _rows(self, rows: list, texts: list[str], numbers: np.ndarray) -> dict[str, tuple[Key, Row]]:
        """Cut the histories by row. Raises Damaged, or what Python raises for wrong types."""
        ends = np.cumsum([0, *(epochs for _, _, epochs, _, _ in rows)])
        if any(type(epochs) is not int or not 0 < epochs <= history.MAX_EPOCHS for _, _, epochs, _, _ in rows):
            raise Damaged
        histories = numbers.reshape(self.columns, int(ends[-1])).astype(float, copy=False)
        if not self.sound(histories):
            raise Damaged
        if any(type(name) is not str or "/" in name or "\0" in name for name, *_ in rows):
            raise Damaged
        return {
            name: (key, Row(values, tuple([texts[i] for i in shared]), histories[:, start:end]))
            for (name, key, _, values, shared), start, end in zip(rows, ends.tolist(), ends[1:].tolist(), strict=False)
            if len(values) == len(self.fields)
        }


def checksum(content: bytes | memoryview) -> bytes:
    """8 bytes, against damage."""
    return zlib.crc32(content).to_bytes(8, "little")


def _number(name: str) -> int:
    """The file that a run's row is in."""
    return zlib.crc32(name.encode(errors="surrogatepass")) % FILES


def _key(run: str) -> Key:
    """Inode, size and times of run.json and history.csv; zeros for one that is no plain file."""
    key: Key = []
    for name in (layout.RECORD, layout.HISTORY):
        try:
            told = os.lstat(f"{run}/{name}")
        except OSError:
            return ABSENT
        if not stat.S_ISREG(told.st_mode):
            return ABSENT
        key += (told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)
    return key
