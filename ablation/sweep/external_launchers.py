"""Stopping a sweep that another launcher runs: its workers are told, their jobs commit, and the table is printed."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from ablation.config.run_request import RunRequest
from ablation.errors import AblateError
from ablation.rundir import claim, files, layout
from ablation.runtime import machine, signals
from ablation.runtime.signals import CODES, INTERRUPTED
from ablation.sweep import summary_table
from ablation.sweep.live_display import Display
from ablation.sweep.parent_watch import DRIVER, WORKER
from ablation.sweep.scheduler import Room, launch
from ablation.sweep.status import PlannedRun


def alone(job: RunRequest, launcher: Mapping[str, Any]) -> int:
    """Run a job of another launcher in a process of its own, for its worker lives on. Returns its exit code.

    launcher: its configuration. A worker that was stopped begins nothing more, and ends when its parent does.
    """
    if job.config.n_jobs is not None:
        raise AblateError(unread(launcher.get("_target_")))
    if os.environ.get(DRIVER) != str(os.getpid()):
        WORKER.follow()
    if WORKER.code is not None or WORKER.orphaned():
        return CODES[signal.SIGTERM] if WORKER.code is None else WORKER.code
    files.refuse_links(Path(job.config.outputs) / layout.JOBS)
    WORKER.busy = True
    try:
        code = launch([job], Room((None,), _cores(launcher)), Display(1, live=False))[0]
    finally:
        WORKER.busy = False
    if code in INTERRUPTED:
        WORKER.code = code
    return code


def unread(launcher: str) -> str:
    """The paragraph for n_jobs= beside another launcher."""
    return (
        f"n_jobs is read by this project's own launcher alone. Received n_jobs= and hydra.launcher={launcher}. "
        "Allowed: one of the two. Type for example hydra.launcher.n_jobs=2 (joblib), "
        "hydra.launcher.array_parallelism=2 (slurm), or see docs/launchers.md"
    )


def _cores(launcher: Mapping[str, Any]) -> int:
    """The cores of one job among those that run at once, in joblib's, SLURM's or Ray's way to say it."""
    cores = machine.cores()
    if "ray" in launcher:
        return int(launcher["ray"]["remote"].get("num_cpus") or 1)
    if launcher.get("cpus_per_task"):
        return int(launcher["cpus_per_task"])
    at_once = launcher.get("n_jobs") or 1
    return max(1, cores // (at_once if at_once > 0 else max(1, cores + 1 + at_once)))


GRACE = 20.0  # seconds for the workers' jobs to commit


@contextlib.contextmanager
def stop_external_workers(cells: Sequence[PlannedRun]) -> Iterator[None]:
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
            summary_table.tell(cells, [])

        stop.last_words = told
        yield
        if stop.code is not None:  # the words are being said, and the process left then
            time.sleep(2 * GRACE)


def _runs(cell: PlannedRun) -> bool:
    return claim.is_claimed(cell.where.outputs, cell.where.name)
