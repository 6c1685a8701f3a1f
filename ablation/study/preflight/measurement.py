"""Measure the size of a network, and the duration of the parts of a run. Requires a started backend."""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablation import data
from ablation.config.schema import Config
from ablation.runtime import backend, console
from ablation.runtime.signals import Stop

if TYPE_CHECKING:
    from ablation.run.trial import Trial

STEP_SECONDS = 4.0  # duration of the timing of steps
FEWEST_CALLS = 3  # at least this many calls of the engine are timed
CALL_SECONDS = 0.25  # target duration of a call, long enough to make its overhead negligible
COMMITS = 3  # saved checkpoints that are timed


@dataclass(frozen=True)
class NetworkSize:
    """Name and size of a network. macs: multiply-accumulate operations for one image."""

    name: str
    trainable_parameters: int
    total_parameters: int
    macs: int


@dataclass(frozen=True)
class Timing:
    """The durations of the parts of a run, in seconds.

    start: from a ready process to the end of the first step. step, evaluation, commit (saving a checkpoint): a single
    one. test: evaluating the test split with the last and the best weights, which may be the same. steps, per_epoch:
    the number of steps of the run, and per epoch. ready: until the run's process is ready; measured by the process that
    starts it.
    """

    start: float
    step: float
    evaluation: float
    test: float
    commit: float
    steps: int
    per_epoch: int
    ready: float = 0.0

    @property
    def run(self) -> float:
        """The seconds of a whole run: start, steps, an evaluation and a checkpoint per epoch, and the final test."""
        epochs = -(-self.steps // self.per_epoch)
        each_epoch = self.evaluation + self.commit
        once = self.ready + self.start + self.test
        return once + self.steps * self.step + epochs * each_epoch


def count_network(cfg: Config) -> NetworkSize:
    """Build the graph of a config's network without weights, and count its parameters and MACs."""
    from ablation.model import network

    shape, classes = data.describe(cfg.data)
    return network_size(network.outline(cfg.model, shape, len(classes)))


def network_size(network: Any) -> NetworkSize:
    """The name and size of a Keras model, with or without weights."""
    from ablation.model import counts

    trainable, total = counts.parameters(network)
    return NetworkSize(network.name, trainable, total, counts.macs(network))


def new_trial(cfg: Config, directory: Path = Path("."), uniform: bool = False) -> "Trial":
    """Create the trial of a new run, in the same way as the run does, unless it is `uniform`, as in `Trial`."""
    from ablation.run.trial import Trial
    from ablation.training.checkpoint import Checkpoint

    images = data.load(cfg.data, console.REPORTER)
    return Trial(cfg, images, directory, Checkpoint(), backend.xla(cfg), uniform=uniform)


def time_run(cfg: Config) -> Timing:
    """Start a run, train for a few seconds and time each part."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trial = new_trial(cfg, Path(folder))
        trial.write_summaries()
        trial.network_record()
        trial.prepare()
        trial.engine.run(0, 1)
        start = time.monotonic() - began
        evaluation, test = _evaluation_seconds(trial)
        step = _step_seconds(trial)
        commit = _commit_seconds(trial)
    return Timing(start, step, evaluation, 2 * test, commit, trial.length.steps, trial.length.steps_per_epoch)


def _evaluation_seconds(trial: "Trial") -> tuple[float, float]:
    """The seconds to evaluate the validation split, and the test split (0 if there is none), without compilation."""
    splits = [trial.images.validation]
    if trial.images.test:
        splits.append(trial.images.test)
    seconds = []
    for split in splits * 2:  # the first pass compiles
        seconds.append(_seconds(lambda split=split: trial.evaluate(split, Stop())))
    validation, *test = seconds[-len(splits) :]
    return validation, sum(test)


def _step_seconds(trial: "Trial") -> float:
    """The median seconds of a step, timed in calls of several steps, as in a run. 0 if the run is too short."""
    seconds: list[float] = []
    done, at_once, deadline = 1, 1, time.monotonic() + STEP_SECONDS
    while time.monotonic() < deadline or len(seconds) < FEWEST_CALLS:
        if done + at_once > len(trial.rates):
            break
        elapsed = _seconds(lambda first=done, last=done + at_once: trial.engine.run(first, last))
        seconds.append(elapsed / at_once)
        done += at_once
        at_once = max(1, min(int(CALL_SECONDS * at_once / elapsed), 2 * at_once))
    return statistics.median(seconds) if seconds else 0.0


def _commit_seconds(trial: "Trial") -> float:
    """The median seconds to save a checkpoint with the last and the best weights."""
    trial.checkpoint.state = trial.engine.get()
    trial.checkpoint.best = trial.weights()
    seconds = [_seconds(lambda: trial.save(trial.checkpoint)) for _ in range(COMMITS)]
    return statistics.median(seconds)


def _seconds(do: Callable[[], Any]) -> float:
    """The seconds that a call takes."""
    began = time.monotonic()
    do()
    return time.monotonic() - began
