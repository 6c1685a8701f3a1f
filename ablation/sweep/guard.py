"""Outlives a sweep's driver by a moment and kills what is still running then: `python guard.py SECONDS FOLDER`.

Standard input tells which process groups live, `+PID` and `-PID` a line, and `end` when all is well. Its end without
that is the driver's: jobs notice it themselves and commit, but for one that hangs in native code or stopped listening.
The folder holds the driver's sockets, which one that is killed cannot remove.
"""

import contextlib
import os
import shutil
import signal
import sys
import time


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN), signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        if line == "end\n":
            return
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    until = time.monotonic() + float(sys.argv[1])
    while groups and time.monotonic() < until:
        groups = {group for group in groups if _alive(group)}
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    shutil.rmtree(sys.argv[2], ignore_errors=True)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
