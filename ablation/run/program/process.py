"""Run a command to its end: its output goes to a log of bounded size, and nothing that it started outlives it."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ablation.run.program import family

HEAD, TAIL = 8 * 2**20, 2**20  # bytes of the output that are kept: of its beginning and of its end
CHUNK = 2**16  # bytes
TICK = 0.1  # seconds
LONGEST_LINE = 200  # characters of a program's last line in a message
PR_SET_PDEATHSIG = 1  # of prctl(2)


class NotStarted(Exception):
    """The command could not be started. The message gives the reason in one clause."""


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    code: of its process, negative for a signal. output: its beginning and its end, with standard error. seconds: from
    start to end. left_out: bytes of the output between both. survivors: the names of processes that it had left
    running. stopped: it was asked to end.
    """

    code: int
    output: str
    seconds: float
    left_out: int = 0
    survivors: tuple[str, ...] = ()
    stopped: bool = False


def run(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    is_stopped: Callable[[], bool],
    note_start: Callable[[int], object] = lambda _: None,
) -> Ended:
    """Run a command and wait for its end, without a terminal or input. Raises NotStarted, OSError.

    folder: its working folder. log: gets its output. is_stopped: asked every TICK seconds; once it returns True, the
    program has `family.GRACE` seconds to end. It is stopped too if the log cannot be written, which raises OSError.
    note_start: called with the program's process group.
    """
    began, was_stopped = time.monotonic(), False
    with family.started() as processes, open(log, "ab") as file:
        reader, writer = os.pipe()
        output = _Output(reader, file)
        try:
            process = _start(words, folder, environment, writer)
        except BaseException:
            os.close(writer)
            output.close()
            raise
        os.close(writer)
        try:
            note_start(process.pid)
            while not _has_ended(process):
                if is_stopped() or output.error:
                    was_stopped = True
                    family.terminate(processes())
                    break
        finally:
            names = family.end_all(processes, process.pid)
            code = process.wait()
            output.close()
    if output.error:
        raise output.error
    left_running = () if was_stopped else tuple(names)
    return Ended(code, output.text(), time.monotonic() - began, output.left_out, left_running, was_stopped)


def _start(words: Sequence[str], folder: Path, environment: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that it has no terminal and Ctrl-C reaches only this process."""
    try:
        return subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=None if family.LIBC is None else _die_with_parent,
        )
    except FileNotFoundError as error:
        if folder.is_dir() and (folder / words[0]).is_file():
            raise NotStarted(f"the interpreter in the first line of {words[0]} does not exist") from error
        missing = "program" if folder.is_dir() else "working folder"
        raise NotStarted(f"there is no {missing} {error.filename}") from error
    except PermissionError as error:
        raise NotStarted(f"{error.filename} is not executable, or its folder is not readable") from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NotStarted(str(error)) from error


def _die_with_parent() -> None:
    """Let the kernel kill the program if this process is killed."""
    if family.LIBC is not None:
        family.LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Wait up to TICK seconds for the end of a process; return whether it has ended, without collecting its code.

    What it has started can still be found while it is not collected.
    """
    if not hasattr(os, "pidfd_open"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(TICK)
        return process.returncode is not None
    descriptor = os.pidfd_open(process.pid)
    try:
        return bool(select.select([descriptor], [], [], TICK)[0])
    finally:
        os.close(descriptor)


def exit_reason(ended: Ended) -> str:
    """Why a command failed: its exit code or signal, and the last line that it printed."""
    if ended.code < 0:
        number = -ended.code
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        reason = f"it was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    else:
        reason = f"it exited with code {ended.code}"
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    return f"{reason}: {lines[-1][:LONGEST_LINE]}" if lines else reason


# ---------------------------------------------------------------- output


class _Output:
    """Copies what arrives in a pipe to a log: the first HEAD bytes as they come, the last TAIL bytes at the end."""

    def __init__(self, reader: int, file: IO[bytes]):
        self._reader, self._file = reader, file
        self._head, self._tail, self._total = bytearray(), bytearray(), 0
        self.error: OSError | None = None  # of the log; the pipe is read on, or the program would wait for ever
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self) -> None:
        while chunk := os.read(self._reader, CHUNK):
            self._total += len(chunk)
            room = HEAD - len(self._head)
            if room > 0:
                self._head += chunk[:room]
                self._write(chunk[:room])
            self._tail += chunk[max(0, room) :]
            del self._tail[:-TAIL]

    def _write(self, content: bytes) -> None:
        if self.error is not None:
            return
        try:
            self._file.write(content)
            self._file.flush()
        except OSError as error:
            self.error = error

    @property
    def left_out(self) -> int:
        """The bytes between the beginning and the end that are kept."""
        return self._total - len(self._head) - len(self._tail)

    def close(self) -> None:
        """Wait for the rest of the output, and write the end of a long one."""
        self._thread.join(family.GRACE)  # the pipe is open as long as a process is left that could not be killed
        os.close(self._reader)
        if self._tail:
            note = f"\n[{self.left_out:,} bytes of the output are left out here]\n" if self.left_out else ""
            self._write(note.encode() + self._tail)

    def text(self) -> str:
        return (bytes(self._head) + bytes(self._tail)).decode(errors="replace")
