"""Exclusive claim of a run by one process: a lock that the kernel releases whenever the process ends."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ablation.errors import Busy
from ablation.rundir.files import refuse_links, writing
from ablation.rundir.layout import CLAIMS, attempts
from ablation.rundir.record import RunRecord


@contextmanager
def claim(outputs: Path, run: str) -> Iterator[None]:
    """Claim a run for this process.

    Raises Busy if another process holds it, AblateError if the lock cannot be written or is behind a symbolic link.
    """
    with writing(outputs):
        (outputs / CLAIMS).mkdir(parents=True, exist_ok=True)
        refuse_links(outputs / CLAIMS, *attempts(outputs, run))
        lock = FileLock(_lock_path(outputs, run))
        try:
            lock.acquire(timeout=0.2, poll_interval=0.02)  # `is_claimed` also holds the lock, for an instant
        except Timeout:
            raise Busy(f"{run} is being run by another process. Wait for it, or type another seed=") from None
    try:
        yield
    finally:
        lock.release()


def _lock_path(outputs: Path, run: str) -> Path:
    return outputs / CLAIMS / f"{run}.lock"


def is_claimed(outputs: Path, run: str) -> bool:
    """Return whether a live process holds the run."""
    try:
        descriptor = os.open(_lock_path(outputs, run), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
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
    run = re.sub(r"\.\d+$", "", directory.name)
    if record.status == "running" and not is_claimed(directory.parent, run):
        return "interrupted"
    return record.status
