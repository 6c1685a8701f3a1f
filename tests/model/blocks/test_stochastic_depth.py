"""The layer of stochastic depth: whole branches of an image are dropped, the others are scaled to the same mean.

Runs on TensorFlow and, under KERAS_BACKEND=jax (see test_backends.py), on JAX.
"""

import os

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from ablation.model.blocks.stochastic_depth import StochasticDepth, linear_decay

few = settings(max_examples=8, deadline=None, database=None, derandomize=True)


def branch(batch: int, dtype: str = "float32"):
    """(batch, 2, 2, 3), nowhere near zero, to be divided by."""
    draw = np.random.default_rng(0).normal(size=(batch, 2, 2, 3))
    return ops.convert_to_tensor(np.copysign(0.5 + np.abs(draw), draw), dtype)


def factors(layer, x) -> np.ndarray:
    """What each image was multiplied by, (batch,), after seeing that it is one number for all of an image."""
    ratio = ops.convert_to_numpy(ops.cast(layer(x, training=True) / x, "float32"))
    assert np.ptp(ratio, axis=(1, 2, 3)).max() < 1e-5
    return ratio[:, 0, 0, 0]


def test_the_backend_is_the_one_asked_for():
    assert keras.backend.backend() == os.environ.get("KERAS_BACKEND", "tensorflow")


@few
@given(rate=st.floats(0.05, 0.9), seed=st.integers(0, 2**31 - 1))
def test_a_branch_is_dropped_or_divided_by_its_survival(rate, seed):
    """The share that is dropped is the rate, and the mean is the branch, within five standard errors."""
    count = 4000
    found = factors(StochasticDepth(rate, seed=seed), branch(count))
    kept = found != 0
    np.testing.assert_allclose(found[kept], 1 / (1 - rate), rtol=1e-5)
    error = np.sqrt(rate * (1 - rate) / count)
    assert abs(kept.mean() - (1 - rate)) < 5 * error
    assert abs(found.mean() - 1) < 5 * error / (1 - rate)


def test_without_training_the_branch_stays_as_it_is():
    x, layer = branch(64), StochasticDepth(0.5, seed=1)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(x)), ops.convert_to_numpy(x))
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(x, training=False)), ops.convert_to_numpy(x))


def test_the_seed_decides_and_every_step_draws_anew():
    x = branch(64)
    one, again, other = (StochasticDepth(0.5, seed=seed) for seed in (1, 1, 2))
    first, second = factors(one, x), factors(one, x)
    np.testing.assert_array_equal(factors(again, x), first)
    np.testing.assert_array_equal(factors(again, x), second)
    assert (first != second).any() and (first != factors(other, x)).any()


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_in_half_precision_only_the_result_is_rounded(policy):
    """7 x / (1 - 0.3) is 10 x exactly; the rounded factor 1 / 0.7 would miss it."""
    x = ops.full((64, 1, 1, 1), 7.0, policy.removeprefix("mixed_"))
    y = StochasticDepth(0.3, seed=3, dtype=policy)(x, training=True)
    assert keras.backend.standardize_dtype(y.dtype) == policy.removeprefix("mixed_")
    assert set(ops.convert_to_numpy(ops.cast(y, "float32")).ravel()) == {0.0, 10.0}


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_rate_that_leaves_nothing_is_refused(rate):
    with pytest.raises(ValueError, match=f"Expected rate to be at least 0 and below 1. Received: rate={rate}"):
        StochasticDepth(rate)


def test_a_saved_layer_comes_back(tmp_path):
    inputs = keras.Input((2, 2, 3))
    model = keras.Model(inputs, StochasticDepth(0.25, name="block_drop")(inputs))
    model.save(tmp_path / "model.keras")
    layer = keras.models.load_model(tmp_path / "model.keras").get_layer("block_drop")
    assert type(layer) is StochasticDepth and layer.rate == 0.25
    assert layer.compute_output_shape((None, 2, 2, 3)) == (None, 2, 2, 3)


def test_the_rate_falls_linearly_towards_the_first_block():
    assert linear_decay(0.5, 5) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert linear_decay(0.0, 3) == [0, 0, 0]
