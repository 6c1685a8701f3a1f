"""Kill the jobs of a sweep after its driver has died: `python watchdog_process.py SECONDS FOLDER`.

Reads lines from the driver: `+PID` and `-PID` when a process group starts and ends, `end` when the driver ends
normally. If the input ends without `end`, the driver has died: its process groups get SECONDS to save a checkpoint, the
remaining ones are killed, and FOLDER, the driver's folder of sockets, is deleted. Uses only the standard library, so
that it starts quickly.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seconds, folder = float(sys.argv[1]), sys.argv[2]
    groups: set[int] = set()
    for line in sys.stdin:
        if line == "end\n":
            return
        change = groups.add if line.startswith("+") else groups.discard
        change(int(line[1:]))
    until = time.monotonic() + seconds
    while groups and time.monotonic() < until:
        groups = alive(groups)
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def alive(groups: Iterable[int]) -> set[int]:
    """The process groups that still have a process."""
    remaining = set()
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, 0)
            remaining.add(group)
    return remaining


if __name__ == "__main__":
    main()
