"""Network, engine and training loop of a run. Imported only after the backend is configured, because it needs Keras."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ablation.config import network_structure
from ablation.config.schema import Config
from ablation.data import Dataset, Images, sample_sheet
from ablation.data.augmentations import fill_colours
from ablation.data.batches import Feed
from ablation.data.label_noise import add_label_noise
from ablation.data.normalization import NORMALIZATIONS
from ablation.model import counts, initial_weights, network
from ablation.model.coupling import Places
from ablation.model.layer_origins import origins_of
from ablation.run.compiled import Compiled
from ablation.rundir import files, history, layout
from ablation.rundir.record_parts import NetworkRecord
from ablation.runtime import console
from ablation.runtime.signals import Stop
from ablation.training import engine, loop, recipe
from ablation.training.checkpoint import Checkpoint, State
from ablation.training.checkpoint import save as save_checkpoint
from ablation.training.engine import Engine
from ablation.training.metrics import EpochRow, Score, best
from ablation.training.stop_request import until_stopped

METRICS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
Measured = dict[str, float]  # metrics by name


@dataclass(frozen=True)
class Tested:
    """Results of the final evaluation.

    metrics: `test` and `test_best`; empty without a test split. correct: correctness per image, in data order,
    bit-packed.
    """

    metrics: dict[str, Measured]
    correct: dict[str, np.ndarray]


class Trial:
    """The training and evaluation of one network on one data set."""

    def __init__(
        self,
        cfg: Config,
        images: Dataset,
        directory: Path,
        checkpoint: Checkpoint,
        xla: bool,
        compiled: Compiled | None = None,
        uniform: bool = False,
    ):
        """checkpoint: the run's progress, updated by training. Without a state, training starts from the beginning.

        compiled: the compiled network of an earlier run of the same structure; None to build a new one.
        uniform: as in `recipe.optimizer`.
        """
        self.cfg, self.images, self.directory, self.checkpoint = cfg, images, directory, checkpoint
        self.feed = self.feed_of(cfg.train.batch_size)
        self.length = recipe.length(cfg.train, self.feed.steps_per_epoch)
        self.rates = recipe.learning_rates(cfg.train, self.length.steps)
        make, self.pipeline = engine_and_batches(cfg.backend, xla)
        if compiled is None:
            self.compiled = self._build(make, uniform)
        else:
            self.compiled = compiled
            compiled.restart(cfg)
            compiled.engine.train_on(self.batches, self.rates)
        self.network, self.engine = self.compiled.network, self.compiled.engine
        self._traced_before = 0 if compiled is None else self.engine.traces
        self.paths = engine.weight_paths(self.network)
        self.compile_seconds = 0.0
        self._validated: Score | None = None  # of the weights after the last epoch of this process
        if checkpoint.state is not None:
            self.engine.put(checkpoint.state)
            console.say(f"{directory}: resuming at step {checkpoint.step} of {self.length.steps}")

    def _build(self, make: Callable[..., Engine], uniform: bool) -> Compiled:
        """Build the network and its engine. make: the class of the engine. uniform: as in `recipe.optimizer`."""
        cfg, images = self.cfg, self.images
        built = network.build(cfg.model, images.shape, len(images.classes), cfg.seed)
        loaded = None
        if cfg.model.weights is not None:
            loaded = initial_weights.load(built, cfg.model.weights, engine.weights(built))
            console.say(loaded.sentence(cfg.model.weights))
        scale = NORMALIZATIONS[cfg.data.normalize](images.mean, images.std, images.is_image)
        scale = replace(scale, dtype=str(images.train.pixels.dtype))
        flags = {"mixed": cfg.data.mixup_alpha > 0, "uniform": uniform}
        return Compiled(built, make(built, cfg.train, self.batches, self.rates, scale, **flags), loaded)

    def batches(self, first: int) -> Iterable:
        """The training batches. first: the step to start from."""
        return self.pipeline.training(self.feed, first, self.length.steps)

    def feed_of(self, batch_size: int) -> Feed:
        """The training feed with a given batch size."""
        cfg, images = self.cfg, self.images
        return Feed(
            add_label_noise(images.train, len(images.classes), cfg.data.label_noise, cfg.seed),
            cfg.seed,
            batch_size,
            cfg.data.augment,
            cutout_size=cfg.data.cutout_size,
            fill=fill_colours(cfg.data.pad, images.mean),
            mixup_alpha=cfg.data.mixup_alpha,
        )

    def write_summaries(self) -> None:
        """Write the summary of the network and, of images, the contact sheet of the first batch. Raises OSError."""
        files.replace(self.directory / layout.SUMMARY, self.compiled.summary.encode())
        if self.images.is_image:
            sheet = sample_sheet.sheet(*self.feed.batch(0), self.images.classes)
            files.replace(self.directory / layout.SAMPLES, sheet)

    def network_record(self) -> NetworkRecord:
        """Name, depth and size."""
        trainable, total = counts.parameters(self.network)
        return NetworkRecord(
            name=network_structure.name(self.cfg.model),
            depth=network_structure.depth(self.cfg.model),
            trainable_parameters=trainable,
            total_parameters=total,
            macs=counts.macs(self.network),
            unnamed=Places(self.network, origins_of(self.network)).unnamed,
            loaded=self.compiled.loaded.record() if self.compiled.loaded else {},
        )

    def train(self, stop: Stop, title: str) -> str:
        """Train to the end. Returns `completed`, `diverged` or `interrupted`."""
        if self.feed.batch_size > len(self.images.train):
            console.say(
                f"train.batch_size={self.feed.batch_size} is larger than the training split of "
                f"{len(self.images.train)} images, so every epoch is a single, smaller batch"
            )
        started = time.monotonic()
        self.prepare()
        self.compile_seconds = time.monotonic() - started
        driver = loop.Loop(
            engine=self.engine,
            length=self.length,
            learning_rates=self.rates,
            images=len(self.images.train),
            weight_paths=self.paths,
            evaluate=lambda: self._validate(stop),
            save=self.save,
            checkpoint_seconds=60 * self.cfg.checkpoint_minutes,
        )
        title = f"{title} seed {self.cfg.seed}"
        with console.TrainingProgress(title, self.length.steps, self.checkpoint.step) as progress:
            return driver.run(self.checkpoint, stop, progress)

    def prepare(self) -> None:
        """Compile the steps for all batch sizes."""
        batch = self.cfg.train.batch_size
        evaluated = _sizes(self.images.validation, batch)
        if self.images.test:
            evaluated |= _sizes(self.images.test, batch)
        self.compiled.compile(_sizes(self.images.train, batch), evaluated)

    @property
    def traces(self) -> int:
        """How many times this run has traced the training step: 0 if an earlier run has compiled the network."""
        return self.engine.traces - self._traced_before

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint and the history so far. Raises OSError."""
        save_checkpoint(self.directory / layout.CHECKPOINT, checkpoint)
        history.write_history(self.directory, [asdict(row) for row in checkpoint.rows])

    def evaluate(self, split: Images, stop: Stop) -> Score:
        """Evaluate a split. Raises Stopped."""
        batches = self.pipeline.evaluation(split, self.cfg.train.batch_size)
        return self.engine.evaluate(until_stopped(batches, stop))

    def _validate(self, stop: Stop) -> Score:
        self._validated = self.evaluate(self.images.validation, stop)
        return self._validated

    def metrics(self) -> dict[str, Measured | None]:
        """The metrics `final` and `best` from the history; empty before the end of the first epoch."""
        rows = self.checkpoint.rows
        if not rows:
            return {}
        return {"final": _row_metrics(rows[-1]), "best": _row_metrics(best(rows))}

    def test(self, stop: Stop) -> Tested:
        """Evaluate the last weights on validation and test, and the best weights on test. Raises Stopped.

        No split is evaluated twice with the same weights.
        """
        rows = self.checkpoint.rows
        scores = {"val_last": self._validated or self._validate(stop)}
        metrics = {}
        if self.images.test is not None:
            scores["test_last"] = scores["test_best"] = self.evaluate(self.images.test, stop)
            if best(rows) is not rows[-1]:
                self.engine.put(self._best_state())
                scores["test_best"] = self.evaluate(self.images.test, stop)
            metrics = {"test": _numbers(scores["test_last"]), "test_best": _numbers(scores["test_best"])}
        return Tested(metrics, {name: np.packbits(score.correct) for name, score in scores.items()})

    def weights(self) -> dict[str, np.ndarray]:
        """The last weights (or their moving averages) and moving statistics, by path."""
        state = self._state()
        return {path: state[variable] for path, variable in self.paths.items()}

    def _state(self) -> State:
        """The state after the last step. Raises RuntimeError before training."""
        if self.checkpoint.state is None:
            raise RuntimeError("the network has not been trained")
        return self.checkpoint.state

    def _best_state(self) -> State:
        """The last state, with the weights of the best epoch."""
        state = dict(self._state())
        for path, value in (self.checkpoint.best or {}).items():
            state[self.paths[path]] = value
        return state


def _sizes(images: Images, batch: int) -> set[int]:
    """The batch sizes that occur: that of a full batch, and that of the last one."""
    return {min(batch, len(images)), len(images) % batch or batch}


def _row_metrics(row: EpochRow) -> Measured:
    return {name: getattr(row, name) for name in METRICS}


def _numbers(score: Score) -> Measured:
    return {"loss": score.loss, "accuracy": score.accuracy}


def engine_and_batches(backend: str, xla: bool):
    """The engine class of a backend, and the pipeline module for it. xla: for TensorFlow; JAX always compiles."""
    if backend == "jax":
        from ablation.data import numpy_pipeline
        from ablation.training.jax_engine import JaxEngine

        return JaxEngine, numpy_pipeline
    from ablation.data import tensorflow_pipeline
    from ablation.training.tensorflow_engine import TensorFlowEngine

    return partial(TensorFlowEngine, xla=xla), tensorflow_pipeline
