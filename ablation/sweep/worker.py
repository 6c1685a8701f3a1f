"""One job in a process of its own, forked from a server that has imported the libraries and touched no device.

Its memory and its GPU come back when it ends, and its death, however it dies, costs that job only.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import select
import signal
import sys
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

SERVER_DIED = 255  # what multiprocessing gives as the exit code then


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    code: the exit code that `ablate` would have had; None where the process died before it could report one. killed:
    by a signal, so that it may be tried again.
    """

    code: int | None
    reason: str | None = None
    killed: bool = False


@dataclass(frozen=True)
class _Started:
    """A process that was started. pid and sentinel stay known once it is closed."""

    process: BaseProcess
    receiver: Connection
    pid: int
    sentinel: int

    def exit_code(self) -> int:
        """Wait for its end."""
        self.process.join()
        code = self.process.exitcode
        return SERVER_DIED if code is None else code

    def close(self) -> None:
        self.receiver.close()
        self.process.close()


def _start(backend: str, target: Callable[..., None], *arguments: Any) -> _Started:
    """Start target(*arguments, secrets, sender). Raises OSError or EOFError."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    with contextlib.closing(sender):
        context = SERVER.context(backend)
        process = context.Process(target=target, args=(*arguments, HIDDEN.written, sender))
        process.start()
    if process.pid is None:
        raise OSError("it has no process id")
    return _Started(process, receiver, process.pid, process.sentinel)


class JobProcess:
    """A process that runs one job. Raises OSError or EOFError where it cannot be started."""

    def __init__(self, job: RunRequest, log: Path, cores: int, gpu: str | None):
        self._started = _start(job.config.backend, _run_job, job, str(log), cores, gpu)
        self.pid, self.sentinel = self._started.pid, self._started.sentinel

    def ask(self) -> None:
        """Ask it to save a checkpoint and leave."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signals.ASKED)

    def kill(self) -> None:
        """End it, and what it has started."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def ending(self) -> Ending | None:
        """How it ended; None while it lives."""
        if self._started.process.is_alive():
            return None
        code = self._started.exit_code()
        reported = self._reported()
        self._started.close()
        self.kill()  # what it left behind
        return ending_of(code) if reported is None else reported

    def _reported(self) -> Ending | None:
        """What it said of its end; None where it could not."""
        receiver = self._started.receiver
        with contextlib.suppress(EOFError, OSError):
            if receiver.poll():
                return receiver.recv()
        return None


class HelperProcess:
    """A process that does something else than a job: it calls work(*arguments, send) and sends plain values.

    work: a function of a module. Raises OSError or EOFError where it cannot be started.
    """

    def __init__(self, work: Callable[..., None], arguments: tuple[Any, ...], backend: str, log: Path):
        self._started = _start(backend, _help, work, arguments, str(log))

    def next(self) -> Any:
        """The next value that it sends; None where it ended."""
        try:
            return self._started.receiver.recv()
        except (EOFError, OSError):
            return None

    def death(self) -> str:
        """Why it ended, where it should have gone on."""
        code = self._started.exit_code()
        return killer(code) or f"its process exited with code {code}"

    def close(self) -> None:
        """End it."""
        self._started.process.kill()
        self._started.process.join()
        self._started.close()


def ending_of(code: int) -> Ending:
    """How a job ended that could not report it, from the exit code of its process."""
    if code in CODES.values():  # stopped while it imported or traced: it left at once
        return Ending(code)
    reason = killer(code)
    if reason is not None:
        return Ending(None, reason, killed=True)
    return Ending(None, f"its process exited with code {code} before the run had ended")


def killer(code: int) -> str | None:
    """What killed a process, from its exit code; None where it exited by itself."""
    if code == SERVER_DIED:
        return "its process was ended together with the server it was forked from"
    if code >= 0:
        return None
    number = -code
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{hint}"


def _run_job(
    job: RunRequest, log: str, cores: int, gpu: str | None, secrets: dict[str, str], driver: Connection
) -> None:
    """What a job's process does."""
    _settle(Path(log), secrets, driver)
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
    except BaseException as error:  # also SystemExit: whatever a job does, it reports how it ended
        print(public(traceback.format_exc()), file=sys.stderr)
        return Ending(2, outcome.one_line_error(error))


def _help(
    work: Callable[..., None], arguments: tuple[Any, ...], log: str, secrets: dict[str, str], driver: Connection
) -> None:
    """What a helper's process does."""
    _settle(Path(log), secrets, driver)
    work(*arguments, driver.send)


def _settle(log: Path, secrets: dict[str, str], driver: Connection) -> None:
    """Set up a process that was just forked: signals, its own group, its end with the driver's, its log."""
    signals.leave_at_once()
    HIDDEN.hide(secrets)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, set(CODES))
    os.setpgid(0, 0)  # the terminal's Ctrl-C reaches the driver only, which passes it on once
    threading.Thread(target=end_with_driver, args=(driver,), daemon=True).start()
    _print_to(log)


def _print_to(log: Path) -> None:
    """Send everything to the job's own log; a crash in native code leaves its stack there too."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
    except OSError:  # the run itself will report that nothing can be written here
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    faulthandler.enable(file)


def end_with_driver(driver: Connection) -> None:
    """Save a checkpoint and leave when the driver is gone, however it went: nobody reads the other end then."""
    closed = select.poll()
    closed.register(driver.fileno(), 0)
    closed.poll()
    os.kill(os.getpid(), signal.SIGTERM)
