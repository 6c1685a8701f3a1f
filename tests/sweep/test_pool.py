"""Which run a free slot starts, and which workers live: with workers that run nothing."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ablation.config.run_request import RunRequest
from ablation.config.schema import Config
from ablation.runtime import machine
from ablation.sweep import pool
from ablation.sweep.pool import FREE_MEMORY, MOST_PER_SLOT, Pool

LOG = Path("log")
GIB = 2**30


@pytest.mark.parametrize(
    ("gpus", "n_jobs", "expected"),
    [
        ([], None, (None,)),
        ([], 3, (None, None, None)),
        (["0", "GPU-1a"], None, ("0", "GPU-1a")),
        (["4", "5"], 3, ("4", "5", "4")),
        (["4", "5"], "auto", ("4", "5")),
        ([], "auto", (None,) * 4),
    ],
)
def test_the_machine_is_shared(monkeypatch, quick, gpus, n_jobs, expected):
    monkeypatch.setattr(machine, "gpus", lambda: gpus)
    monkeypatch.setattr(machine, "cores", lambda: 8)
    monkeypatch.setattr(machine, "memory", lambda: 9 * GIB)
    share = pool.room([replace(quick.config(["model=resnet34", "data=cifar10"]), n_jobs=n_jobs)])
    assert share.gpus == expected and share.cores == 8 // len(expected) and share.at_once == len(expected)


def test_small_networks_share_the_cores_unless_a_run_needs_all(monkeypatch, quick):
    monkeypatch.setattr(machine, "gpus", lambda: [])
    monkeypatch.setattr(machine, "cores", lambda: 8)
    monkeypatch.setattr(machine, "memory", lambda: 9 * GIB)
    small = quick.config(["model=resnet_cifar", "model.depth=8", "data=digits"])
    large = quick.config(["model=resnet34", "data=cifar10"])
    assert pool.room([small, small]).gpus == (None,) * 4
    assert pool.room([small, large]).gpus == (None,)
    assert pool.room([replace(small, n_jobs=1)]).gpus == (None,)
    assert pool.room([replace(small, threads=1)]).gpus == (None,) * 4
    assert pool.room([replace(small, threads=8)]).gpus == (None,)  # each run would have 8 threads
    monkeypatch.setattr(machine, "gpus", lambda: ["0"])
    assert pool.room([small, small]).gpus == ("0",)


@dataclass(frozen=True)
class Run:
    name: str  # the first letter is its structure

    @property
    def structure(self) -> str:
        return self.name[0]

    @property
    def request(self) -> RunRequest:
        return RunRequest(replace(Config(), name=self.name), {}, (), "")


class FakeWorker:
    def __init__(self, structure, backend, cores, gpu):
        self.structure, self.gpu, self.jobs, self.alive, self.deaf = structure, gpu, 0, True, False
        self.pid = 1000 + len(MADE)
        MADE.append(self)

    def begin(self, job, log):
        if self.deaf:
            raise BrokenPipeError
        self.jobs += 1
        self.run = job.config.name

    def is_alive(self):
        return self.alive

    def close(self):
        self.alive = False


class FakeWatchdog:
    def __init__(self):
        self.watched = set()

    def watch(self, pid):
        self.watched.add(pid)

    def forget(self, pid):
        self.watched.remove(pid)


MADE: list[FakeWorker] = []


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    MADE.clear()
    monkeypatch.setattr(pool, "Worker", FakeWorker)
    monkeypatch.setattr(machine, "memory", lambda: FREE_MEMORY)


def new_pool(*gpus):
    return Pool(gpus, 1, FakeWatchdog())


class Sweep:
    """A simulated sweep. begun: its runs in the order in which they began, with the number of the worker."""

    def __init__(self, workers: Pool, names: str, first: float = 9, later: float = 1):
        """names: of the runs in the queue. first, later: the seconds of a worker's first job, and of a later one."""
        self.pool, self.queue, self.first, self.later = workers, [Run(name) for name in names.split()], first, later
        self.begun: list[str] = []
        self.clock = 0.0
        self.running: list[tuple[float, FakeWorker]] = []

    def run(self) -> list[str]:
        while self.queue or self.running:
            self.fill()
            self.pool.end_idle(self.queue)
            self.running.sort(key=lambda each: each[0])
            until, worker = self.running.pop(0)
            self.clock = until
            self.pool.release(worker, True, self.seconds(worker))
        self.pool.end_idle()
        assert not self.pool._watchdog.watched and not any(worker.alive for worker in MADE)
        return self.begun

    def fill(self) -> None:
        for gpu in self.pool.free_slots():
            run = self.pool.choose(self.queue, gpu)
            if run is not None:
                self.queue.remove(run)
                worker = self.pool.begin(run.request, run.structure, LOG, gpu)
                self.begun.append(f"{run.name}{worker.pid - 1000}")
                self.running.append((self.clock + self.seconds(worker), worker))

    def seconds(self, worker: FakeWorker) -> float:
        return self.first if worker.jobs == 1 else self.later


@pytest.mark.parametrize(
    ("slots", "queue", "begun"),
    [
        (1, "a1 a2 b1 b2", "a10 a20 b11 b21"),
        (1, "a1 b1 a2 b2", "a10 b11 a20 b21"),  # the first seed of every variant first
        (2, "a1 a2 a3 b1 b2 b3", "a10 b11 a20 b21 a30 b31"),  # each structure is traced in one slot alone
        (2, "a1 a2 a3 a4", "a10 a21 a30 a41"),  # more slots than structures: they share one
        (3, "a1 b1 c1 a2 b2 c2", "a10 b11 c12 a20 b21 c22"),
    ],
)
def test_runs_start_in_order_except_where_tracing_is_saved(slots, queue, begun):
    assert Sweep(new_pool(*[None] * slots), queue).run() == begun.split()


def test_with_more_structures_than_places_every_variant_starts_and_then_some_finish_first():
    names = "abcdef"[: MOST_PER_SLOT + 1]
    queue = " ".join(name + seed for seed in "123" for name in names)
    begun = Sweep(new_pool(None), queue).run()
    first, parked = [f"{name}1{i}" for i, name in enumerate(names)], list(enumerate(names))[1:]
    assert begun[: len(names)] == first
    assert begun[len(names) :] == [
        *(f"{name}{seed}{i}" for seed in "23" for i, name in parked),
        *(f"a{seed}{len(names)}" for seed in "23"),
    ]


def test_a_gpu_has_one_worker_per_slot():
    begun = Sweep(new_pool("0"), "a1 b1 a2 b2 a3 b3").run()
    assert begun == "a10 b11 b21 b31 a22 a32".split()


def test_a_worker_stays_with_its_gpu():
    assert Sweep(new_pool("0", "1"), "a1 b1 a2 b2 b3 a3").run() == "a10 b11 a20 b21 a30 b31".split()
    assert [worker.gpu for worker in MADE] == ["0", "1"]


def test_without_free_memory_nothing_is_parked_beside_a_new_worker(monkeypatch):
    monkeypatch.setattr(machine, "memory", lambda: FREE_MEMORY - 1)
    assert Sweep(new_pool(None), "a1 b1 a2 b2").run() == "a10 b11 b21 a22".split()


@pytest.mark.parametrize(("waiting", "workers"), [(8, 2), (9, 3)])
def test_a_slot_traces_a_structure_again_if_that_ends_the_sweep_sooner(waiting, workers):
    """Another worker takes 8 seconds more than a second job, and so it needs as many jobs to take over."""
    queue = "a1 b1 a2 b2 " + " ".join(f"a{i}" for i in range(3, 4 + waiting))
    Sweep(new_pool(None, None), queue).run()
    assert len(MADE) == workers


@pytest.mark.parametrize(("later", "last"), [(1, "a40"), (1000, "a42")])
def test_a_slot_waits_for_the_worker_of_another_no_longer_than_tracing_takes(later, last):
    """If runs take hours, it does not idle for one to save the seconds of tracing."""
    assert Sweep(new_pool(None, None), "a1 b1 a2 b2 a3 a4", first=later + 9, later=later).run()[-1] == last


def test_a_worker_that_is_not_clean_is_replaced():
    workers = new_pool(None)
    worker = workers.begin(Run("a1").request, "a", LOG, None)
    workers.release(worker, False, 1)
    assert not worker.alive and workers.free_slots() == [None]
    assert workers.choose([Run("a2")], None) == Run("a2")
    assert workers.begin(Run("a2").request, "a", LOG, None) is MADE[1]


def test_a_parked_worker_that_has_died_is_replaced():
    """Whether the sweep has noticed, or not yet."""
    workers = new_pool(None)
    for notices in (True, False):
        worker = workers.begin(Run("a1").request, "a", LOG, None)
        workers.release(worker, True, 1)
        if notices:
            worker.alive = False
        else:
            worker.deaf = True
        assert workers.choose([Run("a2")], None) == Run("a2")
        again = workers.begin(Run("a2").request, "a", LOG, None)
        assert again is not worker and again.run == "a2" and workers._watchdog.watched == {again.pid}
        workers.release(again, False, 1)


def test_a_run_that_needs_a_new_worker_gets_one():
    workers = new_pool(None)
    worker = workers.begin(Run("a1").request, "a", LOG, None)
    workers.release(worker, True, 1)
    assert workers.begin(Run("a2").request, "a", LOG, None, is_new=True) is MADE[1]


def test_a_worker_that_cannot_take_its_first_job_leaves_nothing(monkeypatch):
    monkeypatch.setattr(FakeWorker, "begin", lambda *_: (_ for _ in ()).throw(BrokenPipeError))
    workers = new_pool(None)
    with pytest.raises(BrokenPipeError):
        workers.begin(Run("a1").request, "a", LOG, None)
    assert not MADE[0].alive and not workers._watchdog.watched and workers.free_slots() == [None]


def test_workers_without_waiting_runs_end():
    workers = new_pool(None, None)
    for name in ("a1", "b1"):
        workers.release(workers.begin(Run(name).request, name[0], LOG, None), True, 1)
    workers.end_idle([Run("b2")])
    assert [worker.alive for worker in MADE] == [False, True]
    workers.end_idle()
    assert not MADE[1].alive
