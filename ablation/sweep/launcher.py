"""Many jobs, some at once, none lost: what was killed is tried again, what hangs is ended, what is wrong is told."""

import os
import signal
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait

from ablation import environment, run, rundir
from ablation.config import Config
from ablation.job import Job
from ablation.signals import Stop, stopping
from ablation.sweep import ledger
from ablation.sweep.display import Display
from ablation.sweep.process import Ending, Guard, JobProcess

GRACE = 15.0  # seconds from being asked to commit to being killed
TICK = 0.2  # seconds
A_JOB = 2 * 2**30  # bytes that a job may need, where n_jobs=auto asks
BUSY, FAILED, INTERRUPTED = 75, 2, (130, 143)


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
    begun: int  # processes that other sweeps and this one have begun for it
    tries: int = 0


@dataclass
class _Running:
    cell: _Cell
    process: JobProcess
    slot: int
    before: str | None  # checksum of the record that was there
    began: float
    asked: float | None = None
    late: bool = False


def launch(
    jobs: Sequence[Job], places: Sequence[run.Place], share: Room, display: Display, tied: bool = False
) -> list[int]:
    """Run the jobs. Returns an exit code for each, as `ablate` would have given.

    After a signal the running ones commit and the others are left. tied: this process is a worker of another program
    and stops with it.
    """
    with stopping() as stop, Guard(GRACE) as guard, display:
        stop.orderly = True
        sweep = _Sweep(jobs, places, share, display, stop, guard)
        parent = os.getppid()
        try:
            while sweep.left():
                if tied and stop.code is None and os.getppid() != parent:
                    stop.note(signal.SIGTERM)
                sweep.step()
        except BaseException:  # a scheduler leaves by SystemExit to have the job queued again
            stop.code = stop.code or 143
            while sweep.running:
                sweep.step()
            raise
    return [sweep.codes.get(i, stop.code) for i in range(len(jobs))]


class _Sweep:
    def __init__(self, jobs, places, share: Room, display: Display, stop: Stop, guard: Guard):
        self.share, self.display, self.stop, self.guard = share, display, stop, guard
        cells = enumerate(zip(jobs, places, strict=True))
        self.queue = deque(_Cell(i, job, where, ledger.begun(where)) for i, (job, where) in cells)
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
        free = [w for w in self.elsewhere if not rundir.held(w.where.outputs, w.where.name)]
        self.elsewhere = [w for w in self.elsewhere if w not in free]
        self.queue.extendleft(free)
        while self.queue and len(self.running) < self.share.at_once and self.stop.code is None:
            cell = self.queue.popleft()
            done = run.settled(cell.job.config, cell.where)
            failed = not done and ledger.failed_since(cell.where, cell.begun)
            if done:  # another sweep was quicker
                self._close(cell, done["status"], run.CODES[done["status"]], run.told(done))
            elif failed:
                self._close(cell, "failed", FAILED, failed)
            elif rundir.held(cell.where.outputs, cell.where.name):
                self.elsewhere.append(cell)
            else:
                self._start(cell)

    def _start(self, cell: _Cell) -> None:
        where = cell.where
        slot = next(i for i in range(self.share.at_once) if i not in {each.slot for each in self.running})
        log = rundir.job_log(where.outputs, where.name)
        ledger.tell(where, "running")
        cell.begun += 1
        done = run.finished(where)
        self.display.start(where.name, log)
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
        done = run.finished(each.cell.where)
        if done and (code == 0 or done["checksum"] != each.before):
            self._close(cell, done["status"], run.CODES[done["status"]], run.told(done))
        elif code == BUSY and self.stop.code is None:
            self.display.running.pop(each.cell.where.name, None)
            self.elsewhere.append(cell)
        elif each.late:
            reason = f"it ran longer than job_timeout={each.cell.job.config.job_timeout:g} s"
            self._close(cell, "failed", FAILED, f"{reason}; the same command goes on from its last commit")
        elif self.stop.code is not None and (code is None or code in INTERRUPTED or code == BUSY):
            self._close(cell, "interrupted", self.stop.code, "The same command goes on from here")
        elif ending.killed or code in INTERRUPTED:
            self._died(cell, ending.reason or "its process was told to stop")
        else:
            self._close(cell, "failed", code or FAILED, ledger.error(cell.where) or ending.reason or "it failed")

    def _died(self, cell: _Cell, reason: str) -> None:
        cell.tries += 1
        if cell.tries <= cell.job.config.retries:
            self.display.again(cell.where.name, reason)
            self.queue.append(cell)
        else:
            times = f", {cell.tries} times" if cell.tries > 1 else ""
            self._close(cell, "failed", FAILED, f"{reason}{times}")

    def _close(self, cell: _Cell, status: str, code: int, text: str) -> None:
        where = cell.where
        self.codes[cell.number] = code
        ledger.tell(where, status, None if status in rundir.FINAL else text)
        if status not in rundir.FINAL:
            log = ledger.row(where).log
            text = f"{text}. Log: {log}" if status == "failed" and log else text
        self.display.end(where.name, status, text)
