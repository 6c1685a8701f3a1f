"""Exclusive claim of a run by one process: a lock that the kernel releases whenever the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ablation.errors import Busy
from ablation.rundir.files import refuse_link, refuse_links, writing
from ablation.rundir.layout import CLAIMS, attempts, base_name, lock_path
from ablation.rundir.record import RunRecord


@contextmanager
def claim(outputs: Path, run: str) -> Iterator[None]:
    """Claim a run for this process.

    Raises Busy if another process holds it, AblateError if the lock cannot be written or is behind a symbolic link.
    """
    with writing(outputs):
        (outputs / CLAIMS).mkdir(parents=True, exist_ok=True)
        refuse_links(outputs / CLAIMS, *attempts(outputs, run))
        lock = _acquired(outputs, run)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def claim_directory(directory: Path) -> Iterator[None]:
    """Claim the run that a directory belongs to, as `claim` does, without a search for links in its directories.

    A folder of locks that did not exist before is removed again: runs may have been copied to any place.
    """
    folder, run = directory.parent / CLAIMS, base_name(directory.name)
    is_new = not folder.exists()
    with writing(directory.parent):
        folder.mkdir(exist_ok=True)
        refuse_link(folder)
        lock = _acquired(directory.parent, run)
    try:
        yield
    finally:
        if is_new:
            lock_path(directory.parent, run).unlink(missing_ok=True)  # while it is held
        lock.release()
        if is_new:
            with suppress(OSError):  # another process has a lock there by now
                folder.rmdir()


def _acquired(outputs: Path, run: str) -> FileLock:
    lock = FileLock(lock_path(outputs, run))
    try:
        lock.acquire(timeout=0.2, poll_interval=0.02)  # `is_claimed` also holds the lock, for an instant
    except Timeout:
        raise Busy(f"{run} is being run by another process. Wait for it, or type another seed=") from None
    return lock


def is_claimed(outputs: Path, run: str) -> bool:
    """Return whether a live process holds the run."""
    try:
        descriptor = os.open(lock_path(outputs, run), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def status(directory: Path, record: RunRecord) -> str:
    """The record's status, or `interrupted` if the record says `running` but no process holds the run."""
    if record.status == "running" and not is_claimed(directory.parent, base_name(directory.name)):
        return "interrupted"
    return record.status
