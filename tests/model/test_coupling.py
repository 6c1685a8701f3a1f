"""Layers keep their initial values when another layer goes: by name, by attribute, or by kind and order."""

import keras
import numpy as np
import pytest
from keras import layers

from ablation.model import initialization, layer_origins
from ablation.model.coupling import Places, variable_name


class Block(layers.Layer):
    def __init__(self, width, extra, **keywords):
        super().__init__(**keywords)
        self.extra = layers.Dense(width) if extra else None
        self.first = layers.Dense(width)
        self.rest = [layers.Dense(width), layers.LayerNormalization(), layers.Dense(width, name="named")]
        self.by_key = {"a": layers.Dense(width)}

    def build(self, shape):
        for layer in [self.extra, self.first, *self.rest, *self.by_key.values()]:
            if layer is not None:
                layer.build(shape)
        self.gain = self.add_weight(shape=(4,), initializer="glorot_uniform", name="gain")

    def call(self, x):
        for layer in [self.extra, self.first, *self.rest, *self.by_key.values()]:
            x = x if layer is None else layer(x)
        return x * self.gain


def made(build, *arguments):
    with layer_origins.recorded() as origins:
        image = keras.Input((4,))
        network = keras.Model(image, build(image, *arguments))
    layer_origins.keep(network, origins)
    initialization.initialise(network, 3)
    return network


def values(network):
    return {start.key: np.asarray(start.variable) for start in initialization.starts(network)}


def assert_coupled(baseline, variant, keys):
    before, after = values(baseline), values(variant)
    assert keys <= before.keys() & after.keys()
    for key in before.keys() & after.keys():
        assert np.array_equal(before[key], after[key]), key


def chain(x, names, kinds):
    for name, kind in zip(names, kinds, strict=True):
        x = kind(name=name)(x)
    return x


def dense(name):
    return layers.Dense(4, name=name)


def test_named_layers_are_coupled_whatever_goes():
    baseline = made(chain, ["a", "b", "c"], [dense] * 3)
    variant = made(chain, ["b", "c"], [dense] * 2)
    assert_coupled(baseline, variant, {"b", "c", "b/bias"})
    assert not np.array_equal(values(baseline)["a"], values(baseline)["b"])
    assert Places(baseline, layer_origins.origins_of(baseline)).unnamed == {}


def test_layers_of_another_kind_may_go_without_names():
    other = lambda name: layers.Dense(5, name=name)  # noqa: E731
    back = lambda name: layers.Dense(4, name=name)  # noqa: E731
    baseline = made(chain, [None] * 3, [dense, other, back])
    variant = made(chain, [None] * 1, [dense])
    assert_coupled(baseline, variant, {"Dense(4,4)#0/kernel"})
    assert Places(baseline, layer_origins.origins_of(baseline)).unnamed == {
        "Dense(4,4)": ["dense"],
        "Dense(4,5)": ["dense_1"],
        "Dense(5,4)": ["dense_2"],
    }


def test_names_do_not_depend_on_what_was_made_before():
    first = made(chain, [None] * 2, [dense] * 2)
    [layers.Dense(1) for _ in range(3)]
    again = made(chain, [None] * 2, [dense] * 2)
    assert (
        [layer.name for layer in first.layers[1:]] == [layer.name for layer in again.layers[1:]] == ["dense", "dense_1"]
    )
    assert_coupled(first, again, set(values(first)))


@pytest.mark.parametrize("name", [None, "block"])
def test_within_a_layer_the_attribute_is_the_name(name):
    build = lambda image, extra: Block(4, extra, name=name)(image)  # noqa: E731
    baseline, variant = made(build, True), made(build, False)
    start = "block/" if name else ""
    found = {key.rpartition("#0/")[2] if not name else key for key in values(variant)}
    assert {f"{start}first/kernel", f"{start}by_key.a/kernel", f"{start}named/kernel", f"{start}gain"} <= found
    if name:
        assert_coupled(baseline, variant, {"block/first/kernel", "block/gain", "block/rest*Dense(4,4)#0/kernel"})


def test_a_whole_network_as_a_subclass_has_the_names_of_its_attributes():
    class Own(keras.Model):
        def __init__(self, norm):
            super().__init__()
            self.norm = layers.BatchNormalization() if norm else None
            self.hidden, self.noise = layers.Dense(4), layers.Dropout(0.5)

        def call(self, x):
            x = self.hidden(x)
            return self.noise(x if self.norm is None else self.norm(x))

    networks = []
    for norm in (True, False):
        with layer_origins.recorded() as origins:
            own = Own(norm)
            origins.whole = id(own)
            image = keras.Input((4,))
            network = keras.Model(image, own(image))
        layer_origins.keep(network, origins)
        initialization.initialise(network, 3)
        networks.append(network)
    assert_coupled(*networks, {"hidden/kernel", "noise"})
    assert {"norm/gamma", "norm/moving_mean"} <= values(networks[0]).keys()
    assert Places(networks[0], layer_origins.origins_of(networks[0])).unnamed == {}


def test_a_variable_without_a_name_has_its_number():
    class Plain(layers.Layer):
        def build(self, shape):
            self.one = self.add_weight(shape=(2,), initializer="zeros")
            self.two = self.add_weight(shape=(3,), initializer="zeros", name="two")

    layer = Plain()
    layer.build((1, 2))
    assert [variable_name(layer, weight) for weight in layer.weights] == ["weight0", "two"]


def test_a_network_made_elsewhere_is_not_drawn_in_silence():
    network = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    with pytest.raises(ValueError, match="made within `recorded`"):
        initialization.initialise(network, 3)


def test_layers_of_one_name_within_a_layer_start_from_different_values():
    class Three(layers.Layer):
        def __init__(self):
            super().__init__(name="three")
            self.blocks = [layers.Dense(4, name="same") for _ in range(3)]

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    found = values(made(lambda image: Three()(image)))
    kernels = [found[key] for key in ("three/same/kernel", "three/same~2/kernel", "three/same~3/kernel")]
    assert not np.array_equal(kernels[0], kernels[1]) and not np.array_equal(kernels[1], kernels[2])


def test_a_block_without_a_name_is_the_same_without_one_of_its_parts():
    build = lambda image, extra: Block(4, extra)(Block(4, extra)(image))  # noqa: E731
    baseline, variant = made(build, True), made(build, False)
    assert_coupled(baseline, variant, {"Block#0/first/kernel", "Block#1/first/kernel", "Block#1/gain"})


def test_a_named_wrapper_of_keras_is_coupled_whatever_goes_before_it():
    def build(image, first):
        x = layers.Reshape((2, 2), name="steps")(image)
        if first:
            x = layers.LSTM(2, return_sequences=True, name="first")(x)
        return layers.Bidirectional(layers.LSTM(3), name="both")(x)

    baseline, variant = made(build, True), made(build, False)
    assert_coupled(baseline, variant, {"both/forward_layer/cell/kernel", "both/backward_layer/cell/recurrent_kernel"})
