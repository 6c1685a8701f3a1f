"""The loop over epochs, driven with an engine that only counts."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from ablation.runtime.signals import Stop
from ablation.training import loop
from ablation.training.checkpoint import Checkpoint
from ablation.training.loop import Loop
from ablation.training.metrics import Metrics, Score
from ablation.training.recipe import Length
from ablation.training.stop_request import Stopped


@dataclass
class Counting:
    """An engine whose only weight is the number of steps taken. nan_at: the step that ruins it."""

    nan_at: int | None = None
    seen: int = 0
    weight: float = 0.0
    calls: list[tuple[int, int]] = field(default_factory=list)
    resets: int = 0

    def run(self, first: int, last: int) -> Metrics:
        self.calls.append((first, last))
        self.weight += last - first
        self.seen += last - first
        if self.nan_at is not None and last > self.nan_at:
            return Metrics(math.nan, 0.0)
        return Metrics(1 / last, 0.5)

    def get(self) -> dict[str, np.ndarray]:
        return {"kernel": np.array(self.weight, "float32"), "average": np.array(2 * self.weight, "float32")}

    def reset_metrics(self) -> None:
        self.resets += 1


class Recorder:
    """The progress, as a list."""

    def __init__(self):
        self.steps, self.epochs = [], []

    def step(self, done, epoch, loss, accuracy, images_per_second):
        self.steps.append((done, epoch))

    def epoch(self, epoch, loss, accuracy, val_loss, val_accuracy, images_per_second):
        self.epochs.append((epoch, val_accuracy))


@dataclass
class Driven:
    """A loop of three epochs, of which the last one is cut: steps 0-3, 4-7, 8-9."""

    engine: Counting = field(default_factory=Counting)
    accuracies: list[float] = field(default_factory=lambda: [0.5, 0.9, 0.7])
    saved: list[Checkpoint] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)
    progress: Recorder = field(default_factory=Recorder)
    checkpoint_seconds: float = 1e9

    def loop(self) -> Loop:
        return Loop(
            engine=self.engine,
            length=Length(10, 4, None),
            learning_rates=np.linspace(1, 0.1, 10, dtype="float32"),
            images=40,
            weight_paths={"kernel": "average"},
            evaluate=self.evaluate,
            save=self.save,
            checkpoint_seconds=self.checkpoint_seconds,
        )

    def evaluate(self) -> Score:
        return Score(1.0, self.accuracies[math.ceil(self.engine.weight / 4) - 1], np.ones(1, bool))

    def save(self, checkpoint: Checkpoint) -> None:
        self.saved.append(Checkpoint(**{**vars(checkpoint), "rows": list(checkpoint.rows)}))

    def run(self, checkpoint: Checkpoint) -> str:
        return self.loop().run(checkpoint, self.stop, self.progress)


def test_a_run_to_its_end():
    driven, checkpoint = Driven(), Checkpoint()
    assert driven.run(checkpoint) == "completed"
    assert [step for first, last in driven.engine.calls for step in range(first, last)] == list(range(10))
    assert [row.epoch for row in checkpoint.rows] == [1, 2, 3] and driven.engine.resets == 3
    assert [row.val_accuracy for row in checkpoint.rows] == driven.accuracies
    assert [row.loss for row in checkpoint.rows] == [1 / 4, 1 / 8, 1 / 10]
    rates = np.linspace(1, 0.1, 10, dtype="float32")
    assert [row.learning_rate for row in checkpoint.rows] == [float(rates[i]) for i in (3, 7, 9)]
    assert checkpoint.best["kernel"] == 2 * 8  # the average after the second epoch
    assert (checkpoint.step, checkpoint.metrics, checkpoint.epoch_seconds) == (10, None, 0.0)
    assert [saved.step for saved in driven.saved] == [4, 8, 10]
    assert driven.progress.epochs == [("epoch 1/3", 0.5), ("epoch 2/3", 0.9), ("epoch 3/3", 0.7)]
    assert driven.progress.steps[-1] == (10, "epoch 3/3") and driven.stop.graceful


@pytest.mark.parametrize("at", [1, 4, 6, 9])
def test_a_run_that_is_stopped_goes_on_to_the_same_end(at, monkeypatch):
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)  # one step in each call
    whole, expected = Driven(), Checkpoint()
    whole.run(expected)
    driven, checkpoint = Driven(), Checkpoint()

    def step(done, *_):
        if done == at:
            driven.stop.code = 143

    driven.progress.step = step
    assert driven.run(checkpoint) == "interrupted"
    assert driven.saved[-1].step == checkpoint.step == at
    assert (checkpoint.metrics is not None) == (at not in (0, 8)) and len(checkpoint.rows) == (at - 1) // 4
    driven.stop.code = None
    assert driven.run(checkpoint) == "completed"
    columns = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
    for received, wanted in zip(checkpoint.rows, expected.rows, strict=True):
        assert [getattr(received, name) for name in columns] == [getattr(wanted, name) for name in columns]
    assert driven.engine.resets == 3 and checkpoint.best == expected.best


def test_an_evaluation_that_is_stopped_is_repeated_and_nothing_is_trained_again():
    driven, checkpoint = Driven(), Checkpoint()
    evaluate = driven.evaluate

    def stopped() -> Score:
        raise Stopped

    driven.evaluate = stopped
    assert driven.run(checkpoint) == "interrupted"
    assert (checkpoint.step, checkpoint.rows) == (4, []) and driven.saved[-1].metrics == Metrics(1 / 4, 0.5)
    driven.evaluate = evaluate
    assert driven.run(checkpoint) == "completed"
    assert driven.engine.seen == 10 and len(checkpoint.rows) == 3


@pytest.mark.parametrize("nan_at", [0, 5])
def test_a_loss_that_is_nan_ends_the_run_and_is_never_saved(nan_at):
    driven, checkpoint = Driven(Counting(nan_at=nan_at)), Checkpoint()
    assert driven.run(checkpoint) == "diverged"
    assert [saved.step for saved in driven.saved] == ([] if nan_at == 0 else [4])
    assert len(checkpoint.rows) == (nan_at == 5)


def test_a_weight_or_a_validation_loss_that_is_infinite_ends_it_too():
    driven = Driven()
    driven.engine.get = lambda: {"kernel": np.array(np.inf, "float32")}
    assert driven.run(Checkpoint()) == "diverged" and driven.saved == []
    driven = Driven(accuracies=[0.5] * 3)
    driven.evaluate = lambda: Score(math.inf, 0.1, np.ones(1, bool))
    assert driven.run(Checkpoint()) == "diverged" and driven.saved == []


def test_within_an_epoch_it_is_saved_as_often_as_asked(monkeypatch):
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)
    driven = Driven(checkpoint_seconds=-1.0)
    driven.run(Checkpoint())
    assert [saved.step for saved in driven.saved] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]  # the end of an epoch once
    assert [saved.metrics is None for saved in driven.saved] == [step in (4, 8, 10) for step in range(1, 11)]


def test_a_call_of_the_engine_takes_as_many_steps_as_last_about_a_chunk():
    driven = Driven()
    driven_loop, checkpoint = driven.loop(), Checkpoint()
    sizes = []
    while checkpoint.step < 1000:
        before = checkpoint.step
        driven_loop.run_chunk(checkpoint, 1000)
        sizes.append(checkpoint.step - before)
    assert sizes[:5] == [1, 2, 4, 8, 16]  # it at most doubles
    slow = driven.loop()
    slow.chunk = 64

    class Slow(Counting):
        def run(self, first, last):
            import time

            time.sleep(0.3)
            return super().run(first, last)

    slow.engine = Slow()
    slow.run_chunk(Checkpoint(), 64)
    assert slow.chunk == pytest.approx(64 * loop.CHUNK_SECONDS / 0.3, rel=0.2)
