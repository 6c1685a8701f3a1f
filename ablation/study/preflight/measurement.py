"""Count a network, and time the parts of a run: what a study costs. For a process whose backend was started."""

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

STEP_SECONDS = 4.0  # of steps that are timed
FEWEST_CALLS = 3
CALL_SECONDS = 0.25  # that a call of the engine should take: then its own cost does not count
COMMITS = 3


@dataclass(frozen=True)
class NetworkSize:
    """Name and size of a network. macs: multiply-accumulate operations for one image."""

    name: str
    trainable_parameters: int
    total_parameters: int
    macs: int


@dataclass(frozen=True)
class Timing:
    """Seconds of a run's parts.

    start: until its first step is done. step, evaluation, commit (a checkpoint): one each. test: of the test split,
    with the last and the best weights. steps, per_epoch: how many the run has. ready: until the run's process is
    ready, which another process measures.
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
        """A whole run: its start, its steps, an evaluation and a checkpoint per epoch, and the test at its end."""
        epochs = -(-self.steps // self.per_epoch)
        each_epoch = self.evaluation + self.commit
        once = self.ready + self.start + self.evaluation + self.test
        return once + self.steps * self.step + epochs * each_epoch


def count_network(cfg: Config) -> NetworkSize:
    """Build the graph of a config's network, without weights, and count."""
    from ablation.model import network

    shape, classes = data.describe(cfg.data)
    return network_size(network.outline(cfg.model, shape, len(classes)))


def network_size(network: Any) -> NetworkSize:
    """Name and size of a network, built or outlined."""
    from ablation.model import counts

    trainable, total = counts.parameters(network)
    return NetworkSize(network.name, trainable, total, counts.macs(network))


def new_trial(cfg: Config, directory: Path = Path(".")) -> "Trial":
    """The trial of a run that begins, as the run would make it."""
    from ablation.run.trial import Trial
    from ablation.training.checkpoint import Checkpoint

    return Trial(cfg, data.load(cfg.data, console.REPORTER), directory, Checkpoint(), backend.xla(cfg))


def time_run(cfg: Config) -> Timing:
    """Train a little as a run does, and time its parts."""
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
    """Of the validation and the test split (0 where there is none), once both are compiled."""
    splits = [trial.images.validation]
    if trial.images.test:
        splits.append(trial.images.test)
    seconds = []
    for split in splits * 2:
        seconds.append(_seconds(lambda split=split: trial.evaluate(split, Stop())))
    validation, *test = seconds[-len(splits) :]
    return validation, sum(test)


def _step_seconds(trial: "Trial") -> float:
    """Of a step, in calls of as many as a run takes at once."""
    seconds: list[float] = []
    done, at_once, until = 1, 1, time.monotonic() + STEP_SECONDS
    while time.monotonic() < until or len(seconds) < FEWEST_CALLS:
        if done + at_once > len(trial.rates):
            break
        took = _seconds(lambda first=done, last=done + at_once: trial.engine.run(first, last))
        seconds.append(took / at_once)
        done += at_once
        at_once = max(1, min(int(CALL_SECONDS * at_once / took), 2 * at_once))
    return statistics.median(seconds) if seconds else 0.0


def _commit_seconds(trial: "Trial") -> float:
    """Of a checkpoint with the last and the best weights."""
    trial.checkpoint.state = trial.engine.get()
    trial.checkpoint.best = trial.weights()
    seconds = [_seconds(lambda: trial.save(trial.checkpoint)) for _ in range(COMMITS)]
    return statistics.median(seconds)


def _seconds(do: Callable[[], Any]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began
