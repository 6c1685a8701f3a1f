"""The epochs of one run: train, validate, write a row; stop when asked to, or when the loss is no number any more."""

import math
import time
from collections.abc import Callable

import numpy as np

from ablation import progress
from ablation.signals import Stop
from ablation.training.checkpoint import Standing
from ablation.training.engine import Engine
from ablation.training.recipe import Length

TICK = 0.25  # seconds between two looks at signals and the bar
SAVE_EVERY = 30.0  # seconds between two checkpoints


class Loop:
    """Drives an engine from where a run stands to its end."""

    def __init__(
        self,
        engine: Engine,
        length: Length,
        rates: np.ndarray,
        images: int,
        evaluate: Callable,
        weights: list[str],
        write: Callable[[Standing], None],
        save: Callable[[Standing], None],
    ):
        """images: in an epoch; evaluate: () -> Score; weights: paths kept as the best; write and save: to the disk."""
        self.engine, self.length, self.rates, self.images = engine, length, rates, images
        self.evaluate, self.weights, self.write, self.save = evaluate, weights, write, save
        self.per_tick, self.saved = 1, time.monotonic()

    def run(self, standing: Standing, stop: Stop, title: str) -> str:
        """Train to the end. Returns `completed`, `diverged` or `interrupted`; the standing is brought up to date."""
        with progress.Training(title, self.length.steps, standing.step) as bar:
            while standing.step < self.length.steps:
                status = self._epoch(standing, stop, bar)
                if status != "completed":
                    return status
        standing.state = self.engine.get()
        return "completed"

    def _epoch(self, standing: Standing, stop: Stop, bar: progress.Training) -> str:
        epoch = standing.step // self.length.per_epoch
        first, end = epoch * self.length.per_epoch, min((epoch + 1) * self.length.per_epoch, self.length.steps)
        label = f"epoch {epoch + 1}/{self.length.epochs}"
        started = time.monotonic() - standing.epoch_seconds
        if standing.step == first:
            self.engine.reset_metrics()
        while standing.step < end:
            metrics = self._tick(standing, end)
            standing.epoch_seconds = time.monotonic() - started
            trained = self.images * (standing.step - first) / self.length.per_epoch
            rate = trained / standing.epoch_seconds
            bar.step(standing.step, label, metrics, rate)
            if not math.isfinite(metrics["loss"]):
                return "diverged"
            if stop.code is not None and standing.step < end:
                return self._interrupt(standing)
        return self._finish(standing, epoch, metrics, rate, started, stop, bar, label)

    def _tick(self, standing: Standing, end: int) -> dict[str, float]:
        """Some steps in one call: as many as take about TICK."""
        last = min(standing.step + self.per_tick, end)
        began = time.monotonic()
        metrics = self.engine.run(standing.step, last)
        each = (time.monotonic() - began) / (last - standing.step)
        self.per_tick = max(1, min(int(TICK / each), 2 * self.per_tick))
        standing.step = last
        return metrics

    def _finish(self, standing, epoch, metrics, rate, started, stop, bar, label) -> str:
        score = self.evaluate()
        standing.epoch_seconds = 0.0
        row = {
            "epoch": epoch + 1,
            "loss": metrics["loss"],
            "accuracy": metrics["accuracy"],
            "val_loss": score.loss,
            "val_accuracy": score.accuracy,
            "learning_rate": float(self.rates[standing.step - 1]),
            "seconds": time.monotonic() - started,
            "images_per_second": rate,
        }
        if not math.isfinite(score.loss):
            return "diverged"
        if not standing.rows or score.accuracy > best(standing.rows)["val_accuracy"]:
            state = self.engine.get()
            standing.best = {path: state[path] for path in self.weights}
        standing.rows.append(row)
        self.write(standing)
        bar.epoch(label, row)
        if stop.code is not None:
            return self._interrupt(standing)
        if time.monotonic() - self.saved > SAVE_EVERY:
            self._save(standing)
        return "completed"

    def _interrupt(self, standing: Standing) -> str:
        self._save(standing)
        return "interrupted"

    def _save(self, standing: Standing) -> None:
        standing.state = self.engine.get()
        self.save(standing)
        self.saved = time.monotonic()


def best(rows: list[dict]) -> dict:
    """The epoch of the highest validation accuracy, the first of equals."""
    return max(rows, key=lambda row: (row["val_accuracy"], -row["epoch"]))
