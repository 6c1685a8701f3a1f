"""What is found out about cells by building and running them a little, in a process of its own.

Three tasks: `count` builds the graph and counts; `taste` takes a few steps and prints what reached training; `time`
takes steps as a run does and measures them.
"""

import contextlib
import dataclasses
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ablation import data
from ablation.config import plugins
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.run import outcome
from ablation.runtime import backend, console
from ablation.runtime.signals import Stop
from ablation.sweep import worker as sweep_worker

STEPS = 3
LATER = 60  # steps in which something that acts late, such as clipping, has to act
FEW = 32  # images in a step that only tells whether anything differs
SOME = 128  # images of validation
SECONDS = 4.0  # of steps that are measured


@dataclass(frozen=True)
class Task:
    """kind: `count`, `taste`, `later` or `time`. key: what the result is kept under."""

    kind: str
    key: str
    config: Config


def results(tasks: Sequence[Task], cores: int) -> Iterator[tuple[Task, dict[str, Any]]]:
    """Do the tasks in a process of their own, one after the other; each result as it arrives.

    A result has `error` where the task could not be done; a process that dies costs the task that it was at.
    """
    left = list(tasks)
    while left:
        with tempfile.NamedTemporaryFile(prefix="ablate_", suffix=".log") as log:
            yield from _some(left, cores, Path(log.name))


def _some(left: list[Task], cores: int, log: Path) -> Iterator[tuple[Task, dict[str, Any]]]:
    worker = sweep_worker.Helper(_work, (tuple(left), cores), left[0].config.backend, log)
    try:
        while left:
            told = worker.next()
            if told is None:
                said = log.read_text(errors="replace").split("\n")
                last = next((f" ({line.strip()})" for line in reversed(said) if line.strip()), "")
                yield left.pop(0), {"error": f"{worker.ending()}{last}"}
                return
            yield left.pop(0), told
    finally:
        worker.close()


def _work(tasks: Sequence[Task], cores: int, send: Callable[[dict[str, Any]], None]) -> None:
    first = tasks[0].config
    backend.start(first, first.threads or cores)
    for task in tasks:
        send(do(task))


def worker_start_seconds(cfg: Config, cores: int) -> float:
    """Seconds until a process of a sweep is there and its backend started, once the libraries are loaded."""
    taken = []
    with tempfile.NamedTemporaryFile(prefix="ablate_", suffix=".log") as log:
        for _ in range(3):
            began = time.monotonic()
            worker = sweep_worker.Helper(_idle, (cfg, cores), cfg.backend, Path(log.name))
            worker.next()
            taken.append(time.monotonic() - began)
            worker.close()
    return min(taken)  # the first waits for the libraries


def _idle(cfg: Config, cores: int, send: Callable[[bool], None]) -> None:
    backend.start(cfg, cfg.threads or cores)
    send(True)


def do(task: Task) -> dict[str, Any]:
    """Do a task in this process, where the backend has been started."""
    import keras

    keras.config.set_dtype_policy(task.config.train.precision)
    try:
        plugins.take(task.config.plugins)
        return TASKS[task.kind](task.config)
    except AblateError as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": outcome.one_line_error(error)}
    finally:
        keras.backend.clear_session()


def _count(cfg: Config) -> dict[str, Any]:
    from ablation.model import network

    shape, classes = data.describe(cfg.data)
    return counts(network.outline(cfg.model, shape, len(classes)))


def counts(built: Any) -> dict[str, Any]:
    """Name and size of a network, built or outlined."""
    from ablation.model import counts as model_counts

    trainable, total = model_counts.parameters(built)
    return {
        "name": built.name,
        "trainable_parameters": trainable,
        "total_parameters": total,
        "macs": model_counts.macs(built),
    }


def _trial(cfg: Config, directory: Path = Path(".")):
    from ablation.run.trial import Trial
    from ablation.training.checkpoint import Checkpoint

    return Trial(cfg, data.load(cfg.data, console.REPORTER), directory, Checkpoint(), backend.xla(cfg))


def _taste(cfg: Config, steps: int = STEPS) -> dict[str, Any]:
    """Everything that reaches training, digested: graph, initial weights, batches, curve, recipe, weights after.

    Steps that are taken three times are not worth tracing; what runs only when traced, as the gradient of a grouped
    convolution on a processor, is.
    """
    if cfg.backend == "tensorflow":
        with contextlib.suppress(Exception), backend.eager():
            return _tasted(cfg, steps)
    return _tasted(cfg, steps)


def _tasted(cfg: Config, steps: int) -> dict[str, Any]:
    from ablation.training import recipe

    few = min(cfg.train.batch_size, FEW)
    trial = _trial(dataclasses.replace(cfg, train=dataclasses.replace(cfg.train, batch_size=few)))
    feed = trial.fed(cfg.train.batch_size)
    length = recipe.length(cfg.train, feed.steps_per_epoch)
    rates = recipe.learning_rates(cfg.train, length.steps)
    before = trial.engine.get()
    drawing = (layer for layer in trial.network._flatten_layers() if hasattr(layer, "seed_generator"))
    initial = {f"{p} {before[p].shape}": _digest(before[p]) for p in trial.paths}
    initial |= {f"{layer.name} seed": _digest(np.asarray(layer.seed_generator.state)) for layer in drawing}
    trial.engine.train_on(lambda first: trial.pipeline.training(trial.feed, first, steps), np.resize(rates, steps))
    metrics = [trial.engine.run(i, i + 1) for i in range(steps)]
    after = trial.engine.get()
    validation = dataclasses.replace(trial.images.validation, rows=trial.images.validation.rows[:SOME])
    score = trial.engine.evaluate(trial.pipeline.evaluation(validation, SOME))
    moved = [p for p in sorted(after) if not np.array_equal(before[p], after[p])]  # the others the recipe tells
    finite = np.isfinite([m.loss for m in metrics]).all() and np.isfinite(score.loss)
    finite &= all(np.isfinite(v).all() for v in after.values() if v.dtype.kind == "f")
    batches = [(*feed.batch(i), *(feed.mixing(i) if feed.mixup_alpha else ())) for i in range(min(STEPS, length.steps))]
    return {
        "network": counts(trial.network),
        "layers": {layer.name: _digest(_settings(layer)) for layer in trial.network.layers},
        "initial": initial,
        "batches": _digest(*[part for batch in batches for part in batch]),
        "labels": _digest(trial.feed.images.labels),
        "curve": _digest(rates),
        "steps": length.steps,
        "per_epoch": length.steps_per_epoch,
        "recipe": _recipe(trial.network),
        "after": _digest(*(after[p] for p in trial.paths if p in moved)),
        "loss": _digest([m.loss for m in metrics]),
        "evaluation": _digest(score.loss, score.correct),
        "finite": bool(finite),
        "taken": steps,
    }


def _later(cfg: Config) -> dict[str, Any]:
    return _taste(cfg, LATER)


def _settings(layer: Any) -> dict[str, Any]:
    """What a layer is, without its precision and where it stands."""
    told = {k: str(v) for k, v in layer.get_config().items() if k not in ("dtype", "batch_shape", "seed")}
    return {"class": type(layer).__name__, **told}


def _recipe(network: Any) -> dict[str, str]:
    """Optimizer and loss, a setting each; the rate is in the curve."""
    told = {f"optimizer.{k}": v for k, v in network.optimizer.get_config().items()}
    told |= {"optimizer": type(network.optimizer).__name__, "loss": type(network.loss).__name__}
    told |= {f"loss.{k}": v for k, v in network.loss.get_config().items()}
    return {k: str(v) for k, v in told.items() if "learning_rate" not in k and not k.endswith("name")}


def _digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        array = isinstance(part, np.ndarray)
        digest.update(np.ascontiguousarray(part).tobytes() if array else repr(part).encode())
    return digest.hexdigest()[:16]


def _time(cfg: Config) -> dict[str, Any]:
    """Seconds of a run's parts: until the first step is done, of a step, an evaluation and a commit; and its steps."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trial = _trial(cfg, Path(folder))
        trial.write_summaries()
        trial.network_record()
        parts = [trial.images.validation, *([trial.images.test] if trial.images.test else [])]
        trial.prepare()
        trial.engine.run(0, 1)
        start = time.monotonic() - began
        evaluations = [_timed(lambda part=part: trial.evaluate(part, Stop())) for part in parts * 2][-len(parts) :]
        step = _step(trial)
        trial.standing.state = trial.engine.get()
        trial.standing.best = trial.weights()
        commit = statistics.median(_timed(lambda: trial.commit(trial.standing)) for _ in range(3))
    return {
        "start": start,
        "step": step,
        "evaluation": evaluations[0],
        "test": 2 * sum(evaluations[1:]),
        "commit": commit,
        "steps": trial.length.steps,
        "per_epoch": trial.length.steps_per_epoch,
    }


def _step(trial: Any) -> float:
    """Seconds of a step, in calls of as many as a run takes at once."""
    done, seconds, until = 1, [], time.monotonic() + SECONDS
    at_once = 1
    while time.monotonic() < until or len(seconds) < 3:
        if done + at_once > len(trial.rates):
            break
        took = _timed(lambda done=done, n=at_once: trial.engine.run(done, done + n))
        seconds.append(took / at_once)
        done, at_once = done + at_once, max(1, min(int(0.25 * at_once / took), 2 * at_once))
    return statistics.median(seconds) if seconds else 0.0


def _timed(do: Callable[[], Any]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


TASKS = {"count": _count, "taste": _taste, "later": _later, "time": _time}


def probe_tasks(kind: str, wanted: Iterable[tuple[str, Config]], kept: dict[str, Any]) -> list[Task]:
    return [Task(kind, key, cfg) for key, cfg in dict(wanted).items() if key not in kept]


def run_tasks(
    tasks: Sequence[Task], cores: int, text: str, each: Callable[[Task, dict], None], apart: bool = False
) -> None:
    """apart: each task in a process that has done nothing before, as a run is."""
    if tasks:
        done = chain.from_iterable(results([task], cores) for task in tasks)
        for task, told in console.track(done if apart else results(tasks, cores), len(tasks), text):
            each(task, told)
