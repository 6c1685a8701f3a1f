"""The fingerprint of a run: a hash of everything that shapes its result, available before the backend is loaded."""

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from ablation.config.applicability import CHOICES, choice_reads
from ablation.config.plugins import declarations
from ablation.config.plugins.choices import default_values, is_own
from ablation.config.schema import FORMER, Config, flat
from ablation.errors import AblateError

FORMAT = 1
WEIGHTS = "weights.npz"  # in a run's directory
# Names, paths and scheduling. The fingerprint of the data covers the contents of its folders.
IGNORED = frozenset(
    {
        *("outputs", "name", "tags", "threads", "rerun", "exact", "data.dir", "data.root", "data.file"),
        *("n_jobs", "job_timeout", "max_retries", "checkpoint_minutes", "plugins"),
    }
)
WITHIN_VARIANT = IGNORED | {"seed", "train.keep_weights"}  # keys in which runs of the same variant may differ


def fingerprint(config: Config, data: dict[str, Any]) -> str:
    """Hash a config, the fingerprint of its data and the plugin files that it uses: 64 hexadecimal digits.

    data: as from `data.prepare`. Keys with their schema default are left out, so that a key added later does not change
    the fingerprints of older runs; if these had another value than the default, that value is left out instead. Plugin
    files are hashed by content.
    """
    values = {key: _positive_zero(value) for key, value in flat(config).items()}
    left_out = default_values(config) | {key: value for key, value in FORMER.items() if choice_reads(values, key)}
    shaping = {}
    for key, value in values.items():
        is_own_choice = key in CHOICES and is_own(values, key)
        if key not in IGNORED and (is_own_choice or value != left_out[key]):
            shaping[key] = value
    if config.model.weights is not None:
        shaping["model.weights"] = weights_digest(config.model.weights)
    content = {"format": FORMAT, "config": shaping, "data": data}
    used = declarations.digests(config.plugins, values)
    if used:
        content["plugins"] = used
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def weights_file(origin: str) -> Path:
    """The file of `model.weights`: itself, or the weights of a run's directory."""
    path = Path(os.path.expanduser(origin))
    return path / WEIGHTS if path.is_dir() else path


def weights_digest(origin: str) -> str:
    """The SHA-256 of the file of `model.weights`. Raises AblateError if it cannot be read."""
    file = weights_file(origin)
    try:
        status = file.stat()
        return _file_digest(file, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise AblateError(
            f"The initial weights cannot be read ({error.strerror or error}: {file}). Received model.weights={origin}. "
            "Allowed: the directory of a completed run with weights.npz, or a file .weights.h5 of Keras. Type for "
            "example model.weights=outputs/resnet34-cifar10-s0-1a2b3c4d5e"
        ) from error


@functools.lru_cache(maxsize=16)
def _file_digest(file: Path, changed: int, size: int) -> str:
    """changed, size: of the file, so that a changed file is read again."""
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _positive_zero(value: Any) -> Any:
    """Replace -0.0 by 0.0: both train alike, but their JSON differs."""
    return value + 0.0 if isinstance(value, float) else value
