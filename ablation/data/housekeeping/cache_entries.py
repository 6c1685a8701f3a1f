"""The entries of the cache, decoded images and compiled programs: content, size and last use, and their deletion."""

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ablation.data.decoded_cache import INDEX
from ablation.errors import Busy
from ablation.rundir import files

NAME = re.compile(r"[0-9a-f]{16}")  # of an entry
STAGED_NAME = re.compile(  # of one that is being decoded or deleted
    rf"\.([0-9a-f]{{16}}|{files.COMPILED})\.[0-9a-f]{{8}}{re.escape(files.STAGED)}"
)
HASHES = re.compile(r"hashes-[0-9a-f]{16}\.json")  # of a file with the hashes of an image folder's files
UNKNOWN, INTERRUPTED, FILE_HASHES = "unknown", "interrupted decoding", "hashes of an image folder"
PROGRAMS = "compiled programs of JAX"


@dataclass(frozen=True)
class CacheEntry:
    """An entry. images: how many it has, and form: of each, such as `32×32×3`; None and empty if unknown."""

    path: Path
    data: str
    images: int | None
    form: str
    size: int
    used: datetime
    in_use: bool


def entries() -> list[CacheEntry]:
    """All entries, the most recently used first; none if there is no cache."""
    cache = files.cache_home()
    if cache is None or not cache.is_dir():
        return []
    found = []
    for path in cache.iterdir():
        if not path.is_symlink() and _lock_of(path) is not None:
            with contextlib.suppress(OSError):  # it was deleted meanwhile
                found.append(_entry(path))
    return sorted(found, key=lambda entry: entry.used, reverse=True)


def delete(entry: CacheEntry) -> None:
    """Delete an entry. Raises Busy if a process decodes or uses it, OSError."""
    lock = _lock_of(entry.path)
    with _held(entry.path, lock):
        if entry.path.is_dir():
            aside = files.staged_path(lock.with_suffix("") if lock is not None else entry.path)
            os.rename(entry.path, aside)  # nobody finds half of it
            shutil.rmtree(aside)
        else:
            entry.path.unlink()
        if lock is not None:
            lock.unlink(missing_ok=True)


def _lock_of(path: Path) -> Path | None:
    """The lock of an entry; None for any other file in the cache."""
    staged = STAGED_NAME.fullmatch(path.name)
    name = staged[1] if staged else path.name
    if NAME.fullmatch(name) or HASHES.fullmatch(name) or name == files.COMPILED:
        return path.with_name(f"{name}.lock")
    return None


def _entry(path: Path) -> CacheEntry:
    index: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError, files.Unreadable, RecursionError):
        index = dict(json.loads(files.read_bounded(path / INDEX)))
    data, images, form = index.get("data"), index.get("images"), index.get("form")
    if path.is_file():
        data = FILE_HASHES
    elif _is_programs(path):
        data = PROGRAMS
    elif not index:
        data = INTERRUPTED
    if _is_programs(path):
        changed = max(status.st_mtime for status in (path.stat(), *_statuses(path)))
    else:
        changed = (path / INDEX if index else path).stat().st_mtime
    return CacheEntry(
        path=path,
        data=data if isinstance(data, str) else UNKNOWN,
        images=images if type(images) is int else None,
        form="×".join(map(str, form)) if isinstance(form, list) else "",
        size=_size(path),
        used=datetime.fromtimestamp(changed, UTC),
        in_use=_is_in_use(path),
    )


def _is_programs(path: Path) -> bool:
    """Whether an entry contains compiled programs, even if its deletion was interrupted."""
    lock = _lock_of(path)
    return lock is not None and lock.stem == files.COMPILED


def _size(path: Path) -> int:
    """The bytes of a file, or of the files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(status.st_size for status in _statuses(path))


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    """The status of each file in a folder. Other processes may add and delete files meanwhile."""
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield file.lstat()


def _is_in_use(path: Path) -> bool:
    try:
        with _held(path, None):
            return False
    except Busy:
        return True


@contextlib.contextmanager
def _held(path: Path, lock: Path | None) -> Iterator[None]:
    """Hold an entry, so that nobody begins to use it. lock: that of its decoding; None to disregard it. Raises Busy."""
    with contextlib.ExitStack() as stack:
        try:
            if lock is not None:
                stack.enter_context(FileLock(lock, timeout=0))
            descriptor = os.open(path / INDEX, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it has no index: decoding was interrupted, or it is a file
        except (Timeout, BlockingIOError):
            raise Busy(f"{path} is used by another process. Wait for it") from None
        yield
