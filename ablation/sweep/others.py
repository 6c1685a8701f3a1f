"""Stopping a sweep that another launcher runs: its workers are told, their jobs commit, and the table is printed."""

import contextlib
import signal
import time
from collections.abc import Iterator, Sequence

import psutil

from ablation import rundir, signals
from ablation.sweep import sweeper
from ablation.sweep.ledger import Cell

GRACE = 20.0  # seconds for the workers' jobs to commit


@contextlib.contextmanager
def stopping(cells: Sequence[Cell]) -> Iterator[None]:
    """On SIGINT and SIGTERM tell the processes below this one, wait for their runs, print the table and leave.

    Jobs on other machines go on: they are their scheduler's.
    """
    with signals.stopping() as stop:

        def told() -> None:
            below = psutil.Process().children(recursive=True)
            for process in below:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGTERM)
            until = time.monotonic() + GRACE
            while below and time.monotonic() < until and any(_runs(cell) for cell in cells):
                time.sleep(0.1)
            sweeper.tell(cells, [])

        stop.last_words = told
        yield
        if stop.code is not None:  # the words are being said, and the process left then
            time.sleep(2 * GRACE)


def _runs(cell: Cell) -> bool:
    return rundir.held(cell.where.outputs, cell.where.name)
