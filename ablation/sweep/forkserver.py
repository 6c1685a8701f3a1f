"""The fork server from which job processes start, with all libraries already imported."""

import contextlib
import multiprocessing
import signal
import sys
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, SpawnContext

from ablation.runtime import backend as runtime_backend
from ablation.runtime.signals import CODES
from ablation.sweep import multiprocessing_internals

PRELOAD, PROGRAMS = "ablation.sweep.forkserver_preload", "ablation.run.program.execution"


class Server:
    """The fork server of this process. It is started on first use and imports the libraries of one backend."""

    def __init__(self) -> None:
        self.backend: str | None = None
        self.is_started = False

    def context(self, backend: str | None) -> ForkServerContext | SpawnContext:
        """The multiprocessing context for a job: fork from the server, which is started if necessary.

        backend: None for programs, which need none of our libraries.

        On macOS, where forking is unsafe, for a backend other than the server's, and where no folder has a path that is
        short enough for the server's socket, jobs are spawned instead.
        """
        if multiprocessing.get_start_method(allow_none=True) == "loky":
            # In a worker of joblib. A new process would set the same method, which exists only once joblib is imported.
            multiprocessing.set_start_method(None, force=True)
        if sys.platform == "darwin" or (self.is_started and self.backend != backend):
            return multiprocessing.get_context("spawn")
        if not multiprocessing_internals.can_have_sockets():
            return multiprocessing.get_context("spawn")
        context = multiprocessing.get_context("forkserver")
        if not self.is_started:
            if backend is not None:
                runtime_backend.choose(backend)
            context.set_forkserver_preload([PROGRAMS if backend is None else PRELOAD])
            self.backend, self.is_started = backend, True
        _ensure_running()
        return context

    def close(self) -> None:
        """Stop the server and its resource tracker and wait for both, so that no process outlives the driver."""
        if not self.is_started:
            return
        multiprocessing_internals.stop_fork_server()
        multiprocessing_internals.stop_resource_tracker()
        self.backend, self.is_started = None, False


def _ensure_running() -> None:
    """Start the server with signals blocked: Ctrl-C reaches the driver's process group, but only the driver reacts."""
    resource_tracker.ensure_running()  # first, because starting it later would unblock the signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set(CODES))
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


SERVER = Server()  # one per process, as in the standard library


def warm_up(backend: str | None) -> None:
    """Start the server, so that it imports the libraries while its jobs are prepared. A job reports what fails."""
    if not SERVER.is_started:
        with contextlib.suppress(OSError, EOFError):
            SERVER.context(backend)


def close() -> None:
    """Stop the server of this process, if there is one."""
    SERVER.close()
