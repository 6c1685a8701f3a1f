"""Which keys a choice reads: the only owner of that rule."""

import dataclasses
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ablation.config import fingerprint, network_structure, schema
from ablation.config.schema import Config

READER = {"model": "family", "data": "source", "train": "schedule"}


def is_read(cfg: schema.Config, group: str, limits: Mapping[str, Any]) -> bool:
    """Does the family, source, schedule or optimizer that the config chooses read a key of these limits?"""
    chosen = getattr(getattr(cfg, group), limits.get("reader", READER[group]))
    return chosen in limits.get("read_by", (chosen,))


OPTIONAL = {  # keys of the model that nothing reads while another key has some value: they are at their default then
    # a plain network's activations are as well those behind a layer as those before the next (He et al. 2016, 4.1)
    "order": lambda model: (
        model.residual is False or model.block not in (None, *network_structure.WEIGHTED)
    ),  # or own block
    "shortcut": lambda model: model.residual is False,
    "stochastic_depth": lambda model: model.residual is False,
    "stride_in": lambda model: model.block != "bottleneck",
    # without a shortcut nothing would ever come through; with pre-activation a branch ends in a convolution
    "zero_init_last": lambda model: model.norm == "none" or model.residual is False or model.order == "pre",
    "norm_momentum": lambda model: model.norm != "batch",
    "norm_epsilon": lambda model: model.norm == "none",
    "shake_level": lambda model: model.shake_forward == model.shake_backward == "even",
}


Facts = Mapping[str, Any]


# What shapes a result, at its schema default: a key added later changes no older run.
LEFT_OUT = fingerprint.IGNORED | {"seed", "train.keep_weights"}
DEFAULTS = {k: v for k, v in fingerprint.flat(Config()).items() if k not in LEFT_OUT}
# Keys that only some families, sources or schedules read: {"train.lr_milestones": ("train.schedule", ("step",)), …}.
READ_BY = {
    f"{group.name}.{field.name}": (
        f"{group.name}.{field.metadata.get('reader', READER[group.name])}",
        field.metadata["read_by"],
    )
    for group in dataclasses.fields(Config)
    if group.name in READER
    for field in dataclasses.fields(group.type)
    if "read_by" in field.metadata
}


UNREAD = {  # keys that say nothing beside some value of another one; those of the model stand in `check`
    "train.weight_decay_exclude": lambda config: not config.get("train.weight_decay"),
    "train.epochs": lambda config: config.get("train.steps") is not None,
    "train.reference_steps": lambda config: (config.get("train.steps"), config.get("train.epochs")) != (None, None),
    "train.xla": lambda config: config.get("backend") == "jax",
}


def is_unread(key: str, config: Facts) -> bool:
    """Does nothing read the key in this config?"""
    if key in READ_BY:
        reader, by = READ_BY[key]
        if config.get(reader) not in by:
            return True
    if key in UNREAD:
        return UNREAD[key](config)
    group, _, name = key.partition(".")
    return group == "model" and name in OPTIONAL and OPTIONAL[name](_model(config))


def _model(config: Facts) -> SimpleNamespace:
    told, group = {**DEFAULTS, **config}, "model."
    return SimpleNamespace(**{k.removeprefix(group): v for k, v in told.items() if k.startswith(group)})
