"""The normal form of a checked configuration."""

import re
from dataclasses import replace
from typing import Any

from ablation.config import schema
from ablation.config.applicability import OPTIONAL, is_read
from ablation.config.schema import keys_of


def normalise(cfg: schema.Config) -> schema.Config:
    """The form of a checked config that a run takes, a new value: configs that train alike are equal in it.

    Keys that nothing reads are at their default: those of a recipe whose schedule or optimizer was replaced, and those
    of a network that has no use for them. The timeout is in seconds.
    """
    model, train = replace(cfg.model), replace(cfg.train)
    normal = replace(cfg, model=model, train=train)
    for name, value, limits in keys_of(train):
        if value != limits["default"] and not is_read(normal, "train", limits):
            setattr(train, name, getattr(schema.Train(), name))
    for name, value, limits in keys_of(model):
        if not is_read(normal, "model", limits):
            continue
        if name in OPTIONAL and OPTIONAL[name](model):
            setattr(model, name, limits["default"])
        elif name == "stride_in" and value is None:  # a bottleneck made of a basic network's file
            model.stride_in = "first"
    if train.steps is not None:  # it wins
        train.epochs = None
    if normal.backend == "jax" and train.xla:  # as always there
        train.xla = None
    if not train.weight_decay:  # nothing decays, whatever is exempt
        train.weight_decay_exclude = "none"
    if normal.job_timeout is not None:
        normal.job_timeout = seconds_of(normal.job_timeout)
    return normal


def seconds_of(timeout: Any) -> float:
    """A timeout as typed, `12h`, in seconds; 0 for what is none."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?)([smh]?)", str(timeout))
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
