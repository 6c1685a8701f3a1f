"""The Keras backend: chosen before Keras is imported, configured after."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ablation.config.backends import SHAPING
from ablation.config.schema import Config
from ablation.runtime import console


def choose(backend: str) -> None:
    """Fix the backend of the Keras that will be imported; say so where KERAS_BACKEND asks for another one."""
    asked = os.environ.get("KERAS_BACKEND", backend)
    if asked != backend:
        allowed = f". Type backend={asked} to change it" if asked in SHAPING else ""
        console.say(f"KERAS_BACKEND={asked} is not heeded: backend={backend} decides{allowed}")
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
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    try:
        yield
    finally:
        keras.config.set_image_data_format(before[0])
        keras.config.set_floatx(before[1])


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
        console.say(
            f"This machine has an NVIDIA GPU that {backend} does not see; training on the processor. "
            f"To use it: pip install '{package}'"
        )


def xla(cfg: Config) -> bool:
    """Is the TensorFlow step compiled with XLA? Never by default on a processor, where it is ten times slower."""
    if cfg.train.xla is not None:
        return cfg.train.xla
    return on_gpu(cfg.backend) and not cfg.deterministic
