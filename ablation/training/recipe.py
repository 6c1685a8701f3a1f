"""The recipe (`cfg.train`): the length of a run, the learning rate of each step, and the optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ablation.config.schema import Train

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Length:
    """The length of a run.

    shortened_from: the steps of the published recipe if the run has fewer, otherwise None.
    """

    steps: int
    steps_per_epoch: int
    shortened_from: int | None

    @property
    def epochs(self) -> int:
        """The number of epochs, including an incomplete last one."""
        return -(-self.steps // self.steps_per_epoch)

    def to_json(self) -> dict[str, Any]:
        """The length as stored in the run's record."""
        note = None if self.shortened_from is None else f"shortened from {self.shortened_from}"
        return {"total": self.steps, "per_epoch": self.steps_per_epoch, "note": note}


def length(train: Train, steps_per_epoch: int) -> Length:
    """The length of a run: `steps` if set, else `epochs`, else the published length, `reference_steps`."""
    steps = _steps(train, steps_per_epoch)
    if train.reference_steps is None or steps >= train.reference_steps:
        return Length(steps, steps_per_epoch, shortened_from=None)
    return Length(steps, steps_per_epoch, shortened_from=train.reference_steps)


def _steps(train: Train, steps_per_epoch: int) -> int:
    if train.steps is not None:
        return train.steps
    if train.epochs is not None:
        return train.epochs * steps_per_epoch
    if train.reference_steps is not None:
        return train.reference_steps
    raise ValueError("Expected one of steps, epochs and reference_steps to be set. Received: none of them")


@dataclass(frozen=True)
class Steps:
    """The steps of a run. numbers: int (total,), from 0. warmup: the number of steps in the warm-up."""

    numbers: np.ndarray
    total: int
    warmup: int


def learning_rates(train: Train, total: int) -> np.ndarray:
    """The learning rate of each step, float32 (total,): the schedule times the warm-up.

    step: multiplied by lr_gamma at each fraction of the run in lr_milestones (He et al. 2015, section 4.2: by 0.1 at
    steps 32,000 and 48,000 of 64,000). cosine: from learning_rate to 0 over the steps after the warm-up (Loshchilov &
    Hutter 2017, arXiv 1608.03983, without restarts). warmup: linear; its last step has the full learning rate (Goyal et
    al. 2017, arXiv 1706.02677, section 2.2).
    """
    steps = Steps(np.arange(total), total, round(train.warmup * total))
    values = train.learning_rate * SCHEDULES[train.schedule](train, steps)
    if steps.warmup:
        values = values * np.minimum((steps.numbers + 1) / steps.warmup, 1.0)
    return values.astype("float32")


def _constant(train: Train, steps: Steps) -> np.ndarray:
    return np.ones(steps.total)


def _step(train: Train, steps: Steps) -> np.ndarray:
    if train.lr_milestones is None or train.lr_gamma is None:
        raise ValueError("Expected the step schedule to have lr_milestones and lr_gamma. Received: none")
    boundaries = [round(share * steps.total) for share in train.lr_milestones]
    drops = np.searchsorted(np.sort(boundaries), steps.numbers, side="right")
    return float(train.lr_gamma) ** drops


def _cosine(train: Train, steps: Steps) -> np.ndarray:
    angles = np.pi * np.maximum(steps.numbers - steps.warmup, 0) / max(steps.total - steps.warmup, 1)
    return (1 + np.cos(angles)) / 2


SCHEDULES: dict[str, Callable[[Train, Steps], np.ndarray]] = {"constant": _constant, "step": _step, "cosine": _cosine}


def optimizer(
    train: Train, variables: Sequence[keras.Variable] = (), uniform: bool = False
) -> keras.optimizers.Optimizer:
    """The recipe's optimizer. The engine sets its learning rate before every step.

    variables: the variables to train, needed to exclude those in `weight_decay_exclude` from weight decay.
    uniform: True to compute clipping and weight decay even if the recipe has none (`optimizers.Clipping`).
    With `ema_momentum`, the optimizer also keeps an exponential moving average of the weights (Polyak & Juditsky 1992).
    The average starts from the weights after the first step.
    """
    settings: dict[str, Any] = {
        "learning_rate": train.learning_rate,
        "clipnorm": train.clipnorm,
        "global_clipnorm": train.global_clipnorm,
        "uniform": uniform,
    }
    if train.ema_momentum:
        settings |= {"use_ema": True, "ema_momentum": train.ema_momentum}
    built = OPTIMIZERS[train.optimizer](train, settings)
    excluded = WEIGHT_DECAY_EXCLUDE[train.weight_decay_exclude]
    built.exclude_from_weight_decay(var_list=[v for v in variables if v.name in excluded])
    return built


def _sgd(train: Train, settings: dict[str, Any]) -> keras.optimizers.Optimizer:
    make = _momentum_forms()[train.momentum_form]
    return make(momentum=float(train.momentum), nesterov=train.nesterov, l2=train.weight_decay, **settings)


def _momentum_forms() -> dict[str, Any]:
    """The classes of SGD for the backend, by the value of `train.momentum_form`."""
    import keras

    if keras.backend.backend() == "tensorflow":
        from ablation.training import tensorflow_optimizers

        return tensorflow_optimizers.MOMENTUM_FORMS
    from ablation.training import optimizers

    return optimizers.MOMENTUM_FORMS


def _adamw(train: Train, settings: dict[str, Any]) -> keras.optimizers.Optimizer:
    from ablation.training.optimizers import AdamW

    return AdamW(weight_decay=train.weight_decay, beta_1=train.beta_1, beta_2=train.beta_2, **settings)


OPTIMIZERS = {"sgd": _sgd, "adamw": _adamw}
# Names of variables in Keras' layers: gamma and beta of norms, and biases.
WEIGHT_DECAY_EXCLUDE: dict[str, tuple[str, ...]] = {"none": (), "norm_bias": ("gamma", "beta", "bias")}
