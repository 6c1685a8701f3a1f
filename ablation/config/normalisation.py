"""The normal form of a checked configuration."""

import re
from dataclasses import replace
from typing import Any

from ablation.config.applicability import inactive_keys, reads
from ablation.config.schema import DEFAULTS, Config, flat

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
# The length of the published recipe, which has no effect beside another length: a record says "shortened from" it.
KEPT = frozenset({"train.reference_steps"})


def normalise(config: Config) -> Config:
    """The form of a checked config in which it runs, as a new value: configs that train alike are equal in it.

    Keys without effect are at their default: those of a recipe whose schedule or optimizer was replaced, and those of a
    network that has no use for them. The timeout is in seconds.
    """
    normal = replace(config, model=replace(config.model), data=replace(config.data), train=replace(config.train))
    settings = flat(config)
    for key in inactive_keys(settings):
        group, _, name = key.rpartition(".")
        if group and key not in KEPT:
            setattr(getattr(normal, group), name, DEFAULTS[key])
    if normal.model.stride_in is None and reads(settings, "model.stride_in"):  # a bottleneck in a basic network's file
        normal.model.stride_in = "first"
    if normal.job_timeout is not None:
        normal.job_timeout = seconds_of(normal.job_timeout)
    return normal


def seconds_of(timeout: Any) -> float:
    """A timeout as typed, such as `12h`, in seconds; 0 for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?)([smh]?)", str(timeout))
    if match is None:
        return 0.0
    return float(match[1]) * SECONDS[match[2]]
