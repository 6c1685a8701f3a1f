"""Workers of external launchers end with their driver."""

import os
import signal
import threading
import time

from ablation.runtime.signals import CODES
from ablation.sweep import forkserver

DRIVER = "ABLATE_DRIVER"  # the environment variable with the process id of the driver, for workers of other launchers
INTERVAL = 0.5  # seconds between checks of the parent


class Worker:
    """State of this process as a worker of an external launcher, which runs one job after another.

    parent: the process with which the worker ends, once it follows one. busy: True while a job is running.
    code: the exit code of the signal that stopped the worker.
    """

    def __init__(self) -> None:
        self.parent: int | None = None
        self.busy = False
        self.code: int | None = None

    def follow(self) -> None:
        """From now on, end when the parent process ends."""
        if self.parent is None:
            self.parent = os.getppid()
            threading.Thread(target=self._end_with_parent, daemon=True).start()

    def orphaned(self) -> bool:
        """Return whether the parent has ended, even if it did so before `follow`."""
        return self.parent is not None and (os.getppid() != self.parent or self.parent == 1)

    def _end_with_parent(self) -> None:
        while not self.orphaned() or self.busy:  # a running job is asked elsewhere to save a checkpoint and end
            time.sleep(INTERVAL)
        try:
            forkserver.close()
        finally:
            os._exit(CODES[signal.SIGTERM])


WORKER = Worker()  # one per process
