"""Outlives a sweep's driver by a moment and kills what is still running then: `python guard.py SECONDS`.

Standard input tells which process groups live, `+PID` and `-PID` a line; its end is the driver's. Jobs notice that end
themselves and commit. This is for one that cannot, because it hangs in native code or stopped listening.
"""

import contextlib
import os
import signal
import sys
import time


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    until = time.monotonic() + float(sys.argv[1])
    while groups and time.monotonic() < until:
        groups = {group for group in groups if _alive(group)}
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
