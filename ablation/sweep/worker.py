"""Workers: processes that run one job after another, all of one structure.

They are forked from a server that has imported the libraries but initialised no device. A worker traces its network
once and trains it again for each further job. If it crashes, only the job at hand is affected; when it ends, its memory
and GPU are released.
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
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablation.config.run_request import Job
from ablation.errors import AblateError, Busy
from ablation.redaction import HIDDEN, public
from ablation.run.program import family
from ablation.run.structure import PROGRAM
from ablation.runtime import signals
from ablation.runtime.signals import CODES, INTERRUPTED
from ablation.sweep.forkserver import SERVER

if TYPE_CHECKING:
    from ablation.run.structure import Kept

SERVER_DIED = 255  # the exit code that multiprocessing reports if the fork server has died


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    code: the exit code, as from `ablate`; None if the process died before it could report one, or declined the job.
    killed: True if a signal killed it, so that it may be retried. declined: True if the worker has compiled a network
    of another structure, so that the job needs a new worker. clean: True if the worker can run another job.
    """

    code: int | None
    reason: str | None = None
    killed: bool = False
    declined: bool = False
    clean: bool = False


@dataclass(frozen=True)
class _Started:
    """A started process. pid and sentinel remain available after it is closed. temporary: its temporary folder."""

    process: BaseProcess
    connection: Connection
    pid: int
    sentinel: int
    temporary: tempfile.TemporaryDirectory

    def exit_code(self) -> int:
        """Wait for the process to end and return its exit code."""
        self.process.join()
        code = self.process.exitcode
        return SERVER_DIED if code is None else code

    def close(self) -> None:
        self.connection.close()
        self.process.close()
        self.temporary.cleanup()


def _start(backend: str | None, target: Callable[..., None], *arguments: Any) -> _Started:
    """Start target(*arguments, temporary, secrets, connection). Raises OSError or EOFError.

    temporary: a folder that this process deletes, because a forked process runs no exit handlers, in which TensorFlow
    removes its temporary files, and because it may be killed.
    """
    temporary = tempfile.TemporaryDirectory(prefix="ablate_", ignore_cleanup_errors=True)
    try:
        own, other = multiprocessing.Pipe()
        with contextlib.closing(other):
            context = SERVER.context(backend)
            process = context.Process(target=target, args=(*arguments, temporary.name, HIDDEN.written, other))
            process.start()
        if process.pid is None:
            raise OSError("it has no process id")
    except BaseException:
        temporary.cleanup()
        raise
    return _Started(process, own, process.pid, process.sentinel, temporary)


class Worker:
    """A process that runs one job after another. Raises OSError or EOFError if it cannot be started.

    structure, gpu: of its jobs. jobs: how many it has begun.
    """

    def __init__(self, structure: str, backend: str | None, cores: int, gpu: str | None):
        self.structure, self.gpu, self.jobs = structure, gpu, 0
        self._started = _start(backend, _run_jobs, cores, gpu)
        self.pid = self._started.pid
        self._reported: Ending | None = None
        self._is_closed = False

    @property
    def waitable(self) -> list[Connection | int]:
        """What becomes ready when the worker reports or ends, for `multiprocessing.connection.wait`."""
        return [self._started.connection, self._started.sentinel]

    def begin(self, job: Job, log: Path) -> None:
        """Begin a job. Raises OSError if the process has ended."""
        self.jobs += 1
        self._started.connection.send((job, str(log)))

    def ask(self) -> None:
        """Ask the process to save a checkpoint and exit."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signals.ASKED)

    def kill(self) -> None:
        """Kill the process and its child processes, also those of a program, which are in a session of their own."""
        processes = family.descendants(self.pid) if self.structure == PROGRAM else []
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        for process in processes:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)

    def ending(self) -> Ending | None:
        """How the job ended; None while it runs. Unless it is clean, the process has ended too."""
        if self._reported is None:
            self._reported = self._report()
        if self._reported is not None and self._reported.clean:
            ending, self._reported = self._reported, None
            return ending
        if self.is_alive():
            return None
        code = self._started.exit_code()
        ending = self._reported or self._report() or ending_of(code)
        self.close()
        return replace(ending, clean=False)

    def is_alive(self) -> bool:
        """Return whether the process is alive."""
        return not self._is_closed and self._started.process.is_alive()

    def close(self) -> None:
        """Kill the process, unless it has ended, and child processes that it left behind. Release its resources."""
        if not self._is_closed:
            self._is_closed = True
            self.kill()
            self._started.process.join()
            self._started.close()

    def _report(self) -> Ending | None:
        """The ending that the process has reported; None if there is none."""
        connection = self._started.connection
        with contextlib.suppress(EOFError, OSError):
            if connection.poll():
                return connection.recv()
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
            return self._started.connection.recv()
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


def _run_jobs(cores: int, gpu: str | None, temporary: str, secrets: dict[str, str], driver: Connection) -> None:
    """The main function of a worker's process."""
    from ablation.run.structure import Kept

    _settle(temporary, secrets, driver)
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    kept, log = Kept(), None
    while True:
        try:
            job, path = driver.recv()
        except (EOFError, OSError):  # the driver has ended
            return
        log = _print_to(Path(path), log)
        print(f"--- {' '.join(job.overrides)}, {datetime.now(UTC).isoformat(timespec='seconds')}", flush=True)
        ending = _execute(job, cores, kept)
        sys.stdout.flush()
        sys.stderr.flush()
        if not ending.clean:
            signals.ignore()
        driver.send(ending)
        if not ending.clean:
            sys.exit(ending.code)


def _execute(job: Job, cores: int, kept: "Kept") -> Ending:
    from ablation.run import jobs, outcome
    from ablation.run.structure import OtherStructure

    try:
        code = jobs.execute(job, cores, kept)
        return Ending(code, clean=code not in INTERRUPTED)
    except OtherStructure as error:
        return Ending(None, str(error), declined=True)
    except AblateError as error:
        print(f"ablate: {error}", file=sys.stderr)
        return Ending(error.code, str(error), clean=isinstance(error, Busy))
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
    _settle(temporary, secrets, driver)
    _print_to(Path(log))
    work(*arguments, driver.send)


def _settle(temporary: str, secrets: dict[str, str], driver: Connection) -> None:
    """Set up a newly forked process: signals, process group, ending with the driver, temporary files."""
    signals.leave_at_once()
    HIDDEN.hide(secrets)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, set(CODES))
    tempfile.tempdir = temporary
    os.setpgid(0, 0)  # so that Ctrl-C in the terminal reaches only the driver, which forwards it once
    threading.Thread(target=end_with_driver, args=(driver,), daemon=True).start()


def _print_to(log: Path, before: int | None = None) -> int:
    """Redirect all output to the job's log, including the stack of a crash in native code.

    before: the descriptor of the previous job's log, which is closed. Returns the descriptor of this one.
    """
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
    if before is not None:
        os.close(before)
    return file


def end_with_driver(driver: Connection) -> None:
    """Send SIGTERM to this process, which then saves a checkpoint, once the driver has closed its end of the pipe."""
    closed = select.poll()
    closed.register(driver.fileno(), 0)
    closed.poll()
    os.kill(os.getpid(), signal.SIGTERM)
