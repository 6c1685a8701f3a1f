"""The fingerprint of a run: a hash of everything that shapes its result, known before anything is imported or made."""

import hashlib
import json
from typing import Any

from ablation.config import plugins
from ablation.config.schema import DEFAULTS, Config, flat

FORMAT = 1
# Names, paths and placement. What lies behind a path is in the fingerprint of the data.
IGNORED = frozenset(
    {
        *("outputs", "name", "tags", "threads", "rerun", "exact", "data.dir", "data.root"),
        *("n_jobs", "job_timeout", "max_retries", "checkpoint_minutes", "plugins"),
    }
)
WITHIN_VARIANT = IGNORED | {"seed", "train.keep_weights"}  # keys in which two runs of one variant may differ


def fingerprint(config: Config, data: dict[str, Any]) -> str:
    """Hash a config and what identifies its data: 64 hexadecimal digits.

    Keys at their schema default are left out, so that a key added later leaves the fingerprints of older runs alone.
    Of a plugin file that is used the content counts.
    """
    values = {key: _positive_zero(value) for key, value in flat(config).items()}
    shaping = {}
    for key, value in values.items():
        if key not in IGNORED and value != DEFAULTS[key]:
            shaping[key] = value
    content = {"format": FORMAT, "config": shaping, "data": data}
    used = plugins.digests(config.plugins, values)
    if used:
        content["plugins"] = used
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _positive_zero(value: Any) -> Any:
    """-0.0 trains as 0.0 does, and JSON would tell them apart."""
    return value + 0.0 if isinstance(value, float) else value
