"""What is used of Keras beyond its public interface does what its docstrings say, on the Keras that is installed."""

import keras
import numpy as np
import pytest

from ablation.model.keras_private import all_layers, contains_layers, without_values


class Nested(keras.layers.Layer):
    """A layer of two layers, of which one is a model."""

    def __init__(self, **keywords):
        super().__init__(**keywords)
        self.inner = keras.layers.Dense(3, name="inner")
        self.model = keras.Sequential([keras.layers.Dense(2, name="innermost")], name="model")

    def call(self, x):
        return self.model(self.inner(x))


def network() -> keras.Model:
    inputs = keras.Input((4,), name="image")
    return keras.Model(inputs, keras.layers.Dense(1, name="last")(Nested(name="nested")(inputs)), name="whole")


def test_layers_at_any_depth_are_listed_once_and_without_the_network():
    made = network()
    names = [layer.name for layer in all_layers(made)]
    assert {"image", "nested", "inner", "model", "innermost", "last"} <= set(names)
    assert len(set(names)) == len(names) and "whole" not in names
    assert {layer.name for layer in made.layers} == {"image", "nested", "last"}  # what the public attribute shows


def test_the_layers_that_contain_none_hold_every_weight():
    made = network()
    alone = [layer for layer in all_layers(made) if not contains_layers(layer)]
    assert {layer.name for layer in all_layers(made) if contains_layers(layer)} == {"nested", "model"}
    weights = [weight.path for layer in alone for weight in layer.weights]
    assert sorted(weights) == sorted(weight.path for weight in made.weights) and len(weights) == 6
    assert sum(int(np.prod(weight.shape)) for weight in made.weights) == (4 + 1) * 3 + (3 + 1) * 2 + (2 + 1) * 1


def test_variables_without_values_get_none_when_the_next_network_is_built():
    with without_values():
        made = network()
    with keras.StatelessScope():
        other = network()
    assert len(made.weights) == len(other.weights) == 6
    assert all(weight._value is None for weight in made.weights)
    assert all(weight._value is not None for weight in other.weights)


def test_variables_that_waited_before_get_their_values():
    with keras.StatelessScope():
        waiting = keras.Variable(lambda shape, dtype: keras.ops.ones(shape, dtype), shape=(2,))
        with without_values():
            network()
    assert np.asarray(waiting).tolist() == [1, 1]


def test_variables_that_waited_before_an_error_get_their_values():
    with keras.StatelessScope():
        waiting = keras.Variable(lambda shape, dtype: keras.ops.ones(shape, dtype), shape=(2,))
        with pytest.raises(ZeroDivisionError), without_values():
            network()
            raise ZeroDivisionError
    assert np.asarray(waiting).tolist() == [1, 1]
