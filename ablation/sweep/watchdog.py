"""Outlives a sweep's driver by a moment and kills what still runs: `python watchdog.py SECONDS FOLDER`."""

import contextlib
import multiprocessing.util
import os
import shutil
import signal
import subprocess
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


class Guard:
    """A process that outlives this one by a moment, to kill jobs that do not end with it: see `guard.py`."""

    def __init__(self, grace: float):
        words = [sys.executable, "-I", "-S", __file__, str(grace), multiprocessing.util.get_temp_dir()]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def watch(self, pid: int) -> None:
        """A job's process began."""
        self._tell(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        """It has ended."""
        self._tell(f"-{pid}\n")

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self.process.stdin.write(line)
            self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tell("end\n")
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait()
