"""The warm fork server that job processes start from."""

import multiprocessing.util
import signal
import sys
from multiprocessing import forkserver, resource_tracker

from ablation.runtime import backend as runtime_backend
from ablation.runtime.signals import CODES


class Server:
    """What a process forks its jobs from: it has imported the libraries of one backend, once it is needed."""

    def __init__(self):
        self.backend: str | None = None

    def starter(self, backend: str):
        """Fork from the warm server; begin anew on macOS, where that is unsafe, and for another backend than its own.

        It is started with the signals blocked: what reaches the driver's group is the driver's to tell.
        """
        if sys.platform == "darwin" or self.backend not in (None, backend):
            return multiprocessing.get_context("spawn")
        context = multiprocessing.get_context("forkserver")
        if self.backend is None:
            runtime_backend.choose(backend)
            context.set_forkserver_preload(["ablation.sweep.forkserver_preload"])
            self.backend = backend
        resource_tracker.ensure_running()  # it would lift the mask
        before = signal.pthread_sigmask(signal.SIG_BLOCK, set(CODES))
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return context

    def close(self) -> None:
        """End it and its tracker and wait for them, so that nothing is left when the driver has ended."""
        if self.backend is None:
            return
        forkserver._forkserver._stop()
        if resource_tracker._resource_tracker._pid is not None:  # else it is another process's
            resource_tracker._resource_tracker._stop()
        self.backend = None


SERVER = Server()  # of this process: the standard library has one for each


def close() -> None:
    """End the server of this process, if there is one."""
    SERVER.close()
