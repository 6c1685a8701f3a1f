"""Checks of a composed config that types alone cannot make, and its one form. Needs neither Keras nor TensorFlow."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ablation.config import network_structure, plugins, schema
from ablation.config.applicability import OPTIONAL, READER, is_read
from ablation.config.normalisation import normalise, seconds_of
from ablation.config.schema import keys_of
from ablation.errors import AblateError, Unread, unknown


def check(cfg: schema.Config, typed: Collection[str] = ()) -> None:
    """Raise AblateError for a config that cannot run; it is left as it is.

    cfg: the config as composed. typed: the keys that the user wrote on the command line, such as `model.width`.
    Refused are a value out of range, a key that the family, source, schedule or optimizer does not read, keys that do
    not go together, and a network that the input is too small for. Whether keys go together is asked of the config as
    `normalise` returns it.
    """
    own = plugins.names(cfg.plugins)
    for group in (None, "model", "data", "train"):
        node = cfg if group is None else getattr(cfg, group)
        for name, value, limits in keys_of(node):
            path = name if group is None else f"{group}.{name}"
            if limits.get("own"):
                choices = _with_own(path, limits["choices"], own.get(path, []), cfg.plugins)
                limits = {**limits, "choices": choices}
            _in_range(path, value, limits)
            if group and value != limits["default"] and not is_read(cfg, group, limits):
                if group != "train" or path in typed:  # else left over from a recipe that was changed: see `normalise`
                    raise _not_read(cfg, group, path, value, limits)
    normal = normalise(cfg)
    for name, value, limits in keys_of(normal.model):
        if value in (None, []) and is_read(normal, "model", limits):
            _has_value(normal.model, name, limits)
    _agree(normal)
    _sweep(cfg)


def _with_own(path: str, shipped: Sequence[str], own: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    if taken := [name for name in own if name in shipped]:
        raise AblateError(
            f"A name is taken. Received {path}={taken[0]} in plugins=[{','.join(files)}]. Allowed: names other than "
            f"{', '.join(shipped)}. Type for example my_{taken[0]} in the file"
        )
    return (*shipped, *own)


def _in_range(path: str, value: Any, limits: Mapping[str, Any]) -> None:
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        if "choices" in limits and item not in limits["choices"]:
            raise unknown(f"value of {path}", item, limits["choices"], path)
        if isinstance(item, float) and not math.isfinite(item):
            raise AblateError(
                f"{path} is no finite number ({limits['doc']}). Received {path}={value}. Allowed: a finite number. "
                f"Type for example {path}={_example(value, limits)}"
            )
        bounds = {
            "low": ("at least", lambda v, b: v >= b),
            "high": ("at most", lambda v, b: v <= b),
            "above": ("above", lambda v, b: v > b),
            "below": ("below", lambda v, b: v < b),
        }
        wanted = {name: limits[name] for name in bounds if name in limits}
        if not all(bounds[name][1](item, bound) for name, bound in wanted.items()):
            rule = " and ".join(f"{bounds[name][0]} {bound}" for name, bound in wanted.items())
            raise AblateError(
                f"{path} is out of range ({limits['doc']}). Received {path}={value}. Allowed: {rule}. "
                f"Type for example {path}={_example(value, limits)}"
            )


def _example(value: Any, limits: Mapping[str, Any]) -> Any:
    if "low" in limits:
        example: Any = limits["low"]
    elif "above" in limits and "below" in limits:
        example = (limits["above"] + limits["below"]) / 2
    else:
        example = limits.get("above", 0) + 1
    return [example] if isinstance(value, list) else example


def _not_read(cfg: schema.Config, group: str, path: str, value: Any, limits: Mapping[str, Any]) -> Unread:
    reader = limits.get("reader", READER[group])
    return Unread(
        f"{path} ({limits['doc']}) is not read by {group}.{reader}={getattr(getattr(cfg, group), reader)}. Received "
        f"{path}={value}. Read only by {reader}: {', '.join(limits['read_by'])}. Leave the key out, or type another "
        f"{group}=",
        path,
    )


def _has_value(model: schema.Model, name: str, limits: Mapping[str, Any]) -> None:
    if name in OPTIONAL and OPTIONAL[name](model):
        return
    allowed = ", ".join(map(str, limits["choices"])) if "choices" in limits else "a value"
    example = limits["choices"][0] if "choices" in limits else "…"
    raise AblateError(
        f"model.{name} has no value ({limits['doc']}), and model.family={model.family} reads it. Received "
        f"model.{name}={getattr(model, name)}. Allowed: {allowed}. Type for example model.{name}={example}"
    )


def _sweep(cfg: schema.Config) -> None:
    """How a sweep goes about its jobs."""
    n_jobs, timeout = cfg.n_jobs, cfg.job_timeout
    if not (n_jobs in (None, "auto") or type(n_jobs) is int and 1 <= n_jobs <= 1024):
        raise AblateError(
            f"A sweep runs a whole number of jobs at once. Received n_jobs={n_jobs}. Allowed: 1 to 1024, auto, or null "
            "for one per GPU. Type for example n_jobs=2"
        )
    if timeout is not None and not 0 < seconds_of(timeout) < 1e9:
        raise AblateError(
            f"A job lives for a time above nothing. Received job_timeout={timeout}. Allowed: seconds, or a number "
            "followed by s, m or h. Type for example job_timeout=12h"
        )


def _agree(cfg: schema.Config) -> None:
    """What concerns more than one key."""
    network_structure.check(cfg.model, cfg.data.image_size)
    train, data = cfg.train, cfg.data
    if train.schedule == "step" and not (train.lr_milestones and train.lr_gamma):
        raise AblateError(
            "train.schedule=step needs to know where to drop and by what. "
            f"Received train.lr_milestones={train.lr_milestones} train.lr_gamma={train.lr_gamma}. "
            "Allowed: shares of the run and a factor. "
            "Type for example train.lr_milestones=[0.5,0.75] train.lr_gamma=0.1"
        )
    if train.epochs is train.steps is train.reference_steps is None:
        raise AblateError(
            "The run has no length. Received train.epochs=null train.steps=null train.reference_steps=null. "
            "Allowed: a whole number from 1 in one of them. Type for example train.epochs=20"
        )
    if train.nesterov and train.momentum == 0:
        raise AblateError(
            "Nesterov's momentum needs a momentum. Received train.nesterov=true train.momentum=0. "
            "Allowed: a momentum above 0. Type for example train.momentum=0.9, or train.nesterov=false"
        )
    if data.holdout + data.holdout_test >= 1:
        raise AblateError(
            f"Nothing is left to train on. Received data.holdout={data.holdout} data.holdout_test={data.holdout_test}. "
            "Allowed: shares that add up to less than 1. Type for example data.holdout=0.2 data.holdout_test=0.2"
        )
    if data.cutout_size > data.image_size:
        raise AblateError(
            f"The square that cutout blanks is larger than the image. Received data.cutout_size={data.cutout_size} "
            f"data.image_size={data.image_size}. Allowed: 0 to {data.image_size}. "
            f"Type for example data.cutout_size={data.image_size // 2}"
        )
    if data.source == "folder" and not data.root:
        raise AblateError(
            "data=folder needs to know the folder. Received data.root=null. Allowed: a folder with one folder of "
            "images per class. Type for example data=folder data.root=/path/to/images"
        )
    if cfg.exact == "required" and not cfg.deterministic:
        raise AblateError(
            "A run that is not deterministic is not exact. Received exact=required deterministic=false. "
            "Allowed: one of the two. Type exact=required alone, or deterministic=false exact=mark"
        )
    if cfg.backend == "jax" and train.xla is False:
        raise AblateError(
            "JAX always compiles with XLA. Received backend=jax train.xla=false. Allowed with JAX: null or true. "
            "Type backend=jax alone, or backend=tensorflow train.xla=false"
        )
