"""Build and briefly train cells in a separate process, so that the process of the study never loads a backend."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ablation.config import libraries
from ablation.config.plugins import registry
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.run import outcome
from ablation.runtime import backend, console
from ablation.runtime.threads import default_threads
from ablation.sweep import worker as sweep_worker

STARTS = 3  # timed starts of a worker; the first one has to wait until the libraries are loaded

Result = TypeVar("Result")


@dataclass(frozen=True)
class Task(Generic[Result]):
    """A task for the separate process. work: a module-level function, so that it can be pickled. key: of the result."""

    work: Callable[[Config], Result]
    key: str
    config: Config


@dataclass(frozen=True)
class Failure:
    """The result of a task that failed."""

    reason: str


@dataclass(frozen=True)
class Done(Generic[Result]):
    """A finished task, with its result or its failure."""

    task: Task[Result]
    result: Result | Failure


def results(tasks: Sequence[Task[Result]], cores: int) -> Iterator[Done[Result]]:
    """Do the tasks one after another in a separate process. Yields each task when it is done.

    If the process dies, only its current task fails; a new process does the remaining ones.
    """
    waiting = list(tasks)
    libraries.require_backends(task.config.backend for task in waiting)
    while waiting:
        with tempfile.NamedTemporaryFile(prefix="ablate_", suffix=".log") as log:
            yield from _until_death(waiting, cores, Path(log.name))


def results_apart(tasks: Iterable[Task[Result]], cores: int) -> Iterator[Done[Result]]:
    """Do each task in a new process, like a run."""
    for task in tasks:
        yield from results([task], cores)


def _until_death(waiting: list[Task[Result]], cores: int, log: Path) -> Iterator[Done[Result]]:
    """Do tasks until none are left or the process dies. Removes the finished ones from `waiting`."""
    worker = sweep_worker.HelperProcess(_work, (tuple(waiting), cores), waiting[0].config.backend, log)
    try:
        while waiting:
            result = worker.next()
            if result is None:
                yield Done(waiting.pop(0), Failure(f"{worker.death()}{_last_line(log)}"))
                return
            yield Done(waiting.pop(0), result)
    finally:
        worker.close()


def _last_line(log: Path) -> str:
    """The last line of a process's log as ` (…)`; empty if there is none."""
    for line in reversed(log.read_text(errors="replace").split("\n")):
        if line.strip():
            return f" ({line.strip()})"
    return ""


def _work(tasks: Sequence[Task[Any]], cores: int, send: Callable[[Any], None]) -> None:
    """Do the tasks in the separate process, and send each result."""
    first = tasks[0].config
    backend.start(first, first.threads or default_threads(first, cores))
    for task in tasks:
        send(do(task))


def do(task: Task[Result]) -> Result | Failure:
    """Do a task in this process. Requires a started backend."""
    import keras

    keras.config.set_dtype_policy(task.config.train.precision)
    try:
        registry.take(task.config.plugins)
        return task.work(task.config)
    except AblateError as error:
        return Failure(str(error))
    except Exception as error:
        return Failure(outcome.one_line_error(error))
    finally:
        keras.backend.clear_session()


def run_tasks(done: Iterable[Done[Result]], count: int, text: str, arrived: Callable[[Done[Result]], None]) -> None:
    """Call `arrived` with each finished task, and show a progress bar. done: from `results`. count: of the tasks."""
    if count:
        for finished in console.track(done, count, text):
            arrived(finished)


def worker_start_seconds(cfg: Config, cores: int) -> float:
    """The seconds to start a process of a sweep and its backend, after the fork server has loaded the libraries."""
    libraries.require_backends([cfg.backend])
    seconds = []
    with tempfile.NamedTemporaryFile(prefix="ablate_", suffix=".log") as log:
        for _ in range(STARTS):
            began = time.monotonic()
            worker = sweep_worker.HelperProcess(_start_only, (cfg, cores), cfg.backend, Path(log.name))
            worker.next()
            seconds.append(time.monotonic() - began)
            worker.close()
    return min(seconds)


def _start_only(cfg: Config, cores: int, send: Callable[[bool], None]) -> None:
    backend.start(cfg, cfg.threads or default_threads(cfg, cores))
    send(True)
