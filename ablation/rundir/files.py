"""Atomic writes and bounded reads."""

import errno
import hashlib
import io
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ablation.errors import AblateError, Failed
from ablation.rundir.layout import STAGED

LARGEST = 64 * 2**20  # bytes of a file that is read whole, and of run.json


class Unreadable(Exception):
    """A file is not what this format says: why, in a few words."""


class Foreign(Unreadable):
    """A file of this name that no run has written."""


def refuse_links(*places: Path) -> None:
    """What a run writes stays where it is said to be: no link within it leads elsewhere. Raises AblateError."""
    for place in places:
        for path in (place, *(place.rglob("*") if place.is_dir() else ())):
            if path.is_symlink():
                raise AblateError(
                    f"A link lies where a run is written, and what it leads to is not the run's. Received {path}, "
                    f"which leads to {os.readlink(path)}. Allowed: files and folders. Move it away, or type another "
                    "outputs="
                )


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn an OSError into the paragraph that names the place."""
    try:
        yield
    except OSError as error:
        raise unwritable(error, place, began=False) from error


def unwritable(error: OSError, place: Path, began: bool) -> AblateError:
    """The paragraph for an OSError. began: something was committed before, and stands."""
    stands = " What was committed stands: make room and type the same command again." if began else ""
    return (Failed if began else AblateError)(
        f"Cannot write to {error.filename or place}: {error.strerror}. Received outputs={place}. "
        f"Allowed: a folder that you may write to, on a disk with room. Type for example outputs=/tmp/outputs.{stands}"
    )


def create(path: Path) -> BinaryIO:
    """Open a new file to be written. Every file of a run that is written whole begins here."""
    return open(path, "wb")


@contextmanager
def replacing(path: Path, lasting: bool = True) -> Iterator[BinaryIO]:
    """Write a file whole or not at all: staged beside it, synced, renamed over it; the rename is synced too.

    Without lasting nothing waits for the disk: a power cut may leave a torn file, or the one before.
    """
    staged = staged_path(path)
    try:
        with create(staged) as file:
            yield file
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    if lasting:
        sync(path.parent)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Fill a folder whole or not at all: beside it, then renamed into its place, from which an earlier one goes.

    Nothing waits for the disk: after a power cut the files of the folder may be torn.
    """
    staged = staged_path(path)
    staged.mkdir()
    try:
        yield staged
        shutil.rmtree(path, ignore_errors=True)
        os.replace(staged, path)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def staged_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{STAGED}")


def sync(folder: Path) -> None:
    """Bring a folder's entries to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def replace(path: Path, content: bytes, lasting: bool = True) -> None:
    """Write a file of this content, whole or not at all; lasting as in `replacing`."""
    with replacing(path, lasting) as file:
        file.write(content)


def remove_partial(directory: Path) -> None:
    """Take away what a killed process left half written."""
    for staged in directory.rglob(f".*{STAGED}"):
        staged.unlink(missing_ok=True)


def record_checksum(record: dict[str, Any]) -> str:
    text = json.dumps({k: v for k, v in record.items() if k != "checksum"}, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_bounded(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a regular file of a sensible size: a pipe would block, a sparse giant would fill the memory.

    Raises OSError, and Unreadable for what is no file: a link is not followed.
    """
    with open_regular(path) as (file, size):
        if size > largest:
            raise Unreadable(f"{path.name} is larger than {largest // 2**20} MiB")
        content = file.read(size) if size else b""
    if len(content) != size:
        raise Unreadable(f"{path.name} changed while it was read")
    return content


def tail(path: Path, most: int) -> bytes:
    """The end of a regular file of any size, at most so many bytes. Raises as `whole` does."""
    with open_regular(path) as (file, size):
        file.seek(max(0, size - most))
        return file.read(most) or b""


@contextmanager
def open_regular(path: Path) -> Iterator[tuple[io.FileIO, int]]:
    """A regular file that is no link, opened without waiting, and its size."""
    kept = os.lstat(path)
    if stat.S_ISLNK(kept.st_mode):
        raise Unreadable(f"{path.name} is a link, which is not followed")
    if not stat.S_ISREG(kept.st_mode):
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # what it is now may be another thing
    with open(opened, "rb", buffering=0) as file:
        kept = os.fstat(opened)
        if not stat.S_ISREG(kept.st_mode):
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        yield file, kept.st_size


def digest(told: Any) -> str:
    """Of plain values, 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
