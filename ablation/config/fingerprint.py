"""Which run is this? The hash of everything that shapes its result, computed before anything is imported or created."""

import functools
import hashlib
import json
from dataclasses import is_dataclass
from typing import Any

from ablation.config import plugins
from ablation.config.schema import Config

FORMAT = 1
# Names, paths, placement. What lies behind a path is in the data's own identity.
IGNORED = frozenset({"outputs", "name", "tags", "threads", "rerun", "exact", "data.dir", "data.root"})
IGNORED |= {"n_jobs", "job_timeout", "max_retries", "checkpoint_minutes", "plugins"}


def flat(cfg: Config) -> dict[str, Any]:
    """Every key of the config with its value: `{"seed": 0, "model.width": 64, …}`."""
    keys: dict[str, Any] = {}
    for name, value in vars(cfg).items():
        keys |= {f"{name}.{k}": v for k, v in vars(value).items()} if is_dataclass(value) else {name: value}
    return keys


_default = functools.cache(lambda: flat(Config()))


def fingerprint(cfg: Config, data: dict[str, Any]) -> str:
    """Hash a config and its data's identity: 64 hexadecimal digits.

    Keys at their schema default are left out, so that a key added later leaves the identity of older runs alone. Of own
    parts their files' content counts, where one is used.
    """
    default = _default()
    values = {k: v + 0.0 if isinstance(v, float) else v for k, v in flat(cfg).items()}  # -0.0 is 0.0
    shaping = {k: v for k, v in values.items() if k not in IGNORED and v != default[k]}
    told = {"format": FORMAT, "config": shaping, "data": data}
    if own := plugins.digests(cfg.plugins, values):
        told["plugins"] = own
    text = json.dumps(told, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
