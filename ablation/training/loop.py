"""The epochs of one run: train, validate, write a row, commit; stop when asked to, or when the loss is no number."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ablation.runtime import console
from ablation.runtime.signals import Stop, Stopped
from ablation.training.checkpoint import Checkpoint, State, finite
from ablation.training.engine import Engine, Score
from ablation.training.recipe import Length

TICK = 0.25  # seconds between two looks at signals and the bar


class Diverged(Exception):
    """The loss or a weight is no finite number any more; what was committed before stands."""


@dataclass
class Loop:
    """Drives an engine from where a run stands to its end.

    images: in an epoch. weights: what is kept of the best state, as `engine.weights` says. evaluate: scores the
    validation split, raising Stopped. commit: puts the standing on the disk. checkpoint_seconds: between two commits
    within an epoch.
    """

    engine: Engine
    length: Length
    rates: np.ndarray
    images: int
    weights: dict[str, str]
    evaluate: Callable[[], Score]
    commit: Callable[[Checkpoint], None]
    checkpoint_seconds: float

    def run(self, standing: Checkpoint, stop: Stop, title: str) -> str:
        """Train to the end. Returns `completed`, `diverged` or `interrupted`; the standing is brought up to date."""
        self._saved = time.monotonic()
        self.chunk = 1  # steps in one call of the engine
        with console.Training(title, self.length.steps, standing.step) as bar:
            try:
                while len(standing.rows) < self.length.epochs:
                    self._epoch(standing, stop, bar)
            except Diverged:
                return "diverged"
            except Stopped:
                return "interrupted"
        standing.state = self.engine.get()
        return "completed"

    def _epoch(self, standing: Checkpoint, stop: Stop, bar: console.Training) -> None:
        epoch = len(standing.rows)
        first, end = epoch * self.length.per_epoch, min((epoch + 1) * self.length.per_epoch, self.length.steps)
        label = f"epoch {epoch + 1}/{self.length.epochs}"
        started = time.monotonic() - standing.epoch_seconds
        if standing.step == first:
            self.engine.reset_metrics()
        while standing.step < end:
            self.run_chunk(standing, end)
            stop.orderly = True  # there is something to commit, and what is slow to begin has begun
            standing.epoch_seconds = time.monotonic() - started
            bar.step(standing.step, label, standing.metrics, self._rate(standing, first))
            if stop.code is not None:
                self._save(standing)
                raise Stopped
            if time.monotonic() - self._saved > self.checkpoint_seconds and standing.step < end:
                self._save(standing)
        rate = self._rate(standing, first)
        self._finish(standing, self._validate(standing), rate, started)
        bar.epoch(label, standing.rows[-1])

    def _rate(self, standing: Checkpoint, first: int) -> float:
        """Images per second of the epoch begun."""
        return self.images * (standing.step - first) / self.length.per_epoch / max(standing.epoch_seconds, 1e-9)

    def run_chunk(self, standing: Checkpoint, end: int) -> None:
        """Some steps in one call: as many as take about TICK."""
        last = min(standing.step + self.chunk, end)
        began = time.monotonic()
        standing.metrics = self.engine.run(standing.step, last)
        each = max(time.monotonic() - began, 1e-9) / (last - standing.step)
        self.chunk = max(1, min(int(TICK / each), 2 * self.chunk))
        standing.step = last
        if not math.isfinite(standing.metrics["loss"]):
            raise Diverged

    def _validate(self, standing: Checkpoint) -> Score:
        try:
            score = self.evaluate()
        except Stopped:  # the epoch is trained; the same command validates it
            self._save(standing)
            raise
        if not math.isfinite(score.loss):
            raise Diverged
        return score

    def _finish(self, standing: Checkpoint, score: Score, rate: float, started: float) -> None:
        row = {
            "epoch": len(standing.rows) + 1,
            **{name: standing.metrics[name] for name in ("loss", "accuracy")},
            "val_loss": score.loss,
            "val_accuracy": score.accuracy,
            "learning_rate": float(self.rates[standing.step - 1]),
            "seconds": time.monotonic() - started,
            "images_per_second": rate,
        }
        standing.state = self._state()
        if not standing.rows or score.accuracy > best(standing.rows)["val_accuracy"]:
            standing.best = {path: standing.state[place] for path, place in self.weights.items()}
        standing.rows.append(row)
        standing.epoch_seconds, standing.metrics = 0.0, {}
        self._commit(standing)

    def _save(self, standing: Checkpoint) -> None:
        standing.state = self._state()
        self._commit(standing)

    def _state(self) -> State:
        """The engine's state. Raises Diverged: what is no number is never committed."""
        state = self.engine.get()
        if not finite(state):
            raise Diverged
        return state

    def _commit(self, standing: Checkpoint) -> None:
        self.commit(standing)
        self._saved = time.monotonic()


def best(rows: list[dict]) -> dict:
    """The epoch of the highest validation accuracy, the first of equals."""
    return max(rows, key=lambda row: (row["val_accuracy"], -row["epoch"]))
