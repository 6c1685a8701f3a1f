"""Workers of external launchers end with their driver."""

import os
import signal
import threading
import time

from ablation.runtime.signals import CODES
from ablation.sweep import forkserver

DRIVER = "ABLATE_DRIVER"  # the environment variable with the process id of the driver, for workers of other launchers
INTERVAL = 0.5  # seconds between two looks at the parent


class Worker:
    """What a process knows of itself that another launcher gives jobs to, one after the other.

    parent: the process that it ends with, once it follows one. busy: a job is running. code: the exit code of the
    signal that stopped it.
    """

    def __init__(self) -> None:
        self.parent: int | None = None
        self.busy = False
        self.code: int | None = None

    def follow(self) -> None:
        """End when the process that started this one does, from now on."""
        if self.parent is None:
            self.parent = os.getppid()
            threading.Thread(target=self._end_with_parent, daemon=True).start()

    def orphaned(self) -> bool:
        """Whether its parent is gone, perhaps before it was followed."""
        return self.parent is not None and (os.getppid() != self.parent or self.parent == 1)

    def _end_with_parent(self) -> None:
        while not self.orphaned() or self.busy:  # a job that runs is asked to save a checkpoint, and ends
            time.sleep(INTERVAL)
        try:
            forkserver.close()
        finally:
            os._exit(CODES[signal.SIGTERM])


WORKER = Worker()  # this process, as far as it is one
