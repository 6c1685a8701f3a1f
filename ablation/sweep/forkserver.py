"""The warm fork server that job processes start from."""

import multiprocessing
import signal
import sys
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, SpawnContext

from ablation.runtime import backend as runtime_backend
from ablation.runtime.signals import CODES
from ablation.sweep import multiprocessing_internals

PRELOAD = "ablation.sweep.forkserver_preload"


class Server:
    """What a process forks its jobs from. It has imported the libraries of one backend, once it is needed."""

    def __init__(self) -> None:
        self.backend: str | None = None

    def context(self, backend: str) -> ForkServerContext | SpawnContext:
        """The way to start a job of a backend: fork it from the warm server, which is started if need be.

        On macOS, where forking is unsafe, and for another backend than the server's, a job starts from nothing.
        """
        if sys.platform == "darwin" or self.backend not in (None, backend):
            return multiprocessing.get_context("spawn")
        context = multiprocessing.get_context("forkserver")
        if self.backend is None:
            runtime_backend.choose(backend)
            context.set_forkserver_preload([PRELOAD])
            self.backend = backend
        _ensure_running()
        return context

    def close(self) -> None:
        """End it and its tracker and wait for them, so that nothing is left when the driver has ended."""
        if self.backend is None:
            return
        multiprocessing_internals.stop_fork_server()
        multiprocessing_internals.stop_resource_tracker()
        self.backend = None


def _ensure_running() -> None:
    """Start the server with the signals blocked: Ctrl-C reaches the driver's whole group, and the driver decides."""
    resource_tracker.ensure_running()  # first, because it would unblock them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set(CODES))
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


SERVER = Server()  # of this process: the standard library has one for each


def close() -> None:
    """End the server of this process, if there is one."""
    SERVER.close()
