"""Support for external launchers (joblib, SLURM, Ray): run their jobs, and stop a sweep that they execute."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ablation.config.run_request import Job
from ablation.errors import AblateError
from ablation.rundir import claim, files, layout
from ablation.runtime import machine, signals
from ablation.runtime.signals import CODES, INTERRUPTED
from ablation.sweep import summary_table
from ablation.sweep.live_display import Display
from ablation.sweep.parent_watch import DRIVER, WORKER
from ablation.sweep.pool import Room
from ablation.sweep.scheduler import launch
from ablation.sweep.status import PlannedRun

GRACE = 20.0  # seconds that the workers' jobs have to save a checkpoint
TICK = 0.1  # seconds


def alone(job: Job, launcher: Mapping[str, Any]) -> int:
    """Run a job of an external launcher in a new process, because its worker processes are reused.

    launcher: its configuration. Returns the job's exit code. A worker that was stopped starts no further job, and ends
    when its parent ends. Raises AblateError if n_jobs is set, which only this project's launcher uses.
    """
    if job.config.n_jobs is not None:
        raise AblateError(unread(str(launcher.get("_target_"))))
    if os.environ.get(DRIVER) != str(os.getpid()):
        WORKER.follow()
    if WORKER.code is not None:
        return WORKER.code
    if WORKER.orphaned():
        return CODES[signal.SIGTERM]
    files.refuse_links(Path(job.config.outputs) / layout.JOBS)
    WORKER.busy = True
    try:
        code = launch([job], Room((None,), cores_of_job(launcher)), Display(1, live=False))[0]
    finally:
        WORKER.busy = False
    if code in INTERRUPTED:
        WORKER.code = code
    return code


def unread(launcher: str) -> str:
    """The error message for n_jobs= with an external launcher."""
    return (
        f"n_jobs works only with ablate's own launcher. Received n_jobs= and hydra.launcher={launcher}. "
        "Allowed: one of the two. Type for example hydra.launcher.n_jobs=2 (joblib), "
        "hydra.launcher.array_parallelism=2 (slurm), or see docs/launchers.md"
    )


def cores_of_job(launcher: Mapping[str, Any]) -> int:
    """The number of cores per job, from the configuration of Ray, SLURM or joblib."""
    if "ray" in launcher:
        return int(launcher["ray"]["remote"].get("num_cpus") or 1)
    if launcher.get("cpus_per_task"):
        return int(launcher["cpus_per_task"])
    cores, workers = machine.cores(), launcher.get("n_jobs") or 1
    if workers < 0:  # joblib: -1 is all cores, -2 all but one
        workers = max(1, cores + 1 + workers)
    return max(1, cores // workers)


@contextlib.contextmanager
def stop_external_workers(runs: Sequence[PlannedRun]) -> Iterator[None]:
    """On SIGINT or SIGTERM, stop all child processes, wait for their runs, print the table and exit.

    Jobs on other machines continue under their own scheduler.
    """
    with signals.stopping() as stop:
        stop.last_words = lambda: _stop_workers(runs)
        yield
        if stop.code is not None:  # another thread is in `_stop_workers` and will end the process
            time.sleep(2 * GRACE)


def _stop_workers(runs: Sequence[PlannedRun]) -> None:
    import psutil  # imported here because only a stopped sweep needs it

    workers = psutil.Process().children(recursive=True)
    for process in workers:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGTERM)
    until = time.monotonic() + GRACE
    while workers and time.monotonic() < until and _any_claimed(runs):
        time.sleep(TICK)
    summary_table.print_summary(runs, [])


def _any_claimed(runs: Sequence[PlannedRun]) -> bool:
    """Return whether a process still executes any of the runs."""
    return any(claim.is_claimed(run.where.outputs, run.where.name) for run in runs)
