"""The keys that a configuration reads. Only this module decides that.

A key is read if two conditions hold. The choices of the configuration (family, source, schedule, optimizer) read it:
the schema lists these choices in `read_by`. And no other key takes away its effect, as `model.residual=false` does for
`model.shortcut`: see `WITHOUT_EFFECT`.

Configurations are flat: `{"model.width": 64, …}`. A missing key has its default. A plugin's network or data set reads
the keys that its configuration has, and no other keys of its group.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ablation.config.keys import Limits, keys_of
from ablation.config.network_structure import WEIGHTED
from ablation.config.plugins.choices import is_own
from ablation.config.plugins.own_schema import LEADERS
from ablation.config.schema import DEFAULTS, GROUPS

Settings = Mapping[str, Any]

GROUP_READERS = {**LEADERS, "train": "schedule"}  # the key that decides, by group
CHOICES = {f"{group}.{leader}" for group, leader in LEADERS.items()}


@dataclass(frozen=True)
class Reader:
    """The key that decides whether another key is read, and the values for which it is."""

    key: str
    values: tuple[str, ...]


def reads(config: Settings, key: str) -> bool:
    """Return whether a key shapes the result of a run with this configuration."""
    if not choice_reads(config, key):
        return False
    return is_own(config, key) or key not in WITHOUT_EFFECT or not WITHOUT_EFFECT[key](config)


def choice_reads(config: Settings, key: str) -> bool:
    """Return whether the family, source, schedule or optimizer of this configuration reads a key at all."""
    reader = READERS.get(key)
    if is_own(config, key):
        if key not in config:
            return False
        if reader is None or reader.key in CHOICES:  # a parameter may have the name of another choice's key
            return True
    return reader is None or value_of(config, reader.key) in reader.values


def inactive_keys(config: Settings) -> list[str]:
    """The keys that this configuration has, or could have, and does not read."""
    possible = [key for key in DEFAULTS if key in config or not is_own(config, key)]
    return [key for key in possible if not reads(config, key)]


def reader_of(key: str) -> Reader | None:
    """The choice that decides whether a key is read; None for a key that every choice reads."""
    return READERS.get(key)


def value_of(config: Settings, key: str) -> Any:
    """The value of a key in this configuration."""
    return config.get(key, DEFAULTS.get(key))


def _without_shortcuts(config: Settings) -> bool:
    return value_of(config, "model.residual") is False


def _order_has_no_effect(config: Settings) -> bool:
    """Return whether pre- and post-activation give the same network, or a plugin's block decides the order itself.

    In a plain network, the activation after a layer is the one before the next layer (He et al. 2016, section 4.1).
    """
    return _without_shortcuts(config) or value_of(config, "model.block") not in (None, *WEIGHTED)


def _last_norm_has_no_effect(config: Settings) -> bool:
    """Return whether no residual branch has a last norm that can start at zero.

    Without shortcuts, a zero gamma would block the signal; a pre-activation branch ends in a convolution, not a norm.
    """
    if value_of(config, "model.norm") == "none" or _without_shortcuts(config):
        return True
    return value_of(config, "model.order") == "pre" and reads(config, "model.order")


def _stride_in_has_no_effect(config: Settings) -> bool:
    return value_of(config, "model.block") != "bottleneck"


def _norm_momentum_has_no_effect(config: Settings) -> bool:
    return value_of(config, "model.norm") != "batch"


def _norm_epsilon_has_no_effect(config: Settings) -> bool:
    return value_of(config, "model.norm") == "none"


def _shake_level_has_no_effect(config: Settings) -> bool:
    return value_of(config, "model.shake_forward") == value_of(config, "model.shake_backward") == "even"


def _exclusion_has_no_effect(config: Settings) -> bool:
    return not value_of(config, "train.weight_decay")


def _momentum_form_has_no_effect(config: Settings) -> bool:
    """Return whether both forms give the same weights: without momentum, or at a constant learning rate."""
    is_constant = value_of(config, "train.schedule") == "constant" and not value_of(config, "train.warmup")
    return is_constant or not value_of(config, "train.momentum")


def _epochs_have_no_effect(config: Settings) -> bool:
    return value_of(config, "train.steps") is not None


def _reference_steps_have_no_effect(config: Settings) -> bool:
    return value_of(config, "train.steps") is not None or value_of(config, "train.epochs") is not None


def _xla_has_no_effect(config: Settings) -> bool:
    """JAX always compiles with XLA."""
    return value_of(config, "backend") == "jax"


WITHOUT_EFFECT: dict[str, Callable[[Settings], bool]] = {
    "model.order": _order_has_no_effect,
    "model.shortcut": _without_shortcuts,
    "model.stochastic_depth": _without_shortcuts,
    "model.stride_in": _stride_in_has_no_effect,
    "model.zero_init_last": _last_norm_has_no_effect,
    "model.norm_momentum": _norm_momentum_has_no_effect,
    "model.norm_epsilon": _norm_epsilon_has_no_effect,
    "model.shake_level": _shake_level_has_no_effect,
    "train.weight_decay_exclude": _exclusion_has_no_effect,
    "train.momentum_form": _momentum_form_has_no_effect,
    "train.epochs": _epochs_have_no_effect,
    "train.reference_steps": _reference_steps_have_no_effect,
    "train.xla": _xla_has_no_effect,
}


def _reader(group: str, limits: Limits) -> Reader | None:
    if limits.read_by is None:
        return None
    return Reader(f"{group}.{limits.reader or GROUP_READERS[group]}", limits.read_by)


def _readers() -> dict[str, Reader]:
    readers = {}
    for group, schema in GROUPS.items():
        for key in keys_of(schema):
            reader = _reader(group, key.limits)
            if reader is not None:
                readers[f"{group}.{key.name}"] = reader
    return readers


READERS = _readers()
