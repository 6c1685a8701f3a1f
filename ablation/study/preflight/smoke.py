"""A smoke test: train a few steps and record everything that reached training, as digests that can be compared.

For a process whose backend was started.
"""

import contextlib
import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ablation.config.schema import Config
from ablation.runtime import backend
from ablation.study.preflight.measurement import NetworkSize, network_size, new_trial

if TYPE_CHECKING:
    from ablation.data.batches import Feed
    from ablation.run.trial import Trial

STEPS = 3
LATE_STEPS = 60  # in which something that acts late, such as clipping, has to act
BATCH_SIZE = 32  # of a step that only shows whether anything differs
VALIDATION_IMAGES = 128


@dataclass(frozen=True)
class SmokeTest:
    """What reached training, in digests of 16 hexadecimal digits.

    layers: of each layer's settings. initial: of each weight, and each layer's seed, at first. batches: the first
    ones, of the config's own size. learning_rates: of every step. recipe: settings of optimizer and loss. weights,
    loss, evaluation: after the steps taken. finite: all of these are finite numbers. steps, per_epoch: of the run.
    """

    network: NetworkSize
    layers: dict[str, str]
    initial: dict[str, str]
    batches: str
    labels: str
    learning_rates: str
    steps: int
    per_epoch: int
    recipe: dict[str, str]
    weights: str
    loss: str
    evaluation: str
    finite: bool
    taken: int


def smoke_test(cfg: Config) -> SmokeTest:
    """Take a few steps."""
    return _smoke_test(cfg, STEPS)


def long_smoke_test(cfg: Config) -> SmokeTest:
    """Take as many steps as what acts late needs."""
    return _smoke_test(cfg, LATE_STEPS)


def _smoke_test(cfg: Config, steps: int) -> SmokeTest:
    """Steps that are taken three times are not worth tracing; where eager execution fails they are traced.

    The gradient of a grouped convolution on a processor, for one, exists in traced functions only.
    """
    if cfg.backend == "tensorflow":
        with contextlib.suppress(Exception), backend.eager():
            return _observed(cfg, steps)
    return _observed(cfg, steps)


def _observed(cfg: Config, steps: int) -> SmokeTest:
    from ablation.training import recipe

    small_batches = dataclasses.replace(cfg.train, batch_size=min(cfg.train.batch_size, BATCH_SIZE))
    trial = new_trial(dataclasses.replace(cfg, train=small_batches))
    feed = trial.feed_of(cfg.train.batch_size)
    length = recipe.length(cfg.train, feed.steps_per_epoch)
    rates = recipe.learning_rates(cfg.train, length.steps)
    before = trial.engine.get()
    initial = _initial(trial, before)  # before the first step, which moves the seeds of layers that draw
    trial.engine.train_on(lambda first: trial.pipeline.training(trial.feed, first, steps), np.resize(rates, steps))
    losses = [trial.engine.run(step, step + 1).loss for step in range(steps)]
    after = trial.engine.get()
    validation = trial.images.validation
    validation = dataclasses.replace(validation, rows=validation.rows[:VALIDATION_IMAGES])
    score = trial.engine.evaluate(trial.pipeline.evaluation(validation, VALIDATION_IMAGES))
    return SmokeTest(
        network=network_size(trial.network),
        layers={layer.name: digest(layer_settings(layer)) for layer in trial.network.layers},
        initial=initial,
        batches=_first_batches(feed, min(STEPS, length.steps)),
        labels=digest(trial.feed.images.labels),
        learning_rates=digest(rates),
        steps=length.steps,
        per_epoch=length.steps_per_epoch,
        recipe=recipe_settings(trial.network),
        weights=_changed_weights(trial, before, after),
        loss=digest(losses),
        evaluation=digest(score.loss, score.correct),
        finite=bool(np.isfinite([*losses, score.loss]).all()) and all_finite(after),
        taken=steps,
    )


def _initial(trial: "Trial", state: dict[str, np.ndarray]) -> dict[str, str]:
    """A digest of each weight by its path and shape, and of the seed of each layer that draws."""
    from ablation.model import keras_private

    digests = {f"{path} {state[path].shape}": digest(state[path]) for path in trial.paths}
    for layer in keras_private.all_layers(trial.network):
        if hasattr(layer, "seed_generator"):
            digests[f"{layer.name} seed"] = digest(np.asarray(layer.seed_generator.state))
    return digests


def _first_batches(feed: "Feed", count: int) -> str:
    """A digest of the first batches, and of how their images are mixed."""
    parts: list[Any] = []
    for step in range(count):
        parts += feed.batch(step)
        if feed.mixup_alpha:
            parts += feed.mixing(step)
    return digest(*parts)


def _changed_weights(trial: "Trial", before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> str:
    """A digest of the weights that the steps changed; in the optimizer's state only the recipe differs."""
    changed = [after[path] for path in trial.paths if not np.array_equal(before[path], after[path])]
    return digest(*changed)


def all_finite(state: dict[str, np.ndarray]) -> bool:
    return all(np.isfinite(value).all() for value in state.values() if value.dtype.kind == "f")


def layer_settings(layer: Any) -> dict[str, Any]:
    """What a layer is, without its precision and where it stands."""
    settings = {"class": type(layer).__name__}
    for name, value in layer.get_config().items():
        if name not in ("dtype", "batch_shape", "seed"):
            settings[name] = str(value)
    return settings


def recipe_settings(network: Any) -> dict[str, str]:
    """The settings of optimizer and loss; the learning rate is recorded step by step."""
    settings = {f"optimizer.{name}": value for name, value in network.optimizer.get_config().items()}
    settings["optimizer"] = type(network.optimizer).__name__
    settings["loss"] = type(network.loss).__name__
    for name, value in network.loss.get_config().items():
        settings[f"loss.{name}"] = value
    return {
        name: str(value)
        for name, value in settings.items()
        if "learning_rate" not in name and not name.endswith("name")
    }


def digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()[:16]
