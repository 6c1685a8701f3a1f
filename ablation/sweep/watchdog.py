"""Kill the jobs of a sweep whose driver was killed."""

import contextlib
import os
import subprocess
import sys

from ablation.sweep import multiprocessing_internals, watchdog_process


class Watchdog:
    """A process that outlives this one and kills jobs that do not end with it.

    grace: seconds that jobs have to save a checkpoint.
    """

    def __init__(self, grace: float):
        script, folder = watchdog_process.__file__, multiprocessing_internals.temporary_folder()
        words = [sys.executable, "-I", "-S", script, str(grace), folder]
        reader, writer = os.pipe()
        self._process = subprocess.Popen(words, stdin=reader, start_new_session=True)
        os.close(reader)
        self._lines = os.fdopen(writer, "w")

    def watch(self, pid: int) -> None:
        """Watch the process of a job that has started."""
        self._send(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        """Stop watching the process of a job that has ended."""
        self._send(f"-{pid}\n")

    def _send(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self._lines.write(line)
            self._lines.flush()

    def __enter__(self) -> "Watchdog":
        return self

    def __exit__(self, *_: object) -> None:
        self._send("end\n")
        with contextlib.suppress(OSError):
            self._lines.close()
        self._process.wait()
