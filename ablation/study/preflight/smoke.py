"""A smoke test: train for a few steps and record everything that reaches training, as digests to compare.

Requires a started backend.
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
LATE_STEPS = 60  # within these, a setting that takes effect late, such as clipping, must have done so
BATCH_SIZE = 32  # at most; this is enough to show whether anything differs
VALIDATION_IMAGES = 128
OWN_PACKAGES = ("keras", "ablation")


@dataclass(frozen=True)
class SmokeTest:
    """A record of everything that reaches training. The digests have 16 hexadecimal digits.

    layers: {layer: digest of its settings}. initial: {weight and shape: digest}, and the seeds of layers that draw
    random numbers. unnamed: layers without names of their own, by kind. batches: the first ones, at the config's batch
    size. labels: of all training images. learning_rates: of all steps of the run. recipe: the settings of optimizer and
    loss, as text. weights, loss, evaluation: after `taken` steps. finite: True if weights and losses are finite. steps,
    per_epoch: the number of steps of the run, and per epoch.
    """

    network: NetworkSize
    layers: dict[str, str]
    initial: dict[str, str]
    unnamed: dict[str, list[str]]
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
    """Run a smoke test of `STEPS` steps."""
    return _smoke_test(cfg, STEPS)


def long_smoke_test(cfg: Config) -> SmokeTest:
    """Run a smoke test of `LATE_STEPS` steps."""
    return _smoke_test(cfg, LATE_STEPS)


def _smoke_test(cfg: Config, steps: int) -> SmokeTest:
    """Run a smoke test; a few steps with TensorFlow in eager mode, because they are not worth tracing.

    If eager mode fails, the steps are traced. For example, TensorFlow has the gradient of a grouped convolution on a
    CPU only in traced functions.
    """
    if cfg.backend == "tensorflow" and steps <= STEPS:
        with contextlib.suppress(Exception), backend.eager():
            return _observe(cfg, steps)
    return _observe(cfg, steps)


def _observe(cfg: Config, steps: int) -> SmokeTest:
    """Train for a number of steps in small batches, and record everything that reaches training."""
    from ablation.training import recipe

    small_batches = dataclasses.replace(cfg.train, batch_size=min(cfg.train.batch_size, BATCH_SIZE))
    # One program for all cells, so that a removal without effect is bit-exact with the baseline.
    trial = new_trial(dataclasses.replace(cfg, train=small_batches), uniform=True)
    feed = trial.feed_of(cfg.train.batch_size)
    length = recipe.length(cfg.train, feed.steps_per_epoch)
    rates = recipe.learning_rates(cfg.train, length.steps)
    before = trial.engine.get()
    initial = _initial(trial, before)  # before the first step, which changes the layers' random seeds
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
        unnamed=_unnamed(trial.network),
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
    """Digests of the initial weights, by key and shape, and of the seeds of layers that draw random numbers."""
    from ablation.model import initialization

    path_of = {id(variable): path for path, variable in trial.engine.named.items()}
    digests = {}
    for start in initialization.starts(trial.network):
        value = state[path_of[id(start.variable)]]
        digests[f"{start.key} seed" if start.is_seed else f"{start.key} {value.shape}"] = digest(value)
    return digests


def _unnamed(network: Any) -> dict[str, list[str]]:
    """The layers without names of their own, by kind; see `Places`."""
    from ablation.model.coupling import Places
    from ablation.model.layer_origins import origins_of

    return Places(network, origins_of(network)).unnamed


def _first_batches(feed: "Feed", count: int) -> str:
    """A digest of the first batches, including how mixup mixes their images."""
    parts: list[Any] = []
    for step in range(count):
        parts += feed.batch(step)
        if feed.mixup_alpha:
            parts += feed.mixing(step)
    return digest(*parts)


def _changed_weights(trial: "Trial", before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> str:
    """A digest of the weights that the steps changed, without the state of the optimizer, which `recipe` covers."""
    changed = [after[path] for path in trial.paths if not np.array_equal(before[path], after[path])]
    return digest(*changed)


def all_finite(state: dict[str, np.ndarray]) -> bool:
    """Return whether all values of the floating-point arrays are finite."""
    return all(np.isfinite(value).all() for value in state.values() if value.dtype.kind == "f")


def layer_settings(layer: Any) -> dict[str, Any]:
    """The class and settings of a layer, without precision, input shape and seed."""
    settings = {"class": type(layer).__name__}
    if type(layer).__module__.split(".")[0] not in OWN_PACKAGES:
        return settings  # Keras stores every argument of a plugin's layer, whether the layer uses it or not
    for name, value in layer.get_config().items():
        if name not in ("dtype", "batch_shape", "seed"):
            settings[name] = str(value)
    return settings


def recipe_settings(network: Any) -> dict[str, str]:
    """The settings of optimizer and loss, without the learning rate, which is recorded for each step."""
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
    """The SHA-256 of arrays and plain values, shortened to 16 hexadecimal digits."""
    sha256 = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            sha256.update(np.ascontiguousarray(part).tobytes())
        else:
            sha256.update(repr(part).encode())
    return sha256.hexdigest()[:16]
