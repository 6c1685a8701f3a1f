"""Outlive a sweep's driver by a moment and kill what still runs: `python watchdog_process.py SECONDS FOLDER`.

Reads lines from the driver: `+PID` and `-PID` for a process group that begins and ends, `end` for a driver that ends in
order. Where the lines stop without `end` the driver is dead: its groups get some seconds to save a checkpoint, those
that are left are killed, and the driver's folder of sockets is deleted. Standard library only: it starts in a moment.
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
    found = set()
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, 0)
            found.add(group)
    return found


if __name__ == "__main__":
    main()
