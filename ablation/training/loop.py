"""The loop over the epochs of a run: train, validate, extend the history, save. Stops early on request or at NaN."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ablation.training.checkpoint import Checkpoint, State, is_finite
from ablation.training.engine import Engine
from ablation.training.metrics import EpochRow, Score, best
from ablation.training.recipe import Length
from ablation.training.stop_request import Stopped, StopRequest

CHUNK_SECONDS = 0.25  # between checks of the stop request and updates of the progress


class Diverged(Exception):
    """The loss or a weight is NaN or infinite; the last checkpoint remains valid."""


class Progress(Protocol):
    """A receiver of the run's progress."""

    def step(self, done: int, epoch: str, loss: float, accuracy: float, images_per_second: float) -> None:
        """Report finished steps. done: steps of the whole run. The metrics are of the current epoch so far."""
        ...

    def epoch(
        self, epoch: str, loss: float, accuracy: float, val_loss: float, val_accuracy: float, images_per_second: float
    ) -> None:
        """Report a finished and validated epoch."""
        ...


@dataclass
class Loop:
    """Drives an engine from a checkpoint to the end of the run.

    learning_rates: per step. images: per epoch. weight_paths: from `engine.weight_paths`.
    evaluate: scores the validation split; may raise Stopped. save: writes a checkpoint to disk.
    checkpoint_seconds: the longest time between checkpoints within an epoch.
    """

    engine: Engine
    length: Length
    learning_rates: np.ndarray
    images: int
    weight_paths: dict[str, str]
    evaluate: Callable[[], Score]
    save: Callable[[Checkpoint], None]
    checkpoint_seconds: float
    chunk: int = field(default=1, init=False)  # steps per call of the engine
    _saved_at: float = field(default=0.0, init=False)

    def run(self, checkpoint: Checkpoint, stop: StopRequest, progress: Progress) -> str:
        """Train to the end, starting from `checkpoint` and updating it in place.

        Returns `completed`, `diverged` or `interrupted`.
        """
        self._saved_at = time.monotonic()
        self.chunk = 1
        try:
            while len(checkpoint.rows) < self.length.epochs:
                self._epoch(checkpoint, stop, progress)
        except Diverged:
            return "diverged"
        except Stopped:
            return "interrupted"
        return "completed"

    def _epoch(self, checkpoint: Checkpoint, stop: StopRequest, progress: Progress) -> None:
        """Train and validate one epoch, or the rest of a resumed one. Raises Diverged, Stopped."""
        epoch = len(checkpoint.rows)
        first = epoch * self.length.steps_per_epoch
        end = min(first + self.length.steps_per_epoch, self.length.steps)
        label = f"epoch {epoch + 1}/{self.length.epochs}"
        started = time.monotonic() - checkpoint.epoch_seconds
        if checkpoint.step == first:
            self.engine.reset_metrics()
        while checkpoint.step < end:
            self.run_chunk(checkpoint, end)
            stop.graceful = True  # from here on there is progress to save, and chunks are short
            checkpoint.epoch_seconds = time.monotonic() - started
            self._report_step(checkpoint, label, first, progress)
            if stop.code is not None:
                self._save(checkpoint)
                raise Stopped
            if time.monotonic() - self._saved_at > self.checkpoint_seconds and checkpoint.step < end:
                self._save(checkpoint)
        images_per_second = self._images_per_second(checkpoint, first)
        score = self._validate(checkpoint)
        row = self._row(checkpoint, score, images_per_second, time.monotonic() - started)
        self._finish_epoch(checkpoint, row)
        progress.epoch(label, row.loss, row.accuracy, row.val_loss, row.val_accuracy, row.images_per_second)

    def run_chunk(self, checkpoint: Checkpoint, end: int) -> None:
        """Run as many steps in one call as take about CHUNK_SECONDS. Raises Diverged."""
        last = min(checkpoint.step + self.chunk, end)
        started = time.monotonic()
        metrics = self.engine.run(checkpoint.step, last)
        seconds_per_step = max(time.monotonic() - started, 1e-9) / (last - checkpoint.step)
        self.chunk = max(1, min(int(CHUNK_SECONDS / seconds_per_step), 2 * self.chunk))
        checkpoint.metrics, checkpoint.step = metrics, last
        if not math.isfinite(metrics.loss):
            raise Diverged

    def _report_step(self, checkpoint: Checkpoint, label: str, first: int, progress: Progress) -> None:
        if checkpoint.metrics is not None:
            loss, accuracy = checkpoint.metrics.loss, checkpoint.metrics.accuracy
            progress.step(checkpoint.step, label, loss, accuracy, self._images_per_second(checkpoint, first))

    def _images_per_second(self, checkpoint: Checkpoint, first: int) -> float:
        """The speed in the current epoch. first: its first step."""
        images = self.images * (checkpoint.step - first) / self.length.steps_per_epoch
        return images / max(checkpoint.epoch_seconds, 1e-9)

    def _validate(self, checkpoint: Checkpoint) -> Score:
        """Evaluate the validation split. Raises Diverged, Stopped."""
        try:
            score = self.evaluate()
        except Stopped:  # the epoch is trained; the resumed run will validate it
            self._save(checkpoint)
            raise
        if not math.isfinite(score.loss):
            raise Diverged
        return score

    def _row(self, checkpoint: Checkpoint, score: Score, images_per_second: float, seconds: float) -> EpochRow:
        if checkpoint.metrics is None:
            raise ValueError("Expected the metrics of a trained epoch. Received: none")
        return EpochRow(
            epoch=len(checkpoint.rows) + 1,
            loss=checkpoint.metrics.loss,
            accuracy=checkpoint.metrics.accuracy,
            val_loss=score.loss,
            val_accuracy=score.accuracy,
            learning_rate=float(self.learning_rates[checkpoint.step - 1]),
            seconds=seconds,
            images_per_second=images_per_second,
        )

    def _finish_epoch(self, checkpoint: Checkpoint, row: EpochRow) -> None:
        """Add the row to the history, keep the weights if they are the best, and save. Raises Diverged."""
        state = self._state()
        if not checkpoint.rows or row.val_accuracy > best(checkpoint.rows).val_accuracy:
            checkpoint.best = {path: state[state_path] for path, state_path in self.weight_paths.items()}
        checkpoint.rows.append(row)
        checkpoint.epoch_seconds, checkpoint.metrics = 0.0, None
        self._write(checkpoint, state)

    def _save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint of the current state. Raises Diverged."""
        self._write(checkpoint, self._state())

    def _state(self) -> State:
        """The engine's state. Raises Diverged if it has NaN or infinity, which must never be saved."""
        state = self.engine.get()
        if not is_finite(state):
            raise Diverged
        return state

    def _write(self, checkpoint: Checkpoint, state: State) -> None:
        checkpoint.state = state
        self.save(checkpoint)
        self._saved_at = time.monotonic()
