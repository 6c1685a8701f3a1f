"""The fused updates against the neutral optimizers, which are their reference."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ablation.training import optimizers, tensorflow_optimizers

STEPS = 6
SETTINGS = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "nesterov": True},
    {"momentum": 0.9, "nesterov": True, "l2": 0.01, "clipnorm": 0.5},
    {"l2": 0.1, "global_clipnorm": 1.0},
]


def walk(kind, settings):
    """The weights and momenta after some steps with changing learning rates."""
    weights = [keras.Variable(np.linspace(-1, 1, 6, dtype="float32").reshape(2, 3)), keras.Variable(np.float32([2]))]
    optimizer = kind(**settings)
    optimizer.build(weights)
    optimizer.exclude_from_weight_decay(var_list=weights[1:])

    @tf.function
    def step(first, second):
        optimizer.apply([first, second], weights)

    generator = np.random.default_rng(0)
    for number in range(STEPS):
        optimizer.learning_rate = 0.1 / (1 + number)
        step(*[tf.constant(generator.normal(size=w.shape).astype("float32")) for w in weights])
    return [np.array(v.value) for v in [*weights, *optimizer.variables]], step


@pytest.mark.parametrize("form", optimizers.MOMENTUM_FORMS)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_fused_update_is_that_of_its_reference(form, settings):
    expected, _ = walk(optimizers.MOMENTUM_FORMS[form], settings)
    values, _ = walk(tensorflow_optimizers.MOMENTUM_FORMS[form], settings)
    for value, reference in zip(values, expected, strict=True):
        np.testing.assert_allclose(value, reference, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("form", optimizers.MOMENTUM_FORMS)
def test_clipping_and_decay_are_computed_only_where_they_are_set(form):
    kind = tensorflow_optimizers.MOMENTUM_FORMS[form]

    def operations(**settings):
        _, step = walk(kind, {"momentum": 0.9, **settings})
        (traced,) = step._list_all_concrete_functions()
        return len(traced.graph.get_operations())

    bare = operations()
    assert bare < operations(l2=0.1) < operations(l2=0.1, clipnorm=1.0) == operations(uniform=True)


@pytest.mark.parametrize("form", optimizers.MOMENTUM_FORMS)
def test_rows_of_an_embedding_are_updated(form):
    table = keras.Variable(np.ones((4, 2), "float32"))
    optimizer = tensorflow_optimizers.MOMENTUM_FORMS[form](learning_rate=0.5, momentum=0.9, l2=0.1, clipnorm=100.0)
    optimizer.build([table])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table.value, [1, 1, 3]))
    optimizer.apply(tape.gradient(loss, [table.value]), [table])
    expected = 1 - 0.5 * (np.array([0, 2, 0, 1])[:, None] + 0.1) * np.ones((1, 2))
    np.testing.assert_allclose(np.array(table.value), expected, rtol=1e-6)
