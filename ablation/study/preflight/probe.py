"""Build and run cells a little, in a process of its own: the driver of a study never loads a backend."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from ablation.config import plugins
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.run import outcome
from ablation.runtime import backend, console
from ablation.sweep import worker as sweep_worker

STARTS = 3  # of a worker that are timed: the first waits for the libraries

Result = TypeVar("Result")


@dataclass(frozen=True)
class Task(Generic[Result]):
    """work: what is found out about a config, a function of a module. key: what the result is kept under."""

    work: Callable[[Config], Result]
    key: str
    config: Config


@dataclass(frozen=True)
class Failure:
    """Why a task could not be done."""

    reason: str


@dataclass(frozen=True)
class Done(Generic[Result]):
    """A task that came back, with its result or why there is none."""

    task: Task[Result]
    result: Result | Failure


def results(tasks: Sequence[Task[Result]], cores: int) -> Iterator[Done[Result]]:
    """Do the tasks in a process of their own, one after the other; each as it is done.

    A process that dies costs the task that it was at.
    """
    waiting = list(tasks)
    while waiting:
        with tempfile.NamedTemporaryFile(prefix="ablate_", suffix=".log") as log:
            yield from _until_death(waiting, cores, Path(log.name))


def results_apart(tasks: Iterable[Task[Result]], cores: int) -> Iterator[Done[Result]]:
    """Do each task in a process that has done nothing before, as a run is."""
    for task in tasks:
        yield from results([task], cores)


def _until_death(waiting: list[Task[Result]], cores: int, log: Path) -> Iterator[Done[Result]]:
    """Do tasks until there are none, or the process dies. Takes those that are done off the list."""
    worker = sweep_worker.HelperProcess(_work, (tuple(waiting), cores), waiting[0].config.backend, log)
    try:
        while waiting:
            result = worker.next()
            if result is None:
                yield Done(waiting.pop(0), Failure(f"{worker.death()}{_last_words(log)}"))
                return
            yield Done(waiting.pop(0), result)
    finally:
        worker.close()


def _last_words(log: Path) -> str:
    """The last line of a process's log, in brackets."""
    for line in reversed(log.read_text(errors="replace").split("\n")):
        if line.strip():
            return f" ({line.strip()})"
    return ""


def _work(tasks: Sequence[Task[Any]], cores: int, send: Callable[[Any], None]) -> None:
    """What the process does."""
    first = tasks[0].config
    backend.start(first, first.threads or cores)
    for task in tasks:
        send(do(task))


def do(task: Task[Result]) -> Result | Failure:
    """Do a task in this process, where the backend has been started."""
    import keras

    keras.config.set_dtype_policy(task.config.train.precision)
    try:
        plugins.take(task.config.plugins)
        return task.work(task.config)
    except AblateError as error:
        return Failure(str(error))
    except Exception as error:
        return Failure(outcome.one_line_error(error))
    finally:
        keras.backend.clear_session()


def run_tasks(done: Iterable[Done[Result]], count: int, text: str, arrived: Callable[[Done[Result]], None]) -> None:
    """Hand each task that is done to a function, below a progress bar. done: see `results`. count: of tasks."""
    if count:
        for each in console.track(done, count, text):
            arrived(each)


def worker_start_seconds(cfg: Config, cores: int) -> float:
    """Seconds until a process of a sweep is there and its backend started, once the libraries are loaded."""
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
    backend.start(cfg, cfg.threads or cores)
    send(True)
