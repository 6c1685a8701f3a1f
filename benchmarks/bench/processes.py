"""Child processes of the benchmark: timed commands, and workers that time epochs when they are asked to."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
REPLY = "reply "  # what a worker's answers start with; libraries print too
MIB = 2**20
ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
HOOKS = Path(__file__).with_name("hooks")


def hooked(**variables: str | Path) -> dict[str, str]:
    """The environment of a command that `hooks/sitecustomize.py` observes, as its variables say."""
    return {"PYTHONPATH": str(HOOKS), **{name: str(value) for name, value in variables.items()}}


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    peak: its largest resident memory, and that of its children, in MiB; never less than that of this process, which
    Linux counts as the command's until it is loaded.
    """

    seconds: float
    peak: float
    output: str


def run(command: Sequence[str | Path], place: Path = ROOT, env: dict[str, str] | None = None) -> Finished:
    """Run a command to its end. Raises SystemExit, with the end of its output, if it fails."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=place, env={**os.environ, **QUIET, **(env or {})}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} exited with {process.returncode}:\n{text[-3000:]}")
    return Finished(seconds, peak_mib(usage.ru_maxrss), text)


def peak_mib(maximum: int) -> float:
    """MiB from `ru_maxrss`, which is in KiB, on macOS in bytes."""
    return maximum / MIB if sys.platform == "darwin" else maximum / 1024


class Worker:
    """A child process that runs a module of the benchmark and answers requests; idle in between."""

    def __init__(self, module: str, *arguments: str | Path):
        self.log = tempfile.TemporaryFile("w+")
        command = [sys.executable, "-m", f"benchmarks.bench.{module}", *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **QUIET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def ask(self, **request: Any) -> Any:
        """Send a request, wait for the answer and return it. Raises SystemExit if the process has ended."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the worker has no pipes")
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise SystemExit(self._failure()) from None
        for line in self.process.stdout:
            if line.startswith(REPLY):
                return json.loads(line.removeprefix(REPLY))
        raise SystemExit(self._failure())

    def _failure(self) -> str:
        """Release the process, which has ended. Returns its last words."""
        self.process.wait()
        self.log.seek(0)
        words = self.log.read()[-3000:]
        self._close_files()
        return f"{' '.join(map(str, self.process.args))} exited with {self.process.returncode}:\n{words}"

    def _close_files(self) -> None:
        for file in (self.process.stdin, self.process.stdout, self.log):
            if file is not None:
                with contextlib.suppress(BrokenPipeError):
                    file.close()

    def close(self) -> float:
        """End the process. Returns its largest resident memory in MiB."""
        self._close_files()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return peak_mib(usage.ru_maxrss)


def serve(answer: Callable[..., Any]) -> None:
    """Answer the requests of a `Worker`'s owner until it closes the pipe."""
    for line in sys.stdin:
        print(f"{REPLY}{json.dumps(answer(**json.loads(line)))}", flush=True)
