"""The processes that a program starts, found and ended whoever their parent is."""

import contextlib
import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

GRACE = 10.0  # seconds that processes have to end before they are killed
TICK = 0.1  # seconds
PR_SET_CHILD_SUBREAPER = 36  # of prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@contextlib.contextmanager
def started() -> Iterator[Callable[[], list["psutil.Process"]]]:
    """A function that lists the processes started within the context, also those whose parent has ended.

    On Linux this process adopts such orphans (subreaper) within the context. Elsewhere they are not listed.
    """
    import psutil  # only programs need it

    own = psutil.Process()
    earlier = {each.pid for each in own.children(recursive=True)}

    def later() -> list[psutil.Process]:
        return [each for each in own.children(recursive=True) if each.pid not in earlier]

    if LIBC is not None:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield later
    finally:
        _collect(later())
        if LIBC is not None:
            LIBC.prctl(PR_SET_CHILD_SUBREAPER, 0)


def terminate(processes: Sequence["psutil.Process"]) -> None:
    """Ask processes to end, and wait up to GRACE seconds for it."""
    import psutil

    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.terminate()
    until = time.monotonic() + GRACE
    while alive(processes) and time.monotonic() < until:
        time.sleep(TICK)


def alive(processes: Sequence["psutil.Process"]) -> list["psutil.Process"]:
    """Those that run. One that has ended stays in the list of processes until its parent has collected its code."""
    import psutil

    running = []
    for each in processes:
        with contextlib.suppress(psutil.Error):
            if each.is_running() and each.status() != psutil.STATUS_ZOMBIE:
                running.append(each)
    return running


def kill(processes: Sequence["psutil.Process"]) -> None:
    import psutil

    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.kill()


def _collect(processes: Sequence["psutil.Process"]) -> None:
    """Wait for adopted processes that were killed, so that none is left as a zombie."""
    for each in processes:
        with contextlib.suppress(OSError):
            os.waitpid(each.pid, 0)


def name(process: "psutil.Process") -> str:
    import psutil

    try:
        return process.name()
    except psutil.Error:
        return str(process.pid)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, directly or through others."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return [each.pid for each in psutil.Process(pid).children(recursive=True)]
    return []
