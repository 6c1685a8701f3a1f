"""Cache of SHA-256 hashes of files, keyed by path, size and timestamps, so that later commands need not read them."""

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from ablation.rundir import files

LARGEST = 2**30  # bytes of a cache file: enough for several million hashes


class FileHashes:
    """The hashes of files, cached in one file at `path`; not cached if it is None."""

    def __init__(self, path: Path | None):
        self.path, self._is_changed = path, False
        self._known: dict[str, list] = {}
        if path is not None:
            with suppress(OSError, ValueError, TypeError, files.Unreadable):
                self._known = dict(json.loads(files.read_bounded(path, LARGEST)))

    def sha256(self, path: Path) -> str:
        """The hash of a file: 64 hexadecimal digits. Raises OSError."""
        status = path.stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        key = os.fsencode(path.absolute()).hex()
        if self._known.get(key, [None])[:-1] != stamp:
            with open(path, "rb") as file:
                self._known[key] = [*stamp, hashlib.file_digest(file, "sha256").hexdigest()]
            self._is_changed = True
        return self._known[key][-1]

    def save(self) -> None:
        """Write new hashes to the cache. If that fails, the next command computes them again."""
        if not self._is_changed or self.path is None:
            return
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            files.replace(self.path, json.dumps(self._known).encode(), lasting=False)


def below(folder: Path) -> FileHashes:
    """The cached hashes of the files below a folder."""
    key = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]
    cache = files.cache_home()
    return FileHashes(None if cache is None else cache / f"hashes-{key}.json")
