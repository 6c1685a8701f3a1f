"""Which process holds a run."""

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
    """Hold a run for this process alone. The kernel drops the lock when the process ends, however it ends.

    Raises Busy when another process holds it, AblateError when the place cannot be written or is a link.
    """
    with writing(outputs):
        (outputs / CLAIMS).mkdir(parents=True, exist_ok=True)
        refuse_links(outputs / CLAIMS, *attempts(outputs, run))
        lock = FileLock(_claim(outputs, run))
        try:
            lock.acquire(timeout=0.2, poll_interval=0.02)  # a reader that asks who holds it does so for an instant
        except Timeout:
            raise Busy(f"{run} is being run by another process. Wait for it, or type another seed=") from None
    try:
        yield
    finally:
        lock.release()


def _claim(outputs: Path, run: str) -> Path:
    return outputs / CLAIMS / f"{run}.lock"


def is_claimed(outputs: Path, run: str) -> bool:
    """Does a living process hold the run?"""
    try:
        opened = os.open(_claim(outputs, run), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(opened)
    return False


def status(directory: Path, record: RunRecord) -> str:
    """The record's status; `interrupted` where it says `running` and no process holds the run."""
    run = re.sub(r"\.\d+$", "", directory.name)
    if record.status == "running" and not is_claimed(directory.parent, run):
        return "interrupted"
    return record.status
