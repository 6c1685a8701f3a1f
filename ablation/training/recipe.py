"""cfg.train -> the length of the run, its learning rates and its optimizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ablation.config.schema import Train


@dataclass(frozen=True)
class Length:
    """Steps in all and in an epoch; shortened_from: the steps of the published recipe where the run has fewer."""

    steps: int
    per_epoch: int
    shortened_from: int | None

    @property
    def epochs(self) -> int:
        """Epochs begun: the last one may be cut."""
        return -(-self.steps // self.per_epoch)

    def told(self) -> dict[str, Any]:
        """As it stands in the record."""
        note = f"shortened from {self.shortened_from}" if self.shortened_from else None
        return {"total": self.steps, "per_epoch": self.per_epoch, "note": note}


def length(train: Train, per_epoch: int) -> Length:
    """`steps` wins over `epochs`, which wins over the published length `reference_steps`."""
    steps = train.steps or (train.epochs and train.epochs * per_epoch) or train.reference_steps
    shorter = train.reference_steps is not None and steps < train.reference_steps
    return Length(steps, per_epoch, train.reference_steps if shorter else None)


def rates(train: Train, steps: int) -> np.ndarray:
    """The learning rate of each step, float32 (steps,): a warm-up, then the schedule over the whole run.

    step: multiplied by lr_gamma at each share of the run in lr_milestones (He et al. 2015, section 4.2: 0.1 at 32,000
    and 48,000 of 64,000). cosine: from learning_rate to 0 (Loshchilov & Hutter 2017, arXiv 1608.03983, no restarts),
    over what the warm-up leaves. warmup: linear, its last step at the full rate (Goyal et al. 2017, section 2.2).
    """
    step = np.arange(steps)
    warm = round(train.warmup * steps)
    rate = train.learning_rate * SCHEDULES[train.schedule](train, step, steps, warm)
    return (rate * np.minimum((step + 1) / warm, 1.0) if warm else rate).astype("float32")


def _constant(train: Train, step: np.ndarray, steps: int, warm: int) -> np.ndarray:
    return np.ones(steps)


def _step(train: Train, step: np.ndarray, steps: int, warm: int) -> np.ndarray:
    boundaries = [round(share * steps) for share in train.lr_milestones]
    return float(train.lr_gamma) ** np.searchsorted(np.sort(boundaries), step, side="right")


def _cosine(train: Train, step: np.ndarray, steps: int, warm: int) -> np.ndarray:
    return (1 + np.cos(np.pi * np.maximum(step - warm, 0) / max(steps - warm, 1))) / 2


SCHEDULES = {"constant": _constant, "step": _step, "cosine": _cosine}


def optimizer(train: Train, variables: Sequence = ()):
    """The recipe's optimizer; its learning rate is set anew for every step, from `rates`.

    variables: what it will train, of which `weight_decay_exclude` chooses what does not decay. With `ema_momentum` it
    also keeps exponential moving averages of the weights (Polyak & Juditsky 1992): the first step's weights, then
    ema_momentum * average + (1 - ema_momentum) * weight.
    """
    averaging = {"use_ema": True, "ema_momentum": train.ema_momentum} if train.ema_momentum else {}
    common = {"learning_rate": train.learning_rate, "clipnorm": train.clipnorm, **averaging}
    made = OPTIMIZERS[train.optimizer](train, common)
    excluded = WEIGHT_DECAY_EXCLUDE[train.weight_decay_exclude]
    made.exclude_from_weight_decay(var_list=[v for v in variables if v.name in excluded])
    return made


def _sgd(train: Train, common: dict[str, Any]):
    from ablation.training.optimizers import SGD

    return SGD(momentum=float(train.momentum), nesterov=train.nesterov, l2=train.weight_decay, **common)


def _adamw(train: Train, common: dict[str, Any]):
    from ablation.training.optimizers import AdamW

    return AdamW(weight_decay=train.weight_decay, beta_1=train.beta_1, beta_2=train.beta_2, **common)


OPTIMIZERS = {"sgd": _sgd, "adamw": _adamw}
# Names of the variables, as Keras' layers have them: scale and offset of a norm, and biases.
WEIGHT_DECAY_EXCLUDE = {"none": (), "norm_bias": ("gamma", "beta", "bias")}
