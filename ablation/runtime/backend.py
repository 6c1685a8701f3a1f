"""The Keras backend: chosen before Keras is imported, configured after."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ablation.config.backends import SHAPING
from ablation.config.schema import Config
from ablation.runtime import compilation_cache, console, keras_import


def choose(backend: str) -> None:
    """Set the backend for the coming import of Keras. Print a line if KERAS_BACKEND names another one."""
    from_environment = os.environ.get("KERAS_BACKEND", backend)
    if from_environment != backend:
        hint = f". To change it, type backend={from_environment}" if from_environment in SHAPING else ""
        console.say(f"KERAS_BACKEND={from_environment} is ignored: the run uses backend={backend}{hint}")
    os.environ["KERAS_BACKEND"] = backend


def start(cfg: Config, threads: int) -> None:
    """Import Keras with the backend, precision and determinism of the config.

    threads: the size of the backend's thread pools. KERAS_BACKEND and ~/.keras/keras.json are ignored; if KERAS_BACKEND
    names another backend, a line says so.
    """
    choose(cfg.backend)
    with keras_import.lean(cfg.backend):
        (_start_tensorflow if cfg.backend == "tensorflow" else _start_jax)(cfg, threads)
        import keras

    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(cfg.train.precision)
    _name_hidden_gpu(cfg.backend)


@contextlib.contextmanager
def neutral(precision: str | None = None) -> Iterator[None]:
    """Use the image layout and dtype of the commands instead of ~/.keras/keras.json; restore the settings on exit.

    precision: as `train.precision`; None for that of the process.
    """
    import keras

    before = keras.config.image_data_format(), keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    if precision is not None:
        keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_image_data_format(before[0])
        keras.config.set_floatx(before[1])
        if precision is not None:
            keras.config.set_dtype_policy(before[2])


def _start_tensorflow(cfg: Config, threads: int) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if not gpus:  # on a processor, rewriting the graph takes a quarter of the time to trace it, and speeds up no step
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    if cfg.deterministic:
        tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Run TensorFlow functions eagerly: a few eager steps take less time than tracing."""
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
    compilation_cache.start(threads)


def devices(backend: str) -> list[str]:
    """The devices that the backend computes on: the GPUs that it sees, or else the CPU."""
    if backend == "jax":
        import jax

        return [f"{d.platform}:{d.device_kind}" for d in jax.devices()]
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return [f"gpu:{tf.config.experimental.get_device_details(g).get('device_name', g.name)}" for g in gpus] or ["cpu"]


def on_gpu(backend: str) -> bool:
    """Return whether the backend sees a GPU."""
    return not devices(backend)[0].startswith("cpu")


def _name_hidden_gpu(backend: str) -> None:
    """Print a line if the machine has a GPU that the backend does not see: the run could take days, not hours."""
    if not Path("/proc/driver/nvidia/gpus").is_dir() and not shutil.which("nvidia-smi"):
        return
    if not on_gpu(backend):
        package = {"tensorflow": "tensorflow[and-cuda]", "jax": "jax[cuda12]"}[backend]
        console.say(
            f"This machine has an NVIDIA GPU, but {backend} does not see it, so training runs on the CPU. "
            f"To use the GPU, type pip install '{package}'"
        )


def xla(cfg: Config) -> bool:
    """Return whether to compile the TensorFlow step with XLA. By default not on a CPU, where it is ten times slower."""
    if cfg.train.xla is not None:
        return cfg.train.xla
    return on_gpu(cfg.backend) and not cfg.deterministic
