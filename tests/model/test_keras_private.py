"""What is used of Keras beyond its public interface does what its docstrings say, on the Keras that is installed."""

import keras
import numpy as np

from ablation.model.keras_private import all_layers, contains_layers


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
