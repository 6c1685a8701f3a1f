"""The normal form of a checked configuration."""

import re
from dataclasses import replace
from typing import Any

from ablation.config.applicability import inactive_keys, reads
from ablation.config.keys import keys_of
from ablation.config.plugins.choices import default_values
from ablation.config.schema import Config, flat

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
# The length of the published recipe. If another length is set, it has no effect, but a record says "shortened from" it.
KEPT = frozenset({"train.reference_steps"})


def normalise(config: Config) -> Config:
    """The normal form of a checked config, as a new config. Configs that train alike have equal normal forms.

    Keys without effect have their default: keys left over from a schedule or optimizer that was replaced, and keys that
    the network does not use. The timeout is in seconds.
    """
    normal = replace(config, model=replace(config.model), data=replace(config.data), train=replace(config.train))
    settings, defaults = flat(config), default_values(config)
    for key in inactive_keys(settings):
        group, _, name = key.rpartition(".")
        if group and key not in KEPT:
            setattr(getattr(normal, group), name, defaults[key])
    # A bottleneck block in the file of a network with basic blocks has no value for this key.
    if reads(settings, "model.stride_in") and normal.model.stride_in is None:
        normal.model.stride_in = "first"
    for node in (normal.model, normal.data):
        _use_floats(node)
    if normal.job_timeout is not None:
        normal.job_timeout = seconds_of(normal.job_timeout)
    return normal


def _use_floats(node: Any) -> None:
    """Write the parameters of plugins that are floats as floats: 1 and 1.0 train alike."""
    for key in keys_of(type(node)):
        value = getattr(node, key.name)
        if key.limits.kind is float and isinstance(value, int):
            setattr(node, key.name, float(value))


def seconds_of(timeout: Any) -> float:
    """A timeout as typed, such as `12h`, in seconds; 0 for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?)([smh]?)", str(timeout))
    if match is None:
        return 0.0
    return float(match[1]) * SECONDS[match[2]]
