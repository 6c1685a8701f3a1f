"""Provenance of a run for its record: versions, hardware, code digest and git commit."""

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
from ablation.runtime.machine import gpus, processor_name, vector_extensions

PACKAGES = (*dict.fromkeys(SHAPING["tensorflow"] + SHAPING["jax"]), "tensorflow-datasets", "hydra-core")

# The code of this package that shapes results: for each role, its files or folders. The digest covers the role and the
# code, not the path, so a file that moves needs only a new path here, and older runs still match the current code.
CODE: dict[str, tuple[str, ...]] = {
    "blocks": ("model/blocks",),
    "network": (
        *("model/network.py", "model/own_network.py", "model/initialization.py", "model/coupling.py"),
        *(
            "model/layer_origins.py",
            "model/initial_weights.py",
            "model/keras_private.py",
            "config/network_structure.py",
        ),
    ),
    "randomness": ("random_streams.py",),
    "data": ("data",),
    "training": ("training",),
    "trial": ("run/trial.py",),
    "backend": ("runtime/backend.py", "config/backends.py"),
    "normalisation": ("config/applicability.py", "config/normalisation.py"),
}
SHAPING_CODE = {  # roles of which only these definitions shape results
    "backend": ("SHAPING", "choose", "start", "_start_tensorflow", "_start_jax", "devices", "on_gpu", "xla"),
}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a result."""
    return dict(package_versions())


@functools.cache
def package_versions() -> dict[str, str]:
    installed = {"python": platform.python_version(), "ablation": ablation.__version__}
    for package in PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed


def hardware(backend: str | None) -> dict[str, Any]:
    """The hardware and operating system of the run. backend: whose devices it has; None for those of the machine."""
    if backend is None:
        own = [f"gpu:{name}" for name in gpus()] or ["cpu"]
    else:
        own = devices(backend)
    return {
        "devices": own,
        "processor": processor_name(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }


def exactness(cfg: Config, threads: int, data: str) -> dict[str, Any]:
    """The environment class, within which equal commands give bit-exact results: all its fields and a digest, `class`.

    data: digest of the images. `exact` in the result: True for a deterministic run; a run that resumes in another class
    loses it.
    """
    import keras

    shaping = {
        "backend": cfg.backend,
        "deterministic": cfg.deterministic,
        "threads": threads,
        "versions": {p: v for p, v in versions().items() if p in SHAPING[cfg.backend]},
        "devices": devices(cfg.backend)[:1],  # a run uses a single device
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
    """Digest of this package's code that shapes results: 16 hexadecimal digits. Not part of a run's fingerprint.

    It covers the code of each role (see `source_digest`) and the schema's defaults. Cached, because it describes the
    code that this process has imported.
    """
    source = source_digest.digest(Path(ablation.__file__).resolve().parent, CODE, SHAPING_CODE)
    unset = {type(group).__name__: dataclasses.asdict(group) for group in (Model(), Data(), Train())}
    return hashlib.sha256(f"{source}{json.dumps(unset, sort_keys=True)}".encode()).hexdigest()[:16]


def git() -> dict[str, Any] | None:
    """Git commit of the package's checkout, and whether it has uncommitted changes; None outside a checkout."""
    return commit_of(Path(__file__).resolve().parents[1], tracked=__file__)


def commit_of(folder: Path, tracked: str = ".") -> dict[str, Any] | None:
    """Git commit of a folder's checkout, and whether the folder has uncommitted changes; None outside a checkout.

    tracked: a path that the checkout must contain.
    """

    def output(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    try:
        if not output("ls-files", "--", tracked):
            return None
        commit = output("rev-parse", "HEAD").strip()
        return {"commit": commit, "dirty": bool(output("status", "--porcelain", "--", "."))}
    except (OSError, subprocess.CalledProcessError):
        return None
