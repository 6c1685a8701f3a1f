"""Many jobs, some at once, none lost: what was killed is tried again, what hangs is ended, what is wrong is told."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from ablation import environment, run, rundir
from ablation.config import Config
from ablation.errors import AblateError, Busy, Failed
from ablation.job import Job
from ablation.signals import CODES, INTERRUPTED, Stop, stopping
from ablation.sweep import ledger, process
from ablation.sweep.display import Display
from ablation.sweep.ledger import Finder
from ablation.sweep.process import Ending, Guard, JobProcess

GRACE = 15.0  # seconds from being asked to commit to being killed
TICK = 0.2  # seconds
A_JOB = 2 * 2**30  # bytes that a job may need, where n_jobs=auto asks
DRIVER = "ABLATE_DRIVER"  # the variable that tells workers of other launchers whose they are


@dataclass(frozen=True)
class Room:
    """What the jobs of this machine share. gpus: one for each job at once, None where there is none."""

    gpus: tuple[str | None, ...]
    cores: int

    @property
    def at_once(self) -> int:
        return len(self.gpus)


def room(cfg: Config) -> Room:
    """One job at once per GPU, else one; or as many as n_jobs says, with an even share of the cores."""
    gpus, cores = environment.gpus(), environment.cores()
    many = cfg.n_jobs or len(gpus) or 1
    if many == "auto":
        many = len(gpus) or max(1, min(cores, environment.memory() // A_JOB))
    return Room(tuple(gpus[i % len(gpus)] if gpus else None for i in range(many)), max(1, cores // many))


@dataclass
class _Cell:
    number: int
    job: Job
    where: run.Place
    found: bool  # else its data could not be told when it was looked for
    begun: int  # processes that other sweeps and this one have begun for it
    tries: int = 0

    def look(self) -> None:
        """Find its place where its data has come since."""
        if not self.found:
            self.where, trouble = Finder()(self.job.config)
            self.found = trouble is None


@dataclass
class _Running:
    cell: _Cell
    process: JobProcess
    slot: int
    before: str | None  # checksum of the record that was there
    began: float
    asked: float | None = None
    late: bool = False


def launch(jobs: Sequence[Job], share: Room, display: Display) -> list[int]:
    """Run the jobs. Returns an exit code for each, as `ablate` would have given.

    After a signal the running ones commit and the others are left.
    """
    with stopping() as stop, Guard(GRACE) as guard, display:
        stop.orderly = True
        sweep = _Sweep(jobs, share, display, stop, guard)
        try:
            while sweep.left():
                if WORKER.orphaned() and stop.code is None:
                    stop.note(signal.SIGTERM)
                sweep.step()
        except BaseException:  # a scheduler leaves by SystemExit to have the job queued again
            stop.code = stop.code or CODES[signal.SIGTERM]
            while sweep.running:
                sweep.step()
            raise
    return [sweep.codes.get(i, stop.code) for i in range(len(jobs))]


def alone(job: Job, launcher: Mapping[str, Any]) -> int:
    """Run a job of another launcher in a process of its own, for its worker lives on. Returns its exit code.

    launcher: its configuration. A worker that was stopped begins nothing more, and ends when its parent does.
    """
    if job.config.n_jobs is not None:
        raise AblateError(unread(launcher.get("_target_")))
    if os.environ.get(DRIVER) != str(os.getpid()):
        WORKER.follow()
    if WORKER.code is not None or WORKER.orphaned():
        return CODES[signal.SIGTERM] if WORKER.code is None else WORKER.code
    rundir.refuse_links(Path(job.config.outputs) / rundir.JOBS)
    WORKER.busy = True
    try:
        code = launch([job], Room((None,), _cores(launcher)), Display(1, live=False))[0]
    finally:
        WORKER.busy = False
    if code in INTERRUPTED:
        WORKER.code = code
    return code


class Worker:
    """What a process knows of itself that another launcher gives jobs to, one after the other.

    parent: the process that it ends with, once it follows one. busy: a job is running. code: with which a signal
    stopped it.
    """

    def __init__(self):
        self.parent: int | None = None
        self.busy = False
        self.code: int | None = None

    def follow(self) -> None:
        """End when the process that started this one does, from now on."""
        if self.parent is None:
            self.parent = os.getppid()
            threading.Thread(target=self._end_with_parent, daemon=True).start()

    def orphaned(self) -> bool:
        """Has its parent gone, perhaps before it began?"""
        return self.parent is not None and (os.getppid() != self.parent or self.parent == 1)

    def _end_with_parent(self) -> None:
        while not self.orphaned() or self.busy:  # what it runs is told to commit, and ends
            time.sleep(0.5)
        try:
            process.close()
        finally:
            os._exit(CODES[signal.SIGTERM])


WORKER = Worker()  # this process, as far as it is one


def unread(launcher: str) -> str:
    """The paragraph for n_jobs= beside another launcher."""
    return (
        f"n_jobs is read by this project's own launcher alone. Received n_jobs= and hydra.launcher={launcher}. "
        "Allowed: one of the two. Type for example hydra.launcher.n_jobs=2 (joblib), "
        "hydra.launcher.array_parallelism=2 (slurm), or see docs/launchers.md"
    )


def _cores(launcher: Mapping[str, Any]) -> int:
    """The cores of one job among those that run at once, in joblib's, SLURM's or Ray's way to say it."""
    cores = environment.cores()
    if "ray" in launcher:
        return int(launcher["ray"]["remote"].get("num_cpus") or 1)
    if launcher.get("cpus_per_task"):
        return int(launcher["cpus_per_task"])
    at_once = launcher.get("n_jobs") or 1
    return max(1, cores // (at_once if at_once > 0 else max(1, cores + 1 + at_once)))


class _Sweep:
    def __init__(self, jobs: Sequence[Job], share: Room, display: Display, stop: Stop, guard: Guard):
        self.share, self.display, self.stop, self.guard = share, display, stop, guard
        find, self.queue = Finder(), deque()
        for i, job in enumerate(jobs):
            where, trouble = find(job.config)
            self.queue.append(_Cell(i, job, where, trouble is None, ledger.begun(where)))
        self.elsewhere: list[_Cell] = []
        self.running: list[_Running] = []
        self.codes: dict[int, int] = {}

    def left(self) -> bool:
        """Is there something to wait for?"""
        return bool(self.running or (self.stop.code is None and (self.queue or self.elsewhere)))

    def step(self) -> None:
        """Start what there is room for, and look after what runs."""
        if self.stop.code is None:
            self._fill()
        self.display.tick(len(self.elsewhere))
        wait([each.process.sentinel for each in self.running], TICK) if self.running else time.sleep(TICK)
        for each in list(self.running):
            ending = each.process.ending()
            if ending is not None:
                self.running.remove(each)
                self.guard.forget(each.process.pid)
                self._ended(each, ending)
            elif each.asked is None:
                self._hurry(each)
            elif time.monotonic() - each.asked > GRACE:
                each.process.kill()

    def _hurry(self, each: _Running) -> None:
        limit = each.cell.job.config.job_timeout
        each.late = limit is not None and time.monotonic() - each.began > limit
        if each.late or self.stop.code is not None:
            each.asked = time.monotonic()
            each.process.ask()

    def _fill(self) -> None:
        self._take_back()
        while self.queue and len(self.running) < self.share.at_once and self.stop.code is None:
            cell = self.queue.popleft()
            cell.look()
            done = run.settled(cell.job.config, cell.where)
            failed = not done and ledger.failed_since(cell.where, cell.begun)
            if done:  # another sweep was quicker
                self._close(cell, done["status"], run.CODES[done["status"]], run.told(done))
            elif failed:
                self._close(cell, "failed", Failed.code, failed)
            elif rundir.held(cell.where.outputs, cell.where.name):
                self.elsewhere.append(cell)
            else:
                self._start(cell)

    def _take_back(self) -> None:
        """What another process has ended, or left."""
        still = []
        for cell in self.elsewhere:
            held = rundir.held(cell.where.outputs, cell.where.name)
            (still if held else self.queue).append(cell)
        self.elsewhere = still

    def _start(self, cell: _Cell) -> None:
        where = cell.where
        slot = next(i for i in range(self.share.at_once) if i not in {each.slot for each in self.running})
        log = rundir.job_log(where.outputs, where.name)
        ledger.tell(where, "running")
        cell.begun += 1
        done = run.finished(where)
        self.display.start(cell.number, where.name, log)
        try:
            process = JobProcess(cell.job, log, self.share.cores, self.share.gpus[slot])
        except (OSError, EOFError) as error:
            self._died(cell, f"its process could not be started ({error})")
            return
        self.guard.watch(process.pid)
        before = done and done["checksum"]
        self.running.append(_Running(cell, process, slot, before, time.monotonic()))

    def _ended(self, each: _Running, ending: Ending) -> None:
        cell, code = each.cell, ending.code
        cell.look()
        done = run.finished(cell.where)
        if done and (code == 0 or done["checksum"] != each.before):
            self._close(cell, done["status"], run.CODES[done["status"]], run.told(done))
        elif code == Busy.code and self.stop.code is None:
            self.display.drop(cell.number)
            self.elsewhere.append(cell)
        elif each.late:
            reason = f"it ran longer than job_timeout={cell.job.config.job_timeout:g} s"
            self._close(cell, "failed", Failed.code, f"{reason}; the same command goes on from its last commit")
        elif self.stop.code is not None and (code is None or code in INTERRUPTED or code == Busy.code):
            self._close(cell, "interrupted", self.stop.code, "The same command goes on from here")
        elif ending.killed or code in INTERRUPTED:
            self._died(cell, ending.reason or "its process was told to stop")
        else:
            self._close(cell, "failed", code or Failed.code, ledger.error(cell.where) or ending.reason or "it failed")

    def _died(self, cell: _Cell, reason: str) -> None:
        cell.tries += 1
        if cell.tries <= cell.job.config.max_retries:
            self.display.again(cell.number, cell.where.name, reason)
            self.queue.append(cell)
        else:
            times = f", {cell.tries} times" if cell.tries > 1 else ""
            self._close(cell, "failed", Failed.code, f"{reason}{times}")

    def _close(self, cell: _Cell, status: str, code: int, text: str) -> None:
        where = cell.where
        self.codes[cell.number] = code
        ledger.tell(where, status, None if status in rundir.FINAL else text)
        if status not in rundir.FINAL:
            log = ledger.row(where).log
            text = f"{text.rstrip('.')}. Log: {log}" if status == "failed" and log else text
        self.display.end(cell.number, where.name, status, text)
