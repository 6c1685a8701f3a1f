"""Versions, hardware, code digest and git commit that a record names."""

import dataclasses
import functools
import hashlib
import json
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import ablation
from ablation.config.backends import FLAGS, SHAPING
from ablation.config.schema import Config, Data, Model, Train
from ablation.runtime import source_digest
from ablation.runtime.backend import devices
from ablation.runtime.machine import processor_name, vector_extensions

PACKAGES = (*dict.fromkeys(SHAPING["tensorflow"] + SHAPING["jax"]), "tensorflow-datasets", "hydra-core")

# What of this package shapes results: for each role where its code lies, files or folders. The digest knows roles and
# what the code does, not places: who moves a file changes its place here, and no run becomes one of older code.
CODE: dict[str, tuple[str, ...]] = {
    "blocks": ("model/blocks",),
    "network": ("model/network.py", "model/initialization.py", "model/keras_private.py", "config/network_structure.py"),
    "randomness": ("random_streams.py",),
    "data": ("data",),
    "training": ("training",),
    "trial": ("run/trial.py",),
    "backend": ("runtime/backend.py", "config/backends.py"),
    "normalisation": ("config/applicability.py", "config/normalisation.py"),
}
SHAPING_CODE = {  # of these roles only some definitions shape results
    "backend": ("SHAPING", "choose", "start", "_start_tensorflow", "_start_jax", "devices", "on_gpu", "xla"),
}


def versions() -> dict[str, str]:
    """Versions of Python and of what shapes a result."""
    return dict(package_versions())


@functools.cache
def package_versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "ablation": ablation.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware(backend: str) -> dict[str, Any]:
    """What the run computed on."""
    return {
        "devices": devices(backend),
        "processor": processor_name(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }


def exactness(cfg: Config, threads: int, data: str) -> dict[str, Any]:
    """The class within which equal commands give equal bits, spelt out and as a digest, `class`.

    data: digest of the images. exact: whether the run keeps to one class from its first step to its last, and is
    deterministic.
    """
    import keras

    shaping = {
        "backend": cfg.backend,
        "deterministic": cfg.deterministic,
        "threads": threads,
        "versions": {p: v for p, v in versions().items() if p in SHAPING[cfg.backend]},
        "devices": devices(cfg.backend)[:1],  # a run computes on one
        "processor": processor_name(),
        "instructions": vector_extensions(),
        "flags": {name: os.environ[name] for name in FLAGS if name in os.environ},
        "floatx": keras.config.floatx(),
        "image_data_format": keras.config.image_data_format(),
        "data": data,
    }
    text = json.dumps(shaping, sort_keys=True)
    return {"exact": cfg.deterministic, "class": hashlib.sha256(text.encode()).hexdigest()[:16], **shaping}


@functools.cache
def code() -> str:
    """Digest of the package's own code that shapes results: 16 hexadecimal digits. Not part of a run's fingerprint.

    Of the code of each role, see `source_digest`, and of what a key is that no configuration sets. Computed once in a
    process: it is the code that was imported.
    """
    source = source_digest.digest(Path(ablation.__file__).resolve().parent, CODE, SHAPING_CODE)
    unset = {type(group).__name__: dataclasses.asdict(group) for group in (Model(), Data(), Train())}
    return hashlib.sha256(f"{source}{json.dumps(unset, sort_keys=True)}".encode()).hexdigest()[:16]


def git() -> dict[str, Any] | None:
    """Git commit of the package's own checkout, and whether it was changed since; None outside a checkout."""
    here = Path(__file__).resolve().parents[1]

    def ask(*words: str) -> str:
        return subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=True).stdout

    try:
        if not ask("ls-files", "--", __file__):
            return None
        return {"commit": ask("rev-parse", "HEAD").strip(), "dirty": bool(ask("status", "--porcelain", "--", "."))}
    except (OSError, subprocess.CalledProcessError):
        return None
