"""The machine and the libraries: chosen before Keras is imported, recorded after. No secret is ever read."""

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import ablation
from ablation import progress, source_digest
from ablation.config import Config, Data, Model, Train

SHAPING = {"tensorflow": ("keras", "numpy", "tensorflow"), "jax": ("keras", "numpy", "jax", "jaxlib")}  # the bits
PACKAGES = (*dict.fromkeys(SHAPING["tensorflow"] + SHAPING["jax"]), "tensorflow-datasets", "hydra-core")
INSTRUCTIONS = ("avx", "amx", "fma", "f16c", "sse4", "neon", "asimd", "sve", "bf16", "i8mm")
FLAGS = (  # variables that change which kernels run; no other one is ever read into a record
    *("TF_ENABLE_ONEDNN_OPTS", "TF_SET_ONEDNN_FPMATH_MODE", "ONEDNN_DEFAULT_FPMATH_MODE"),
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "TF_XLA_FLAGS", "XLA_FLAGS", "OMP_NUM_THREADS", "OMP_SCHEDULE"),
    *("JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION"),
    *("NVIDIA_TF32_OVERRIDE", "TF_CUDNN_DETERMINISTIC", "TF_DETERMINISTIC_OPS", "TF_CUDNN_USE_AUTOTUNE"),
)
# What of this package shapes results: for each role where its code lies, files or folders. The digest knows roles and
# what the code does, not places: who moves a file changes its place here, and no run becomes one of older code.
CODE: dict[str, tuple[str, ...]] = {
    "blocks": ("blocks",),
    "network": ("network.py", "structure.py"),
    "randomness": ("streams.py",),
    "data": ("data",),
    "training": ("training",),
    "trial": ("trial.py",),
    "backend": ("environment.py",),
    "normalisation": ("check.py",),
}
SHAPING_CODE = {  # of these roles only some definitions shape results
    "backend": ("SHAPING", "choose", "start", "_start_tensorflow", "_start_jax", "devices", "on_gpu", "xla"),
    "normalisation": ("READER", "OPTIONAL", "normalise", "_is_read"),
}


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; found without touching one."""
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        names = [name.strip() for name in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
        return list(itertools.takewhile(lambda name: name not in ("", "-1"), names))
    driver = Path("/proc/driver/nvidia/gpus")
    return [str(i) for i in range(len(list(driver.iterdir())))] if driver.is_dir() else []


def memory() -> int:
    """Bytes that are free here: of the machine, or of the container where that has a limit."""
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = 1024 * int(next(line for line in lines if line.startswith("MemAvailable")).split()[1])
    with contextlib.suppress(OSError, ValueError):  # a limit of `max` is none
        group = Path("/sys/fs/cgroup")
        used = int((group / "memory.current").read_text())
        available = min(available, int((group / "memory.max").read_text()) - used)
    return available


def choose(backend: str) -> None:
    """Fix the backend of the Keras that will be imported; say so where KERAS_BACKEND asks for another one."""
    asked = os.environ.get("KERAS_BACKEND", backend)
    if asked != backend:
        allowed = f". Type backend={asked} to change it" if asked in SHAPING else ""
        progress.say(f"KERAS_BACKEND={asked} is not heeded: backend={backend} decides{allowed}")
    os.environ["KERAS_BACKEND"] = backend


def start(cfg: Config, threads: int) -> None:
    """Import Keras on the backend of the config, with so many threads, and the config's precision and determinism.

    Neither KERAS_BACKEND nor ~/.keras/keras.json decides; where they say otherwise, a line says so.
    """
    choose(cfg.backend)
    (_start_tensorflow if cfg.backend == "tensorflow" else _start_jax)(cfg, threads)
    import keras

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(cfg.train.precision)
    _name_hidden_gpu(cfg.backend)


@contextlib.contextmanager
def neutral() -> Iterator[None]:
    """Build as the commands do, whatever ~/.keras/keras.json says; the process's own settings come back."""
    import keras

    before = keras.config.image_data_format(), keras.config.floatx()
    keras.config.set_image_data_format("channels_last"), keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_image_data_format(before[0]), keras.config.set_floatx(before[1])


def _start_tensorflow(cfg: Config, threads: int) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    if cfg.deterministic:
        tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Run TensorFlow's functions step by step: a few steps are done before they would be traced."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def _start_jax(cfg: Config, threads: int) -> None:
    os.environ["NPROC"] = str(threads)  # the size of XLA's thread pool
    if cfg.deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()


def devices(backend: str) -> list[str]:
    """The devices that the backend computes on: GPUs where it sees some, else the processor."""
    if backend == "jax":
        import jax

        return [f"{d.platform}:{d.device_kind}" for d in jax.devices()]
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return [f"gpu:{tf.config.experimental.get_device_details(g).get('device_name', g.name)}" for g in gpus] or ["cpu"]


def on_gpu(backend: str) -> bool:
    """Does the backend see a GPU?"""
    return not devices(backend)[0].startswith("cpu")


def _name_hidden_gpu(backend: str) -> None:
    """A GPU that is there but not seen is worth a line: the run would take days instead of hours."""
    if not Path("/proc/driver/nvidia/gpus").is_dir() and not shutil.which("nvidia-smi"):
        return
    if not on_gpu(backend):
        package = {"tensorflow": "tensorflow[and-cuda]", "jax": "jax[cuda12]"}[backend]
        progress.say(
            f"This machine has an NVIDIA GPU that {backend} does not see; training on the processor. "
            f"To use it: pip install '{package}'"
        )


def xla(cfg: Config) -> bool:
    """Is the TensorFlow step compiled with XLA? Never by default on a processor, where it is ten times slower."""
    if cfg.train.xla is not None:
        return cfg.train.xla
    return on_gpu(cfg.backend) and not cfg.deterministic


def versions() -> dict[str, str]:
    """Versions of Python and of what shapes a result."""
    return dict(_versions())


@functools.cache
def _versions() -> dict[str, str]:
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
        "processor": _processor(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def _instructions() -> str:
    """The vector extensions of the processor, which decide the kernels and so the last bits."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    words = next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), [])
    return " ".join(sorted(word for word in words if word.startswith(INSTRUCTIONS)))


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
        "processor": _processor(),
        "instructions": _instructions(),
        "flags": {name: os.environ[name] for name in FLAGS if name in os.environ},
        "floatx": keras.config.floatx(),
        "image_data_format": keras.config.image_data_format(),
        "data": data,
    }
    text = json.dumps(shaping, sort_keys=True)
    return {"exact": cfg.deterministic, "class": hashlib.sha256(text.encode()).hexdigest()[:16], **shaping}


@functools.cache
def code() -> str:
    """Digest of the package's own code that shapes results: 16 hexadecimal digits. No part of a run's identity.

    Of the code of each role, see `source_digest`, and of what a key is that no configuration sets. Computed once in a
    process: it is the code that was imported.
    """
    source = source_digest.digest(Path(ablation.__file__).resolve().parent, CODE, SHAPING_CODE)
    unset = {type(group).__name__: dataclasses.asdict(group) for group in (Model(), Data(), Train())}
    return hashlib.sha256(f"{source}{json.dumps(unset, sort_keys=True)}".encode()).hexdigest()[:16]


def git() -> dict[str, Any] | None:
    """Commit of the package's own checkout, and whether it was changed since; None outside a checkout."""
    here = Path(__file__).resolve().parent

    def ask(*words: str) -> str:
        return subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=True).stdout

    try:
        if not ask("ls-files", "--", __file__):
            return None
        return {"commit": ask("rev-parse", "HEAD").strip(), "dirty": bool(ask("status", "--porcelain", "--", "."))}
    except (OSError, subprocess.CalledProcessError):
        return None
