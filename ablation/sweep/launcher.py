"""Each run in a fresh process, one after the other: its memory comes back, and its death costs that run alone.

The processes are forked from a server that has imported the libraries once and has touched no device.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from hydra.core.utils import JobReturn, JobStatus

from ablation import environment, progress
from ablation.errors import AblateError
from ablation.job import Job
from ablation.signals import Stop, stopping
from ablation.sweep.sweeper import cell_job


def launch(context, config, overrides: Sequence[Sequence[str]]) -> list[JobReturn]:
    """Run the cells; after a signal the running one commits and the others are left."""
    jobs = [cell_job(context, config, cell) for cell in overrides]
    processes = _processes(jobs)
    returns = []
    with stopping() as stop:
        for job in jobs:
            if stop.code is not None:
                break
            code = _run(processes, job, stop)
            returns.append(JobReturn(overrides=list(job.overrides), status=JobStatus.COMPLETED, _return_value=code))
    return returns


def _processes(jobs: Sequence[Job]):
    """Forked from a warm server where that is safe (not on macOS) and where all runs want the same backend."""
    if sys.platform == "darwin":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    backends = {job.config.backend for job in jobs}
    if len(backends) == 1:
        environment.choose(backends.pop())
        context.set_forkserver_preload(["ablation.sweep.preload"])
    return context


def _run(processes, job: Job, stop: Stop) -> int:
    process = processes.Process(target=_child, args=(job,))
    process.start()
    told = False
    while process.is_alive():
        process.join(0.2)
        if stop.code is not None and not told:
            process.terminate()
            told = True
    if process.exitcode < 0:
        name = signal.Signals(-process.exitcode).name
        progress.say(f"The process of {' '.join(job.overrides)} was ended by {name}; the same command tries again")
        return 2
    return process.exitcode


def _child(job: Job) -> None:
    os.setpgid(0, 0)  # the terminal's Ctrl-C reaches the driver alone, which passes it on once
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    from ablation import run

    try:
        code = run.execute(job)
    except AblateError as error:
        print(f"ablate: {error}", file=sys.stderr)
        code = error.code
    sys.exit(code)


def _end_with(parent: int) -> None:
    """Commit and leave when the driver is gone, however it went: its server ends with it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
