"""Many jobs, some at once, none lost: what was killed is tried again, what hangs is ended, what is wrong is told."""

import signal
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait

from ablation.config.run_request import RunRequest
from ablation.config.schema import Config
from ablation.errors import Busy, Failed
from ablation.run import outcome, place
from ablation.run.locator import RunLocator
from ablation.rundir import claim, layout
from ablation.runtime import machine
from ablation.runtime.signals import CODES, INTERRUPTED, Stop, stopping
from ablation.sweep import status
from ablation.sweep import status as sweep_status
from ablation.sweep.live_display import Display
from ablation.sweep.parent_watch import WORKER
from ablation.sweep.watchdog import Watchdog
from ablation.sweep.worker import Ending, JobProcess

GRACE = 15.0  # seconds from being asked to commit to being killed
TICK = 0.2  # seconds
A_JOB = 2 * 2**30  # bytes that a job may need, where n_jobs=auto asks


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
    gpus, cores = machine.gpus(), machine.cores()
    many = cfg.n_jobs or len(gpus) or 1
    if many == "auto":
        many = len(gpus) or max(1, min(cores, machine.memory() // A_JOB))
    return Room(tuple(gpus[i % len(gpus)] if gpus else None for i in range(many)), max(1, cores // many))


@dataclass
class QueuedRun:
    number: int
    job: RunRequest
    where: place.RunLocation
    found: bool  # else its data could not be told when it was looked for
    begun: int  # processes that other sweeps and this one have begun for it
    tries: int = 0

    def look(self) -> None:
        """Find its place where its data has come since."""
        if not self.found:
            located = RunLocator()(self.job.config)
            self.where, self.found = located.where, located.problem is None


@dataclass
class _Running:
    cell: QueuedRun
    process: JobProcess
    slot: int
    before: str | None  # checksum of the record that was there
    began: float
    asked: float | None = None
    late: bool = False


def launch(jobs: Sequence[RunRequest], share: Room, display: Display) -> list[int]:
    """Run the jobs. Returns an exit code for each, as `ablate` would have given.

    After a signal the running ones commit and the others are left.
    """
    with stopping() as stop, Watchdog(GRACE) as guard, display:
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


class _Sweep:
    def __init__(self, jobs: Sequence[RunRequest], share: Room, display: Display, stop: Stop, guard: Watchdog):
        self.share, self.display, self.stop, self.guard = share, display, stop, guard
        find, self.queue = RunLocator(), deque()
        for i, job in enumerate(jobs):
            located = find(job.config)
            self.queue.append(QueuedRun(i, job, located.where, located.problem is None, status.begun(located.where)))
        self.elsewhere: list[QueuedRun] = []
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
            done = place.up_to_date(cell.job.config, cell.where)
            failed = not done and status.failure_after(cell.where, cell.begun)
            if done:  # another sweep was quicker
                self._close(cell, done.status, outcome.CODES[done.status], outcome.outcome_sentence(done))
            elif failed:
                self._close(cell, "failed", Failed.code, failed)
            elif claim.is_claimed(cell.where.outputs, cell.where.name):
                self.elsewhere.append(cell)
            else:
                self._start(cell)

    def _take_back(self) -> None:
        """What another process has ended, or left."""
        still = []
        for cell in self.elsewhere:
            held = claim.is_claimed(cell.where.outputs, cell.where.name)
            (still if held else self.queue).append(cell)
        self.elsewhere = still

    def _start(self, cell: QueuedRun) -> None:
        where = cell.where
        slot = next(i for i in range(self.share.at_once) if i not in {each.slot for each in self.running})
        log = layout.job_log(where.outputs, where.name)
        status.record_status(where, "running")
        cell.begun += 1
        done = place.final_record(where)
        self.display.start(cell.number, where.name, log)
        try:
            process = JobProcess(cell.job, log, self.share.cores, self.share.gpus[slot])
        except (OSError, EOFError) as error:
            self._died(cell, f"its process could not be started ({error})")
            return
        self.guard.watch(process.pid)
        before = done and done.checksum
        self.running.append(_Running(cell, process, slot, before, time.monotonic()))

    def _ended(self, each: _Running, ending: Ending) -> None:
        cell, code = each.cell, ending.code
        cell.look()
        done = place.final_record(cell.where)
        if done and (code == 0 or done.checksum != each.before):
            self._close(cell, done.status, outcome.CODES[done.status], outcome.outcome_sentence(done))
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
            self._close(cell, "failed", code or Failed.code, status.error(cell.where) or ending.reason or "it failed")

    def _died(self, cell: QueuedRun, reason: str) -> None:
        cell.tries += 1
        if cell.tries <= cell.job.config.max_retries:
            self.display.retry(cell.number, cell.where.name, reason)
            self.queue.append(cell)
        else:
            times = f", {cell.tries} times" if cell.tries > 1 else ""
            self._close(cell, "failed", Failed.code, f"{reason}{times}")

    def _close(self, cell: QueuedRun, status: str, code: int, text: str) -> None:
        where = cell.where
        self.codes[cell.number] = code
        sweep_status.record_status(where, status, None if status in layout.FINAL else text)
        if status not in layout.FINAL:
            log = sweep_status.row(where).log
            text = f"{text.rstrip('.')}. Log: {log}" if status == "failed" and log else text
        self.display.end(cell.number, where.name, status, text)
