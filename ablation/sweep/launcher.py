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
from multiprocessing import forkserver, resource_tracker

from ablation import environment, progress, signals
from ablation.errors import AblateError
from ablation.job import Job
from ablation.signals import CODES, Stop, stopping


def launch(jobs: Sequence[Job]) -> list[int]:
    """Run the jobs; after a signal the running one commits and the others are left. Returns the exit codes."""
    processes = _processes(jobs)
    codes: list[int] = []
    with stopping() as stop:
        stop.orderly = True
        for job in jobs:
            if stop.code is not None:
                break
            codes.append(_run(processes, job, stop))
    if stop.code is None:
        return codes
    told = [stop.code if code in CODES.values() else code for code in codes]
    return told + [stop.code] * (len(jobs) - len(codes))


def _processes(jobs: Sequence[Job]):
    """Forked from a warm server where that is safe (not on macOS) and where all runs want the same backend."""
    if sys.platform == "darwin":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    backends = {job.config.backend for job in jobs}
    if len(backends) == 1:
        environment.choose(backends.pop())
        context.set_forkserver_preload(["ablation.sweep.preload"])
    resource_tracker.ensure_running()  # it would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set(CODES))  # what reaches the group is the driver's to tell
    forkserver.ensure_running()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


def _run(processes, job: Job, stop: Stop) -> int:
    process = processes.Process(target=_child, args=(job,))
    with progress.console().status("importing the libraries, once for the sweep"):
        process.start()  # the first one waits for the server
    told = False
    while process.is_alive():
        process.join(0.2)
        if stop.code is not None and not told:
            os.kill(process.pid, signals.ASKED)
            told = True
    if process.exitcode < 0 and stop.code is not None:
        return stop.code
    if process.exitcode < 0:
        name = signal.Signals(-process.exitcode).name
        progress.say(f"The process of {' '.join(job.overrides)} was ended by {name}; the same command tries again")
        return 2
    return process.exitcode


def _child(job: Job) -> None:
    signals.leave_at_once()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, set(CODES))
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
