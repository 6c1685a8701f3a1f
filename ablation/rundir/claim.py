"""Which process holds a run: a lock that the kernel drops when the process ends, however it ends."""

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
    """Hold a run for this process alone.

    Raises Busy when another process holds it, AblateError when the lock cannot be written or lies behind a link.
    """
    with writing(outputs):
        (outputs / CLAIMS).mkdir(parents=True, exist_ok=True)
        refuse_links(outputs / CLAIMS, *attempts(outputs, run))
        lock = FileLock(_lock_path(outputs, run))
        try:
            lock.acquire(timeout=0.2, poll_interval=0.02)  # is_claimed takes the lock too, for an instant
        except Timeout:
            raise Busy(f"{run} is being run by another process. Wait for it, or type another seed=") from None
    try:
        yield
    finally:
        lock.release()


def _lock_path(outputs: Path, run: str) -> Path:
    return outputs / CLAIMS / f"{run}.lock"


def is_claimed(outputs: Path, run: str) -> bool:
    """Does a living process hold the run?"""
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
    """The record's status; `interrupted` where it says `running` and no process holds the run."""
    run = re.sub(r"\.\d+$", "", directory.name)
    if record.status == "running" and not is_claimed(directory.parent, run):
        return "interrupted"
    return record.status
