"""Run many jobs, some of them in parallel: retry killed jobs, stop those that exceed the timeout, report failures."""

import signal
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Protocol

from ablation.config.run_request import Job
from ablation.errors import Busy, Failed
from ablation.run import outcome, place
from ablation.run.locator import Located, RunLocator
from ablation.run.place import RunLocation
from ablation.run.structure import PROGRAM, structure
from ablation.rundir import claim, layout
from ablation.rundir.record import RunRecord
from ablation.runtime.signals import CODES, INTERRUPTED, Stop, stopping
from ablation.sweep import status as sweep_status
from ablation.sweep.live_display import Display
from ablation.sweep.parent_watch import WORKER
from ablation.sweep.pool import Pool, Room
from ablation.sweep.watchdog import Watchdog
from ablation.sweep.worker import Ending, Worker

GRACE = 15.0  # seconds that a job has to save a checkpoint before it is killed
TICK = 0.2  # seconds
RESUME, REPEAT = "run the same command to resume", "run the same command to begin it again"


@dataclass
class QueuedRun:
    """A run in the queue.

    number: index of the job. located: True if its data could be read, so that `where` is final. begun: the number of
    processes that all sweeps have used for it. tries: the number of those in this sweep that were killed.
    is_declined: True if a worker has declined it, so that it needs a new one.
    """

    number: int
    request: Job
    where: RunLocation
    located: bool
    begun: int
    tries: int = 0
    is_declined: bool = False
    structure: str = field(init=False)

    def __post_init__(self) -> None:
        self.structure = structure(self.request.config)

    @property
    def remedy(self) -> str:
        """What continues it after it was stopped: a run of a program begins again."""
        return REPEAT if self.structure == PROGRAM else RESUME

    def locate_again(self) -> None:
        """Locate the run again if its data could not be read before."""
        if not self.located:
            run = RunLocator()(self.request.config)
            self.where, self.located = run.where, run.problem is None


@dataclass
class _Running:
    """A run with its worker.

    before: the checksum of the record when it started. asked_at: the time when the worker was asked to end, or None.
    late: True if the job has exceeded job_timeout.
    """

    run: QueuedRun
    worker: Worker
    before: str | None
    began: float
    asked_at: float | None = None
    late: bool = False


class Limit(Protocol):
    """What a sweep may use. The seconds are those of processes of runs."""

    def allows(self, where: RunLocation, running: Mapping[RunLocation, float], /) -> bool:
        """Return whether a run may start beside the running ones, which have taken these seconds so far."""
        ...

    def note(self, where: RunLocation, seconds: float, has_ended: bool, /) -> None:
        """Add the seconds of a process. has_ended: whether its run has completed or diverged."""


def launch(
    jobs: Sequence[Job],
    share: Room,
    display: Display,
    located: Sequence[Located] | None = None,
    limit: Limit | None = None,
) -> list[int]:
    """Run the jobs. Returns the exit code of each, as from `ablate`. located: the jobs' runs, if known.

    limit: no further job starts once it allows none.

    After a signal, running jobs save a checkpoint and end, and no further job starts.
    """
    with stopping() as stop, Watchdog(GRACE) as watchdog, display:
        stop.graceful = True
        sweep = _Sweep(queued(jobs, located), Pool(share.gpus, share.cores, watchdog), display, stop, limit)
        try:
            while sweep.is_busy():
                if WORKER.orphaned() and stop.code is None:
                    stop.note(signal.SIGTERM)
                sweep.step()
        except BaseException:  # including SystemExit, which schedulers raise to requeue the job
            stop.code = stop.code or CODES[signal.SIGTERM]
            while sweep.running:
                sweep.step()
            raise
        finally:
            sweep.pool.end_idle()
    code_if_unfinished = stop.code or CODES[signal.SIGTERM]
    return [sweep.codes.get(number, code_if_unfinished) for number in range(len(jobs))]


def queued(jobs: Sequence[Job], located: Sequence[Located] | None = None) -> list[QueuedRun]:
    """Queue the jobs. located: their runs, in the same order; None to locate them here."""
    if located is None:
        locate = RunLocator()
        located = [locate(request.config) for request in jobs]
    runs = []
    for number, (request, run) in enumerate(zip(jobs, located, strict=True)):
        begun = sweep_status.begun(run.where)
        runs.append(QueuedRun(number, request, run.where, run.problem is None, begun))
    return runs


class _Sweep:
    """The runs of a sweep by state. elsewhere: executed by another process. codes: exit codes of closed runs."""

    def __init__(self, runs: Sequence[QueuedRun], pool: Pool, display: Display, stop: Stop, limit: Limit | None):
        self.pool, self.display, self.stop, self.limit = pool, display, stop, limit
        self.queue = deque(runs)
        self.elsewhere: list[QueuedRun] = []
        self.running: list[_Running] = []
        self.codes: dict[int, int] = {}

    def is_busy(self) -> bool:
        """Return whether there is still something to run or to wait for."""
        if self.running:
            return True
        return self.stop.code is None and bool(self.queue or self.elsewhere)

    def step(self) -> None:
        """Start as many runs as there is room for, wait a moment, and handle running jobs."""
        if self.stop.code is None:
            self._requeue()
            self._fill()
        self.pool.end_idle(self.queue if self.stop.code is None else ())
        self.display.tick(len(self.elsewhere))
        if self.running:
            wait([waitable for job in self.running for waitable in job.worker.waitable], TICK)
        else:
            time.sleep(TICK)
        for job in list(self.running):
            self._handle(job)

    def _handle(self, job: _Running) -> None:
        ending = job.worker.ending()
        if ending is not None:
            self.running.remove(job)
            # A worker that was asked to end could do so in its next job.
            is_clean = ending.clean and job.asked_at is None
            self.pool.release(job.worker, is_clean, time.monotonic() - job.began)
            self._ended(job, ending)
        elif job.asked_at is None:
            self._ask_if_due(job)
        elif time.monotonic() - job.asked_at > GRACE:
            job.worker.kill()

    def _ask_if_due(self, job: _Running) -> None:
        """Ask a job to end if it is late or the sweep was stopped."""
        limit = job.run.request.config.job_timeout
        job.late = limit is not None and time.monotonic() - job.began > limit
        if job.late or self.stop.code is not None:
            job.asked_at = time.monotonic()
            job.worker.ask()

    def _requeue(self) -> None:
        """Queue the runs that another process no longer executes."""
        still_elsewhere = []
        for run in self.elsewhere:
            claimed = claim.is_claimed(run.where.outputs, run.where.name)
            (still_elsewhere if claimed else self.queue).append(run)
        self.elsewhere = still_elsewhere

    def _fill(self) -> None:
        """Start queued runs in the free slots."""
        for gpu in self.pool.free_slots():
            is_free = True
            while is_free and self.stop.code is None:
                run = self.pool.choose(self.queue, gpu)
                if run is None or not self._is_allowed(run):
                    break
                self.queue.remove(run)
                is_free = not self._start_if_needed(run, gpu)

    def _is_allowed(self, run: QueuedRun) -> bool:
        """Return whether the limit lets a run start. If it will let none start, the queue is given up."""
        running = {job.run.where: time.monotonic() - job.began for job in self.running}
        if self.limit is None or self.limit.allows(run.where, running):
            return True
        if not running:
            self.codes.update((waiting.number, Failed.code) for waiting in self.queue)
            self.queue.clear()
        return False

    def _start_if_needed(self, run: QueuedRun, gpu: str | None) -> bool:
        """Start a run, unless it has ended or another process executes it. Returns whether it was started."""
        run.locate_again()
        record = place.up_to_date(run.request.config, run.where)
        failure = None if record else sweep_status.failure_after(run.where, run.begun)
        if record:  # another sweep has finished it
            self._close_final(run, record)
        elif failure:
            self._close(run, "failed", Failed.code, failure)
        elif claim.is_claimed(run.where.outputs, run.where.name):
            self.elsewhere.append(run)
        else:
            return self._start(run, gpu)
        return False

    def _start(self, run: QueuedRun, gpu: str | None) -> bool:
        """Start a run. Returns False if its process could not be started."""
        where = run.where
        log = layout.job_log(where.outputs, where.name)
        sweep_status.record_status(where, "running")
        run.begun += 1
        record = place.final_record(where)
        self.display.start(run.number, where.name, log)
        try:
            worker = self.pool.begin(run.request, run.structure, log, gpu, run.is_declined)
        except (OSError, EOFError) as error:
            self._retry(run, f"its process could not be started ({error})")
            return False
        before = None if record is None else record.checksum
        self.running.append(_Running(run, worker, before, time.monotonic()))
        return True

    def _ended(self, job: _Running, ending: Ending) -> None:
        """Close a run whose process has ended, or queue it again."""
        run, code = job.run, ending.code
        run.locate_again()
        record = place.final_record(run.where)
        is_final = record is not None and (code == 0 or record.checksum != job.before)
        if self.limit is not None:
            self.limit.note(run.where, time.monotonic() - job.began, is_final)
        if record and is_final:
            self._close_final(run, record)
        elif ending.declined:
            self.display.drop(run.number)
            run.is_declined = True
            self.queue.appendleft(run)
        elif code == Busy.code and self.stop.code is None:
            self.display.drop(run.number)
            self.elsewhere.append(run)
        elif job.late:
            limit = run.request.config.job_timeout
            reason = f"it ran longer than job_timeout={limit:g} s; {run.remedy}"
            self._close(run, "failed", Failed.code, reason)
        elif self.stop.code is not None and (code is None or code in INTERRUPTED or code == Busy.code):
            self._close(run, "interrupted", self.stop.code, run.remedy)
        elif ending.killed or code in INTERRUPTED:
            self._retry(run, ending.reason or "its process received a signal to stop")
        else:
            reason = sweep_status.error(run.where) or ending.reason or "it failed"
            self._close(run, "failed", code or Failed.code, reason)

    def _retry(self, run: QueuedRun, reason: str) -> None:
        """Queue a run whose process was killed again, unless it was killed too often."""
        run.tries += 1
        if run.tries <= run.request.config.max_retries:
            self.display.retry(run.number, run.where.name, reason)
            self.queue.append(run)
            return
        times = f", {run.tries} times" if run.tries > 1 else ""
        self._close(run, "failed", Failed.code, f"{reason}{times}")

    def _close_final(self, run: QueuedRun, record: RunRecord) -> None:
        """Close a run that has completed or diverged."""
        self._close(run, record.status, outcome.CODES[record.status], outcome.outcome_sentence(record))

    def _close(self, run: QueuedRun, status: str, code: int, text: str) -> None:
        """Record and print how a run ended."""
        self.codes[run.number] = code
        sweep_status.record_status(run.where, status, None if status in layout.FINAL else text)
        if status == "failed":
            log = sweep_status.row(run.where).log
            text = f"{text.rstrip('.')}. Log: {log}" if log else text
        self.display.end(run.number, run.where.name, status, text)
