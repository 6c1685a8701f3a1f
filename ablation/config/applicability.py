"""Which keys a configuration reads: the only owner of that question.

Two things decide it. The choices of a configuration (family, source, schedule, optimizer) read some keys and not
others, which the schema lists as `read_by`. And a key may have no effect beside some value of another key, as
`model.shortcut` has none in a network without shortcuts: `WITHOUT_EFFECT`.

A configuration is given flat, `{"model.width": 64, …}`. A key that it lacks is at its default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ablation.config.keys import Limits, keys_of
from ablation.config.network_structure import WEIGHTED
from ablation.config.schema import DEFAULTS, GROUPS

Settings = Mapping[str, Any]

GROUP_READERS = {"model": "family", "data": "source", "train": "schedule"}  # the key that decides, of each group


@dataclass(frozen=True)
class Reader:
    """The key that decides whether another one is read, and the values of it that read that one."""

    key: str
    values: tuple[str, ...]


def reads(config: Settings, key: str) -> bool:
    """Whether a key shapes the result of a run with this configuration."""
    if not choice_reads(config, key):
        return False
    return key not in WITHOUT_EFFECT or not WITHOUT_EFFECT[key](config)


def choice_reads(config: Settings, key: str) -> bool:
    """Whether the family, source, schedule or optimizer of this configuration reads a key at all."""
    reader = READERS.get(key)
    return reader is None or value_of(config, reader.key) in reader.values


def inactive_keys(config: Settings) -> list[str]:
    """The keys that this configuration does not read."""
    return [key for key in DEFAULTS if not reads(config, key)]


def reader_of(key: str) -> Reader | None:
    """What decides by choice whether a key is read; None for a key that every choice reads."""
    return READERS.get(key)


def value_of(config: Settings, key: str) -> Any:
    """The value of a key in this configuration."""
    return config.get(key, DEFAULTS.get(key))


def _without_shortcuts(config: Settings) -> bool:
    return value_of(config, "model.residual") is False


def _order_has_no_effect(config: Settings) -> bool:
    """In a plain network the activation behind a layer is the one before the next (He et al. 2016, section 4.1).

    A block from a plugin has its own order.
    """
    return _without_shortcuts(config) or value_of(config, "model.block") not in (None, *WEIGHTED)


def _last_norm_has_no_effect(config: Settings) -> bool:
    """Without shortcuts nothing would come through a zero gamma; a pre-activation branch ends in a convolution."""
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
