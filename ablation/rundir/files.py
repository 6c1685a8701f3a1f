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

MAX_BYTES = 64 * 2**20  # the largest file that is read into memory
COMPILED = "jax"  # the folder of JAX's compiled programs, in the cache folder


class Unreadable(Exception):
    """A file that does not follow the on-disk format. The message gives the reason in a few words."""


class Foreign(Unreadable):
    """A file with the name of one of ours that another program wrote."""


def refuse_links(*paths: Path) -> None:
    """Raise AblateError if a path, or anything below it, is a symbolic link: a run must write only into its folder."""
    for path in paths:
        refuse_link(path)
        if path.is_dir():
            for entry in path.rglob("*"):
                refuse_link(entry)


def refuse_link(path: Path) -> None:
    """Raise AblateError if a path itself is a symbolic link."""
    if path.is_symlink():
        raise AblateError(
            f"A file or folder of a run is a symbolic link. Received {path}, which points to {os.readlink(path)}. "
            "Allowed: regular files and folders. Move the link away, or type another outputs="
        )


@contextmanager
def writing(outputs: Path) -> Iterator[None]:
    """Turn an OSError into an AblateError that names the file and the outputs folder."""
    try:
        yield
    except OSError as error:
        raise unwritable(error, outputs, resumable=False) from error


def unwritable(error: OSError, outputs: Path, resumable: bool) -> AblateError:
    """The error for an OSError of a file below outputs. resumable: the run has a checkpoint."""
    paragraph = (
        f"Cannot write to {error.filename or outputs}: {error.strerror}. Received outputs={outputs}. "
        "Allowed: a writable folder on a disk with free space. Type for example outputs=/tmp/outputs."
    )
    if resumable:
        return Failed(f"{paragraph} The last checkpoint is safe: free some space, then type the same command again.")
    return AblateError(paragraph)


def create(path: Path) -> BinaryIO:
    """Open a new file for writing. All atomic writes call this, so that tests can make them fail."""
    return open(path, "wb")


@contextmanager
def replacing(path: Path, lasting: bool = True) -> Iterator[BinaryIO]:
    """Write a file atomically: to a staged file beside it, which is synced and then renamed; the rename is synced too.

    lasting: wait for the disk. If False, a power cut can leave a truncated file or the previous one.
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
    """Fill a folder atomically: a staged folder beside it replaces the previous one.

    Does not wait for the disk: a power cut can leave truncated files.
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
    """Wait until the entries of a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes, lasting: bool = True) -> None:
    """Write this content to a file atomically. lasting: as in `replacing`."""
    with replacing(path, lasting) as file:
        file.write(content)


def remove_partial(directory: Path) -> None:
    """Delete staged files that a killed process has left."""
    for staged in directory.rglob(f".*{STAGED}"):
        staged.unlink(missing_ok=True)


def record_checksum(record: dict[str, Any]) -> str:
    """SHA-256 of a JSON object without its `checksum`: 64 hexadecimal digits. Raises ValueError for NaN."""
    content = {name: value for name, value in record.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of plain values, independent of the order of keys: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def read_bounded(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a regular file of limited size: a pipe could block, and a huge sparse file could fill the memory.

    Raises OSError; Unreadable for a symbolic link or a file that is too large.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise Unreadable(f"{path.name} is larger than {max_bytes // 2**20} MiB")
        content = file.read(size) if size else b""
    if len(content) != size:
        raise Unreadable(f"{path.name} changed while it was read")
    return content


def read_tail(path: Path, max_bytes: int) -> bytes:
    """Read the end of a regular file of any size. Raises the same errors as `read_bounded`."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - max_bytes))
        return file.read(max_bytes) or b""


@contextmanager
def open_regular(path: Path) -> Iterator[io.FileIO]:
    """Open a regular file without blocking. Raises Unreadable for a symbolic link."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        raise Unreadable(f"{path.name} is a link, which is not followed")
    if not stat.S_ISREG(mode):
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # it was replaced after the check above
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
        yield file


def cache_home() -> Path | None:
    """The cache folder: `$XDG_CACHE_HOME/ablate`, or else `~/.cache/ablate`; None if the user has no home folder."""
    folder = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    if folder.startswith("~"):  # no HOME, and a user id without an entry, as in many containers
        return None
    return Path(folder).absolute() / "ablate"
