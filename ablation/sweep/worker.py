"""One job in a process of its own, which is forked from a server that has imported the libraries and touched no device.

Its memory and its GPU come back when it ends, and its death, however it dies, costs that job alone.
"""

import contextlib
import faulthandler
import multiprocessing.util
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
    """code: with which `ablate` would have ended; None where the process died before it could tell."""

    code: int | None
    reason: str | None = None
    killed: bool = False


class JobProcess:
    """A process that runs one job. Raises OSError or EOFError where it cannot be started."""

    def __init__(self, job: RunRequest, log: Path, cores: int, gpu: str | None):
        self.ends, sender = multiprocessing.Pipe(duplex=False)
        with contextlib.closing(sender):
            starter = SERVER.starter(job.config.backend)
            self.process = starter.Process(target=_child, args=(job, str(log), cores, gpu, HIDDEN.written, sender))
            self.process.start()
        self.pid, self.sentinel = self.process.pid, self.process.sentinel

    def ask(self) -> None:
        """Ask it to commit and leave."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signals.ASKED)

    def kill(self) -> None:
        """End it, and what it has started."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def ending(self) -> Ending | None:
        """None while it lives."""
        if self.process.is_alive():
            return None
        self.process.join()
        told = None
        with contextlib.suppress(EOFError, OSError):
            told = self.ends.recv() if self.ends.poll() else None
        code = self.process.exitcode
        self.ends.close(), self.process.close()
        self.kill()  # what it left behind
        if told is not None:
            return Ending(*told)
        if code in CODES.values():  # it left at once, as one does who was told to while it imports or traces
            return Ending(code)
        if code < 0 or code == SERVER_DIED:
            return Ending(None, f"its process was ended by {_signal(-code)}", killed=True)
        return Ending(None, f"its process left with code {code} before the run had ended")


class Helper:
    """A process that does something else than a job: it calls work(*arguments, send) and sends plain values.

    work: a function of a module. Raises OSError or EOFError where it cannot be started.
    """

    def __init__(self, work: Callable[..., None], arguments: tuple[Any, ...], backend: str, log: Path):
        self.receiver, sender = multiprocessing.Pipe(duplex=False)
        with contextlib.closing(sender):
            starter = SERVER.starter(backend)
            self.process = starter.Process(target=_help, args=(work, arguments, str(log), HIDDEN.written, sender))
            self.process.start()

    def next(self) -> Any:
        """The next value that it sends; None where it ended."""
        try:
            return self.receiver.recv()
        except (EOFError, OSError):
            return None

    def ending(self) -> str:
        """How it ended that should have gone on."""
        self.process.join()
        code = self.process.exitcode
        if code < 0 or code == SERVER_DIED:
            return f"its process was ended by {_signal(-code)}"
        return f"its process left with code {code}"

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.join()
        self.receiver.close(), self.process.close()


def _help(
    work: Callable[..., None], arguments: tuple[Any, ...], log: str, secrets: dict[str, str], ends: Connection
) -> None:
    signals.leave_at_once()
    HIDDEN.hide(secrets)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, set(CODES))
    os.setpgid(0, 0)
    threading.Thread(target=end_with, args=(ends,), daemon=True).start()
    _print_to(Path(log))
    work(*arguments, ends.send)


def _signal(number: int) -> str:
    if number == -SERVER_DIED:
        return "the end of the server it was forked from"
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"{name} (out of memory?)" if name == "SIGKILL" else name


def _child(job: RunRequest, log: str, cores: int, gpu: str | None, secrets: dict[str, str], ends: Connection) -> None:
    signals.leave_at_once()
    HIDDEN.hide(secrets)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, set(CODES))
    os.setpgid(0, 0)  # the terminal's Ctrl-C reaches the driver alone, which passes it on once
    threading.Thread(target=end_with, args=(ends,), daemon=True).start()
    _print_to(Path(log))
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    print(f"--- {' '.join(job.overrides)}, {datetime.now(UTC).isoformat(timespec='seconds')}", flush=True)
    from ablation.run import execution, outcome

    try:
        ending = execution.execute(job, cores), None
    except AblateError as error:
        print(f"ablate: {error}", file=sys.stderr)
        ending = error.code, str(error)
    except BaseException as error:  # also SystemExit: whatever a job does, it tells how it ended
        print(public(traceback.format_exc()), file=sys.stderr)
        ending = 2, outcome.one_line_error(error)
    signals.ignore()
    ends.send(ending)
    sys.exit(ending[0])


def _print_to(log: Path) -> None:
    """Everything to the job's own log; a crash in native code leaves its stack there too."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
    except OSError:  # the run itself will tell that nothing can be written here
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1), os.dup2(file, 2)
    faulthandler.enable(file)


def end_with(ends: Connection) -> None:
    """Commit and leave when the driver is gone, however it went: nobody reads the other end of the pipe then."""
    closed = select.poll()
    closed.register(ends.fileno(), 0)
    closed.poll()
    os.kill(os.getpid(), signal.SIGTERM)
