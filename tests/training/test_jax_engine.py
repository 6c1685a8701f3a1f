"""The engine for JAX beyond what every engine computes (`test_engine.py`), which `test_backends.py` runs on JAX too."""

import importlib.util
import os

import keras
import pytest
from support.engines import IS_JAX, SGD, config, every_image, linear, started

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")


def test_the_backend_is_the_one_asked_for():
    assert keras.backend.backend() == os.environ.get("KERAS_BACKEND", "tensorflow")


def test_its_variables_are_grouped_as_keras_stateless_step_takes_them():
    from ablation.training.jax_engine import Groups

    assert Groups._fields == ("trainable", "non_trainable", "optimizer", "metrics")


@pytest.mark.integration
@pytest.mark.skipif(not IS_JAX, reason="Keras runs on TensorFlow here")
def test_a_step_is_compiled_for_each_size_of_batch():
    from ablation.training.jax_engine import JaxEngine

    running = started(config(*SGD), linear())
    assert isinstance(running, JaxEngine)
    running.compile({5, 2}, {5, 2})
    assert running._compiled.keys() == {5, 2}
    before = running.get()
    running.run(0, 3)
    assert running._step._cache_size() == 0  # nothing was left to be compiled while training
    assert running.get().keys() == before.keys()
    evaluations = running._test._cache_size()
    running.evaluate(every_image())
    assert running._test._cache_size() == evaluations
