"""SHA-256 of many files, computed once: kept by path, size and time of change, so that the next command reads none."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from ablation.data import decoded_cache
from ablation.rundir import files

LARGEST = 2**30  # bytes of a file of hashes: those of some millions of files


class Hashes:
    """Of the files below one folder."""

    def __init__(self, place: Path):
        self.place, self.new = place, False
        try:
            self.known: dict[str, list] = dict(json.loads(files.read_bounded(place, LARGEST)))
        except (OSError, ValueError, TypeError, files.Unreadable):
            self.known = {}

    def of(self, path: Path) -> str:
        """64 hexadecimal digits. Raises OSError."""
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        key = os.fsencode(path.absolute()).hex()
        if self.known.get(key, [None])[:-1] != stamp:
            with open(path, "rb") as file:
                self.known[key] = [*stamp, hashlib.file_digest(file, "sha256").hexdigest()]
            self.new = True
        return self.known[key][-1]

    def keep(self) -> None:
        """Write what is new; where the cache cannot be written, the next command reads again."""
        if not self.new:
            return
        with suppress(OSError):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            files.replace(self.place, json.dumps(self.known).encode(), lasting=False)


def under(folder: Path) -> Hashes:
    """The hashes of the files below a folder, as far as they are known."""
    mark = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]
    return Hashes(decoded_cache.home() / f"hashes-{mark}.json")
