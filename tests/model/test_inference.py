"""The network behind its normalisation, in Keras' own layers: the same bits at inference."""

import keras
import numpy as np
import pytest

from ablation.model import inference, network

SHORT = ["data=digits", "model.width=4", "model.repeats=[1,1]"]
NETWORKS = {
    "shortcuts that pad": ["model=resnet18", *SHORT, "model.shortcut=identity_pad"],
    "stochastic depth": ["model=resnet50", *SHORT, "model.stochastic_depth=0.5"],
    "shake": ["model=shake26", "model.depth=8", "model.width=4", "data=digits"],
}
MEAN, STD = np.array([77.49064], "float32"), np.array([95.748566], "float32")
PIXELS = np.random.default_rng(0).integers(0, 256, (16, 8, 8, 1), "uint8")


@pytest.fixture(params=NETWORKS)
def built(request, quick):
    config = quick.config(NETWORKS[request.param])
    made = network.build(config.model, (8, 8, 1), 10, seed=1)
    for position, variable in enumerate(made.non_trainable_variables):
        if variable.path.endswith(("mean", "variance")):  # as after training
            variable.assign(np.linspace(0.5, 1.5 + position, variable.shape[0], dtype="float32"))
    return made


def test_the_same_bits_from_pixels(built):
    restored = inference.from_pixels(built, MEAN, STD)
    expected = built((PIXELS.astype("float32") - MEAN) / STD, training=False)
    np.testing.assert_array_equal(np.array(restored(PIXELS, training=False)), np.array(expected))
    assert {type(layer).__module__.split(".")[0] for layer in restored.layers} == {"keras"}
    assert [weight.path for weight in restored.weights] == [weight.path for weight in built.weights]


def test_the_normalisation_has_the_bits_of_the_engine():
    draw = np.random.default_rng(1)
    for mean, std in zip(draw.uniform(0, 255, (50, 3)), draw.uniform(1, 120, (50, 3)), strict=True):
        scale = inference._scale(mean.astype("float32"), std.astype("float32"), set())
        image = keras.Input((16, 1, 3))
        pixels = np.repeat(np.arange(256, dtype="uint8"), 3).reshape(16, 16, 1, 3)
        found = keras.Model(image, scale(image))(pixels)
        values = (pixels.astype("float32") - mean.astype("float32")) / std.astype("float32")
        np.testing.assert_array_equal(np.array(found), values)


def test_a_layer_of_a_plugin_stays_itself():
    class Own(keras.layers.Layer):
        def call(self, x):
            return x * 2

    def same(x):
        return x

    own, image = Own(name="own"), keras.Input((8, 8, 1), name="image")
    made = keras.Model(image, keras.layers.Dense(3, activation=same, name="head")(own(image)))
    restored = inference.from_pixels(made, MEAN, STD)
    assert restored.get_layer("own") is own
    np.testing.assert_array_equal(np.array(restored(PIXELS)), np.array(made((PIXELS.astype("float32") - MEAN) / STD)))


def test_an_image_that_two_layers_read_is_normalised_once():
    image = keras.Input((8, 8, 1), name="image")
    joined = keras.layers.Add()([keras.layers.Flatten()(image), keras.layers.Flatten()(image)])
    restored = inference.from_pixels(keras.Model(image, joined), MEAN, STD)
    assert sum(isinstance(layer, keras.layers.Normalization) for layer in restored.layers) == 1
    np.testing.assert_allclose(np.array(restored(PIXELS))[:, 0], 2 * (PIXELS[:, 0, 0, 0] - MEAN) / STD, rtol=1e-5)


def test_an_image_in_a_list_of_inputs_is_normalised_too():
    image = keras.Input((8, 8, 1), name="image")
    twice = keras.layers.Concatenate()([keras.layers.Conv2D(2, 1, name="conv")(image), image])
    made = keras.Model(image, keras.layers.Flatten()(twice))
    restored = inference.from_pixels(made, MEAN, STD)
    np.testing.assert_array_equal(np.array(restored(PIXELS)), np.array(made((PIXELS.astype("float32") - MEAN) / STD)))


def test_features_in_any_unit_are_normalised_to_the_bit():
    mean, std = np.array([1e-9, 3, 1e12], "float32"), np.array([3e-10, 2, 7e25], "float32")
    values = (np.random.default_rng(0).normal(size=(9, 3)) * std + mean).astype("float32")
    image = keras.Input((3,))
    found = keras.Model(image, inference._scale(mean, std, set())(image))(values)
    np.testing.assert_array_equal(np.array(found), (values - mean) / std)


def test_a_network_may_have_layers_of_the_same_names():
    image = keras.Input((8, 8, 1))
    x = keras.layers.Rescaling(0.5)(keras.layers.Normalization(mean=0.0, variance=1.0)(image))
    network = keras.Model(image, keras.layers.Dense(3)(keras.layers.Flatten()(x)))
    assert {"normalization", "rescaling"} <= {layer.name.rstrip("_0123456789") for layer in network.layers}
    for layer in network.layers:
        layer.name = layer.name.rstrip("_0123456789")
    restored = inference.from_pixels(network, MEAN, np.array([1e-9], "float32"))
    assert len({layer.name for layer in restored.layers}) == len(restored.layers) == len(network.layers) + 2
