"""The processes that a program starts, found and ended whoever their parent is."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

GRACE = 10.0  # seconds that processes have to end before they are killed
TICK = 0.1  # seconds
MOMENT = 0.3  # seconds in which helpers of a program, as of multiprocessing, end after it
QUIET = 3  # looks that find no process, after which there is none
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


def end_all(processes: Callable[[], list["psutil.Process"]], program: int) -> list[str]:
    """Kill all processes, also those that fork while they are killed. Returns the names of those that ran on.

    program: the process that may still run, and is not named. What ends by itself a moment later is not named either.
    """
    names: dict[int, str] = {}
    listed = processes()
    if any(each.pid != program for each in alive(listed)):
        time.sleep(MOMENT)
        listed = processes()
    until, quiet, enough = time.monotonic() + GRACE, 0, 1
    while quiet < enough and time.monotonic() < until:
        running = {each.pid for each in alive(listed)}
        found = [each for each in listed if each.pid != program or each.pid in running]
        if found:
            quiet, enough = 0, QUIET
            known = {each.pid: name(each) for each in found if each.pid != program}
            kill(found)
            killed = {pid for pid in known if _collected(pid) == signal.SIGKILL}
            names |= {pid: text for pid, text in known.items() if pid in running | killed}
            time.sleep(TICK / 10)
        else:
            quiet += 1
        if quiet < enough:
            listed = processes()
    return list(dict.fromkeys(names.values()))


def kill(processes: Sequence["psutil.Process"]) -> None:
    """Kill processes and their process groups, in which a child may just have been forked."""
    import psutil

    for each in processes:
        with contextlib.suppress(psutil.Error, OSError):
            group = os.getpgid(each.pid)
            if group != os.getpgid(0):
                os.killpg(group, signal.SIGKILL)
            each.kill()


def _collect(processes: Sequence["psutil.Process"]) -> None:
    """Wait for adopted processes that were killed, at most GRACE seconds, so that none is left as a zombie."""
    until, left = time.monotonic() + GRACE, [each.pid for each in processes]
    while left and time.monotonic() < until:
        left = [pid for pid in left if _collected(pid) is None]
        if left:
            time.sleep(TICK)


def _collected(pid: int) -> int | None:
    """The signal that ended a child, or 0; None while it runs. A process that is another's child counts as ended."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except OSError:
        return 0
    return None if ended == 0 else os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def name(process: "psutil.Process") -> str:
    """The name of a process, also of one that has just ended."""
    import psutil

    with contextlib.suppress(OSError):
        return Path(f"/proc/{process.pid}/comm").read_text().strip()
    with contextlib.suppress(psutil.Error):
        return process.name()
    return str(process.pid)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, directly or through others."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return [each.pid for each in psutil.Process(pid).children(recursive=True)]
    return []
