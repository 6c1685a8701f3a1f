"""The optimizers: what decays, and what is clipped."""

from functools import cache

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import ablation
from ablation.cli import composition
from ablation.config.schema import Train
from ablation.training import optimizers, recipe

few = settings(max_examples=8, deadline=None, database=None, derandomize=True)
GRADIENTS = arrays.arrays("float32", st.integers(1, 40), elements=st.floats(-100, 100, width=32))
PARTS = ["model=resnet50", "model.repeats=[1,1]", "model.width=4", "model.conv_bias=true", "model.squeeze_excite=4"]
KINDS = {"sgd": optimizers.SGD, "adamw": optimizers.AdamW}


@cache
def train(*overrides: str) -> Train:
    return composition.compose(["train=sgd", *overrides]).config.train


@pytest.mark.parametrize("optimizer", KINDS)
@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
def test_scales_offsets_and_biases_are_exempt_and_nothing_else(optimizer, norm):
    """Under gradients of zero only what decays moves."""
    overrides = ["train.weight_decay=0.5", f"train.optimizer={optimizer}"]
    for exempt in ("none", "norm_bias"):
        network = ablation.build([*PARTS, f"model.norm={norm}"], (8, 8, 1), 7)
        variables = network.trainable_variables
        for variable in variables:
            variable.assign(np.ones(variable.shape))
        built = recipe.optimizer(train(*overrides, f"train.weight_decay_exclude={exempt}"), variables)
        built.apply([keras.ops.zeros(v.shape) for v in variables], variables)
        still = {v.name for v in variables if np.array_equal(v, np.ones(v.shape))}
        moved = {v.name for v in variables if not np.array_equal(v, np.ones(v.shape))}
        if exempt == "norm_bias":
            assert (moved, still) == ({"kernel"}, {"gamma", "beta", "bias"})
        else:
            assert (moved, still) == ({"kernel", "gamma", "beta", "bias"}, set())


@few
@given(gradient=GRADIENTS, limit=st.floats(0.01, 200))
@pytest.mark.parametrize("name", KINDS)
def test_a_short_gradient_stays_as_it_is_and_a_long_one_gets_the_norm(name, gradient, limit):
    optimizer = recipe.optimizer(train(f"train.optimizer={name}", "train.clipnorm=1"))
    assert isinstance(optimizer, KINDS[name])
    optimizer.build([keras.Variable(gradient)])
    optimizer.clip.assign(1 / limit)
    norm = np.linalg.norm(gradient.astype("float64"))
    clipped = np.asarray(optimizer.clip_gradients([keras.ops.convert_to_tensor(gradient)])[0])
    if norm <= limit * (1 - 1e-6):
        np.testing.assert_array_equal(clipped, gradient)
    elif norm > limit * (1 + 1e-6):
        assert np.linalg.norm(clipped.astype("float64")) == pytest.approx(limit, rel=1e-5)
        assert clipped == pytest.approx(gradient * (limit / norm), rel=1e-5)


@pytest.mark.parametrize(("clipnorm", "inverse"), [("null", 0), ("0.5", 2), ("1e-300", optimizers.LARGEST)])
def test_the_norm_is_part_of_the_state_and_finite(clipnorm, inverse):
    optimizer = recipe.optimizer(train(f"train.clipnorm={clipnorm}"))
    optimizer.build([keras.Variable(np.ones(3))])
    assert float(optimizer.clip) == np.float32(inverse) and np.isfinite(float(optimizer.clip))


def test_a_missing_gradient_stays_missing():
    optimizer = recipe.optimizer(train("train.clipnorm=1"))
    optimizer.build([keras.Variable(np.ones(3))])
    assert optimizer.clip_gradients([None]) == [None]


def test_weight_decay_is_coupled_unlike_that_of_keras():
    """At momentum 0.9 a constant pull builds up tenfold; Keras' own decay would not."""
    cfg = train("train=sgd_he2015", "train.learning_rate=0.01", "train.weight_decay=0.1", "train.steps=100")
    weight = keras.Variable(np.ones(1, "float32"))
    optimizer = recipe.optimizer(cfg)
    for _ in range(100):
        optimizer.apply([keras.ops.zeros(1)], [weight])
    assert float(weight[0]) < 0.5  # decoupled: 0.999 ** 100 = 0.90


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_optimizer_comes_back_from_its_config_and_names_its_variables_the_same_each_time(kind):
    first, second = kind(learning_rate=0.25), kind(learning_rate=0.25)
    for optimizer in (first, second, kind.from_config(first.get_config())):
        optimizer.build([keras.Variable(np.ones(3), name="kernel")])
        assert [v.path for v in optimizer.variables] == [v.path for v in first.variables]
        assert optimizer.get_config() == first.get_config()
