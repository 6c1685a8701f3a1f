"""The slots and workers of a sweep, and which run a free slot starts next.

A worker runs jobs of one structure, so that it traces their network once. Between two jobs it is parked: it waits
without using a core. Runs start in the order of the queue, except where another order saves tracing. A free slot takes

1. the first run whose structure has a parked worker, or has not been started in this sweep: so every variant has its
   first result as early as the order of the queue allows;
2. otherwise the first run whose structure no longer has a worker;
3. otherwise the first run whose structure has a busy worker, if a second one will have finished its share of the runs
   sooner; else the slot waits for the busy one.

A worker ends when no run of its structure waits, or when a new worker needs its place: with GPUs there is one worker
per slot, because an idle worker keeps the memory of its GPU; without, `MOST_PER_SLOT`, as long as memory is free. If a
sweep has more structures than that, rule 1 finishes the runs of some structures before the others come back.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import Job, RunConfig
from ablation.runtime import machine
from ablation.runtime.threads import default_threads
from ablation.sweep.watchdog import Watchdog
from ablation.sweep.worker import Worker

MOST_PER_SLOT = 4  # workers without a GPU
JOB_MEMORY = 2 * 2**30  # bytes that n_jobs=auto reserves per job
FREE_MEMORY = 2 * 2**30  # bytes that must be free for another worker beside parked ones


@dataclass(frozen=True)
class Room:
    """The resources for parallel jobs. gpus: one per parallel job, None for a job without. cores: per job."""

    gpus: tuple[str | None, ...]
    cores: int

    @property
    def at_once(self) -> int:
        return len(self.gpus)


def room(configs: Sequence[RunConfig]) -> Room:
    """The resources for the runs of a sweep, unless n_jobs is set: one job per GPU.

    Without GPUs, a single job on all cores, or, if all networks are small and train on one thread, a job per core as
    the memory allows. The cores are divided equally.
    """
    gpus, cores, n_jobs = machine.gpus(), machine.cores(), configs[0].n_jobs
    if n_jobs is None and not gpus and all(_needs_one_core(config, cores) for config in configs):
        n_jobs = "auto"
    if n_jobs == "auto":
        at_once = len(gpus) or max(1, min(cores, machine.memory() // JOB_MEMORY))
    else:
        at_once = n_jobs or len(gpus) or 1
    slots: list[str | None] = [None] * at_once
    if gpus:
        slots = [gpus[slot % len(gpus)] for slot in range(at_once)]
    return Room(tuple(slots), max(1, cores // at_once))


def _needs_one_core(config: RunConfig, cores: int) -> bool:
    if isinstance(config, ProgramConfig):
        return False  # it may use all cores
    return config.threads in (None, 1) and default_threads(config, cores) == 1


class Waiting(Protocol):
    """A run that waits for a slot."""

    @property
    def structure(self) -> str: ...


Run = TypeVar("Run", bound=Waiting)


class _Durations:
    """The seconds of the jobs of one structure. first: of the first jobs of workers. later: of all others."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.later: list[float] = []

    def saves_time(self, waiting: int, workers: int) -> bool:
        """Return whether another worker would end the waiting jobs sooner, although it must trace the network first.

        With L workers, W jobs of l seconds and tracing for o seconds: (W l + o) / (L + 1) < W l / L. True if the
        durations are not known yet.
        """
        if not self.first or not self.later:
            return True
        later = statistics.mean(self.later)
        return waiting * later > workers * (statistics.mean(self.first) - later)


class Pool:
    """The workers of a sweep."""

    def __init__(self, gpus: Sequence[str | None], cores: int, watchdog: Watchdog):
        """gpus: one per slot, None for a slot without. cores: per worker."""
        self._gpus, self._cores, self._watchdog = tuple(gpus), cores, watchdog
        self._busy: list[Worker] = []
        self._parked: list[Worker] = []  # the one that was used last is last
        self._durations: dict[str, _Durations] = {}  # of the structures that were started

    def free_slots(self) -> list[str | None]:
        """The GPU of each slot that runs no job."""
        return list((Counter(self._gpus) - Counter(worker.gpu for worker in self._busy)).elements())

    def choose(self, queue: Sequence[Run], gpu: str | None) -> Run | None:
        """The run that a free slot starts next; None to wait for a busy worker."""
        self._forget_dead()
        here = {worker.structure for worker in self._parked if worker.gpu == gpu}
        workers = Counter(worker.structure for worker in (*self._parked, *self._busy))
        waiting = Counter(run.structure for run in queue)

        def is_ready(structure: str) -> bool:
            return structure in here or structure not in self._durations

        def has_no_worker(structure: str) -> bool:
            return structure not in workers

        def is_worth_another(structure: str) -> bool:
            return self._durations[structure].saves_time(waiting[structure], workers[structure])

        for rule in (is_ready, has_no_worker, is_worth_another):
            for run in queue:
                if rule(run.structure):
                    return run
        return None

    def begin(self, job: Job, structure: str, log: Path, gpu: str | None, is_new: bool = False) -> Worker:
        """Begin a job in a parked worker of its structure, or in a new one. Raises OSError or EOFError.

        is_new: True to start a new worker in any case.
        """
        parked = None if is_new else self._take_parked(structure, gpu)
        if parked is not None:
            try:
                return self._begin_in(parked, job, log)
            except OSError:  # it has just died: the job has not begun
                pass
        self._make_room(gpu)
        worker = Worker(structure, job.config.backend, self._cores, gpu)
        self._watchdog.watch(worker.pid)
        self._durations.setdefault(structure, _Durations())
        return self._begin_in(worker, job, log)

    def release(self, worker: Worker, is_clean: bool, seconds: float) -> None:
        """Park a worker whose job has ended, if it is clean and not stopped; otherwise end it. seconds: of the job."""
        self._busy.remove(worker)
        if not is_clean:
            self._end(worker)
            return
        durations = self._durations[worker.structure]
        (durations.first if worker.jobs == 1 else durations.later).append(seconds)
        self._parked.append(worker)

    def end_idle(self, queue: Iterable[Waiting] = ()) -> None:
        """End the parked workers for which no run of the queue waits."""
        waiting = {run.structure for run in queue}
        for worker in list(self._parked):
            if worker.structure not in waiting:
                self._end_parked(worker)

    def _take_parked(self, structure: str, gpu: str | None) -> Worker | None:
        for worker in self._parked:
            if (worker.structure, worker.gpu) == (structure, gpu):
                self._parked.remove(worker)
                return worker
        return None

    def _begin_in(self, worker: Worker, job: Job, log: Path) -> Worker:
        try:
            worker.begin(job, log)
        except OSError:
            self._end(worker)
            raise
        self._busy.append(worker)
        return worker

    def _make_room(self, gpu: str | None) -> None:
        """End parked workers, those first that were used longest ago, until there is room for another worker."""
        same = [worker for worker in self._parked if worker.gpu == gpu]
        slots = self._gpus.count(gpu)
        most = slots if gpu is not None else slots * MOST_PER_SLOT
        busy = sum(worker.gpu == gpu for worker in self._busy)
        for worker in same:
            is_full = busy + sum(other.gpu == gpu for other in self._parked) >= most
            if not is_full and machine.memory() >= FREE_MEMORY:
                return
            self._end_parked(worker)

    def _forget_dead(self) -> None:
        """Forget parked workers that have died, for example of a signal from outside."""
        for worker in list(self._parked):
            if not worker.is_alive():
                self._end_parked(worker)

    def _end_parked(self, worker: Worker) -> None:
        self._parked.remove(worker)
        self._end(worker)

    def _end(self, worker: Worker) -> None:
        worker.close()
        self._watchdog.forget(worker.pid)
