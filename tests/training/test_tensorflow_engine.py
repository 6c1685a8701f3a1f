"""The engine for TensorFlow beyond what every engine computes (`test_engine.py`)."""

import keras
import numpy as np
import pytest
from support.engines import IS_JAX, SGD, STEPS, config, every_image, linear, started

from ablation.training.tensorflow_engine import TensorFlowEngine

pytestmark = [pytest.mark.integration, pytest.mark.skipif(IS_JAX, reason="Keras runs on JAX here")]


def test_this_backend_has_this_engine():
    assert isinstance(started(config(*SGD), linear()), TensorFlowEngine)


def test_however_many_steps_a_call_takes_they_are_the_same():
    at_once, one_by_one = (started(config(*SGD), linear()) for _ in range(2))
    at_once.run(0, STEPS)
    for step in range(STEPS):
        one_by_one.run(step, step + 1)
    expected = at_once.get()
    assert all(np.array_equal(value, expected[path]) for path, value in one_by_one.get().items())


def test_a_call_of_other_length_traces_nothing_new():
    running = started(config(*SGD), linear())
    running.run(0, 1)
    traces = running._steps.experimental_get_tracing_count()
    for first, last in ((1, 3), (3, 8), (0, 2)):
        running.run(first, last)
    assert running._steps.experimental_get_tracing_count() == traces == 1


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("mixing", [[], ["data.mixup_alpha=0.3"]])
def test_after_compiling_ahead_no_step_and_no_evaluation_is_traced(mixing, xla):
    """So that the time of the first epoch contains no compilation, also of the smaller last batch."""
    running = started(config(*SGD, *mixing), linear(), xla)
    before = running.get()
    running.compile({5, 2}, {5, 2})
    assert running._steps.experimental_get_tracing_count() == running._test.experimental_get_tracing_count() == 1
    assert all(np.array_equal(value, before[path]) for path, value in running.get().items())
    running.run(0, STEPS)
    running.evaluate(every_image())
    assert running._steps.experimental_get_tracing_count() == running._test.experimental_get_tracing_count() == 1


class Noise(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(1)

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x), seed=self.seed_generator)


def test_evaluation_changes_no_state_even_of_a_layer_that_draws_at_inference():
    """As recurrent layers with dropout do; so that a run in a worker, or a resumed one, draws what a new one draws."""
    network = linear()
    image = keras.Input(network.input_shape[1:])
    noisy = keras.Model(image, network(Noise()(image)))
    running = started(config(*SGD), noisy)
    before = running.get()
    running.compile({5, 2}, {5, 2})
    running.evaluate(every_image())
    assert any("seed" in path for path in before)
    assert all(np.array_equal(value, before[path]) for path, value in running.get().items())
