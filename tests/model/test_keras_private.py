"""What is used of Keras beyond its public interface does what its docstrings say, on the Keras that is installed."""

import keras
import numpy as np
import pytest

from ablation.model.keras_private import (
    all_layers,
    children,
    fresh_names,
    is_functional,
    own_weights,
    seed_generators,
    without_values,
)


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


def test_each_weight_belongs_to_one_layer_itself():
    made = network()
    assert {layer.name for layer in all_layers(made) if children(layer)} == {"nested", "model"}
    weights = [weight.path for layer in all_layers(made) for weight in own_weights(layer)]
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


def test_automatic_names_start_anew_and_go_on_from_where_they_were():
    before = [keras.layers.Dense(1).name for _ in range(2)]
    with fresh_names():
        assert [keras.layers.Dense(1).name for _ in range(2)] == ["dense", "dense_1"]
    assert keras.layers.Dense(1).name not in (*before, "dense", "dense_1")


def test_a_layer_has_the_seed_generators_it_holds_under_any_name():
    class Noisy(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.draws = keras.random.SeedGenerator(3)
            self.inner = keras.layers.Dropout(0.5)

    layer = Noisy()
    assert seed_generators(layer) == [layer.draws] and seed_generators(layer.inner) == [layer.inner.seed_generator]


def test_a_model_with_a_call_of_its_own_is_not_functional():
    class Called(keras.Model):
        def call(self, x):
            return x

    assert is_functional(network()) and not is_functional(Called()) and not is_functional(keras.Sequential())
