"""Tasks in a process of their own: results as they arrive, and a death costs one task."""

from dataclasses import dataclass

import pytest

from ablation.config.schema import Config
from ablation.study.preflight import probe
from ablation.study.preflight.probe import Done, Failure, Task


def work(cfg):
    """Stands for any work."""
    return cfg.seed


def tasks_of(*seeds):
    return [Task(work, f"seed {seed}", Config(seed=seed)) for seed in seeds]


@dataclass
class FakeWorker:
    """Dies at each task with an odd seed, with a word in its log."""

    work: object
    arguments: tuple
    backend: str
    log: object

    def __post_init__(self):
        self.waiting = list(self.arguments[0])
        self.closed = False
        WORKERS.append(self)

    def next(self):
        task = self.waiting.pop(0)
        if task.config.seed % 2:
            self.log.write_text("first line\nthe last word\n\n")
            return None
        return task.config.seed

    def death(self):
        return "its process was killed by SIGKILL"

    def close(self):
        self.closed = True


WORKERS: list[FakeWorker] = []


@pytest.fixture(autouse=True)
def fake_workers(monkeypatch):
    WORKERS.clear()
    monkeypatch.setattr(probe.sweep_worker, "HelperProcess", FakeWorker)


def test_a_process_that_dies_costs_the_task_that_it_was_at():
    tasks = tasks_of(0, 1, 2, 3)
    dead = Failure("its process was killed by SIGKILL (the last word)")
    expected = [Done(tasks[0], 0), Done(tasks[1], dead), Done(tasks[2], 2), Done(tasks[3], dead)]
    assert list(probe.results(tasks, 1)) == expected
    assert len(WORKERS) == 2 and all(worker.closed for worker in WORKERS)


def test_tasks_apart_have_a_process_each():
    assert [done.result for done in probe.results_apart(tasks_of(0, 2, 4), 1)] == [0, 2, 4]
    assert len(WORKERS) == 3 and all(worker.closed for worker in WORKERS)


def test_a_reader_that_leaves_ends_the_process():
    results = probe.results(tasks_of(0, 2), 1)
    next(results)
    results.close()
    assert WORKERS[0].closed


def test_run_tasks_hands_each_on():
    arrived = []
    probe.run_tasks(probe.results(tasks_of(0, 2), 1), 2, "counting", arrived.append)
    assert [done.result for done in arrived] == [0, 2]
    probe.run_tasks(probe.results([], 1), 0, "counting", arrived.append)
    assert len(arrived) == 2 and len(WORKERS) == 1
