"""Environments in which a command must do without heavy libraries."""

import os

import pytest

BACKENDS = ("tensorflow", "keras", "jax", "tensorflow_datasets")


def blocked(folder, names):
    """An environment in which importing one of these modules ends the process."""
    for name in names:
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def no_backend(tmp_path_factory):
    """An environment in which importing TensorFlow, Keras or JAX ends the process."""
    return blocked(tmp_path_factory.mktemp("no_backend"), BACKENDS)


@pytest.fixture(scope="module")
def no_hydra(tmp_path_factory):
    """The same for Hydra and OmegaConf too."""
    return blocked(tmp_path_factory.mktemp("no_hydra"), (*BACKENDS, "hydra", "omegaconf"))
