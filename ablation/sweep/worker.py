"""Run one job in a separate process, forked from a server that has imported the libraries but initialised no device.

When the process ends, its memory and GPU are released; if it crashes, only this job is affected.
"""

import contextlib
import faulthandler
import io
import multiprocessing
import os
import select
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from ablation.config.run_request import RunRequest
from ablation.errors import AblateError
from ablation.redaction import HIDDEN, public
from ablation.runtime import signals
from ablation.runtime.signals import CODES
from ablation.sweep.forkserver import SERVER

SERVER_DIED = 255  # the exit code that multiprocessing reports if the fork server has died


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    code: the exit code, as from `ablate`; None if the process died before it could report one.
    killed: True if a signal killed it, so that it may be retried.
    """

    code: int | None
    reason: str | None = None
    killed: bool = False


@dataclass(frozen=True)
class _Started:
    """A started process. pid and sentinel remain available after it is closed. temporary: its temporary folder."""

    process: BaseProcess
    receiver: Connection
    pid: int
    sentinel: int
    temporary: tempfile.TemporaryDirectory

    def exit_code(self) -> int:
        """Wait for the process to end and return its exit code."""
        self.process.join()
        code = self.process.exitcode
        return SERVER_DIED if code is None else code

    def close(self) -> None:
        self.receiver.close()
        self.process.close()
        self.temporary.cleanup()


def _start(backend: str, target: Callable[..., None], *arguments: Any) -> _Started:
    """Start target(*arguments, temporary, secrets, sender). Raises OSError or EOFError.

    temporary: a folder that this process deletes, because a forked process runs no exit handlers, in which TensorFlow
    removes its temporary files, and because it may be killed.
    """
    temporary = tempfile.TemporaryDirectory(prefix="ablate_", ignore_cleanup_errors=True)
    try:
        receiver, sender = multiprocessing.Pipe(duplex=False)
        with contextlib.closing(sender):
            context = SERVER.context(backend)
            process = context.Process(target=target, args=(*arguments, temporary.name, HIDDEN.written, sender))
            process.start()
        if process.pid is None:
            raise OSError("it has no process id")
    except BaseException:
        temporary.cleanup()
        raise
    return _Started(process, receiver, process.pid, process.sentinel, temporary)


class JobProcess:
    """A process that runs one job. Raises OSError or EOFError if it cannot be started."""

    def __init__(self, job: RunRequest, log: Path, cores: int, gpu: str | None):
        self._started = _start(job.config.backend, _run_job, job, str(log), cores, gpu)
        self.pid, self.sentinel = self._started.pid, self._started.sentinel

    def ask(self) -> None:
        """Ask the process to save a checkpoint and exit."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signals.ASKED)

    def kill(self) -> None:
        """Kill the process and its child processes."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def ending(self) -> Ending | None:
        """How the process ended; None while it is alive."""
        if self._started.process.is_alive():
            return None
        code = self._started.exit_code()
        reported = self._reported()
        self._started.close()
        self.kill()  # kills child processes that it left behind
        return ending_of(code) if reported is None else reported

    def _reported(self) -> Ending | None:
        """The ending that the process reported; None if it could not report one."""
        receiver = self._started.receiver
        with contextlib.suppress(EOFError, OSError):
            if receiver.poll():
                return receiver.recv()
        return None


class HelperProcess:
    """A process for other work than a job: it calls work(*arguments, send) and sends plain values.

    work: a module-level function. Raises OSError or EOFError if the process cannot be started.
    """

    def __init__(self, work: Callable[..., None], arguments: tuple[Any, ...], backend: str, log: Path):
        self._started = _start(backend, _help, work, arguments, str(log))

    def next(self) -> Any:
        """The next value from the process; None if it has ended."""
        try:
            return self._started.receiver.recv()
        except (EOFError, OSError):
            return None

    def death(self) -> str:
        """The reason for the premature end of the process."""
        code = self._started.exit_code()
        return killer(code) or f"its process exited with code {code}"

    def close(self) -> None:
        """Kill the process and release its resources."""
        self._started.process.kill()
        self._started.process.join()
        self._started.close()


def ending_of(code: int) -> Ending:
    """The ending of a job that could not report it, derived from the exit code of its process."""
    if code in CODES.values():  # a signal during importing or tracing ends the process at once
        return Ending(code)
    reason = killer(code)
    if reason is not None:
        return Ending(None, reason, killed=True)
    return Ending(None, f"its process exited with code {code} before the end of the run")


def killer(code: int) -> str | None:
    """The reason why a process was killed, derived from its exit code; None if it exited by itself."""
    if code == SERVER_DIED:
        return "its process was killed together with its fork server"
    if code >= 0:
        return None
    number = -code
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"


def _run_job(
    job: RunRequest,
    log: str,
    cores: int,
    gpu: str | None,
    temporary: str,
    secrets: dict[str, str],
    driver: Connection,
) -> None:
    """The main function of a job's process."""
    _settle(Path(log), temporary, secrets, driver)
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    print(f"--- {' '.join(job.overrides)}, {datetime.now(UTC).isoformat(timespec='seconds')}", flush=True)
    ending = _execute(job, cores)
    signals.ignore()
    driver.send(ending)
    sys.exit(ending.code)


def _execute(job: RunRequest, cores: int) -> Ending:
    from ablation.run import execution, outcome

    try:
        return Ending(execution.execute(job, cores))
    except AblateError as error:
        print(f"ablate: {error}", file=sys.stderr)
        return Ending(error.code, str(error))
    except BaseException as error:  # including SystemExit, so that a job always reports how it ended
        print(public(traceback.format_exc()), file=sys.stderr)
        return Ending(2, outcome.one_line_error(error))


def _help(
    work: Callable[..., None],
    arguments: tuple[Any, ...],
    log: str,
    temporary: str,
    secrets: dict[str, str],
    driver: Connection,
) -> None:
    """The main function of a helper's process."""
    _settle(Path(log), temporary, secrets, driver)
    work(*arguments, driver.send)


def _settle(log: Path, temporary: str, secrets: dict[str, str], driver: Connection) -> None:
    """Set up a newly forked process: signals, process group, ending with the driver, temporary files, and log."""
    signals.leave_at_once()
    HIDDEN.hide(secrets)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, set(CODES))
    tempfile.tempdir = temporary
    os.setpgid(0, 0)  # so that Ctrl-C in the terminal reaches only the driver, which forwards it once
    threading.Thread(target=end_with_driver, args=(driver,), daemon=True).start()
    _print_to(log)


def _print_to(log: Path) -> None:
    """Redirect all output to the job's log, including the stack of a crash in native code."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
    except OSError:  # the run itself will report that the folder is not writable
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # whatever the terminal's encoding is
    faulthandler.enable(file)


def end_with_driver(driver: Connection) -> None:
    """Send SIGTERM to this process, which then saves a checkpoint, once the driver has closed its end of the pipe."""
    closed = select.poll()
    closed.register(driver.fileno(), 0)
    closed.poll()
    os.kill(os.getpid(), signal.SIGTERM)
