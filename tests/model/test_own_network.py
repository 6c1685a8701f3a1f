# ruff: noqa: E501
"""Networks of plugins: the broken ones are named before training, and the sound ones are let through."""

import numpy as np
import pytest

import ablation
from ablation.errors import AblateError
from ablation.model import own_checks, own_outputs
from ablation.model.own_network import PROBABILITIES

HEAD = """
import random
import urllib.request

import keras
import numpy as np
from keras import layers, ops

CALLS = []
CONSTANT = np.random.normal(size=(64, 4)).astype("float32")
BASE = keras.initializers.HeNormal()


def scaled(shape, dtype=None):
    return BASE(shape, dtype) / 2


def flat(input_shape):
    image = keras.Input(input_shape)
    return image, layers.Flatten()(image)


class Noise(layers.Layer):
    def __init__(self, seed=None, **keywords):
        super().__init__(**keywords)
        self.generator = keras.random.SeedGenerator(1) if seed else None

    def call(self, x):
        return x + keras.random.normal(ops.shape(x), seed=self.generator)


class Own(layers.Layer):
    def __init__(self, start, **keywords):
        super().__init__(**keywords)
        self.start = start

    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer=self.start, name="gain")

    def call(self, x):
        return x * self.gain


class Loop(layers.Layer):
    def call(self, x):
        CALLS.append(1)
        return x + float(len(CALLS))


class NumPy(layers.Layer):
    def call(self, x):
        return x + np.random.normal()


class Picked(layers.Layer):
    def call(self, x):
        return x[x > 0] if ops.sum(x) > 0 else x


class Called(keras.Model):
    def __init__(self, classes, activation=None, outputs=1, **keywords):
        super().__init__(**keywords)
        self.body, self.outs = layers.Flatten(), outputs
        self.last = layers.Dense(classes, activation=activation)

    def call(self, x):
        x = self.last(self.body(x))
        return x if self.outs == 1 else [x, x]


MADE = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(10)])
LAYER = layers.Dense(4, name="kept")


class Free(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return np.random.default_rng().normal(size=shape).astype("float32")


class Fourier(layers.Layer):
    def build(self, shape):
        self.constant = np.random.default_rng().normal(size=(shape[-1], 4)).astype("float32")

    def call(self, x):
        return ops.sin(ops.matmul(x, self.constant))


class Gated(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.activation = keras.activations.get("sigmoid")
        self.body, self.hidden, self.last = layers.Flatten(), layers.Dense(8), layers.Dense(classes)

    def call(self, x):
        return self.last(self.activation(self.hidden(self.body(x))))


class Trained(Called):
    def train_step(self, data):
        return {}
"""
# fmt: off
BROKEN = {
    "an output of another shape": ("image, x = flat(shape)\n    return keras.Model(image, layers.Dense(3)(x))", "output of shape"),
    "no Flatten": ("image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(image))", "output of shape"),
    "softmax": ("image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes, 'softmax')(x))", "ends in softmax"),
    "softmax as a layer": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Softmax()(layers.Dense(classes)(x)))", "ends in softmax"
    ),
    "softmax as an operation": (
        "image, x = flat(shape)\n    return keras.Model(image, ops.softmax(layers.Dense(classes)(x)) * 1.0)", "ends in softmax"
    ),
    "softmax in a subclass": ("return Called(classes, 'softmax')", "ends in softmax"),
    "sigmoid": ("image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes, 'sigmoid')(x))", "ends in sigmoid"),
    "an unseeded layer": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(Noise(name='noise')(x)))",
        "different outputs for the same images, weights and seeds",
    ),
    "NumPy in a call": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(NumPy()(x)))", "different outputs"
    ),
    "a call that counts": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(Loop(name='loop')(x)))",
        "different outputs for the same images, weights and seeds in the layer loop",
    ),
    "global state": (
        "CALLS.append(1)\n    image, x = flat(shape)\n    x = layers.Dense(len(CALLS))(x)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))",
        "another one when the function is called a second time",
    ),
    "a random structure": (
        "image, x = flat(shape)\n    x = layers.Dense(random.randrange(1, 10**6))(x)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))",
        "another one when the function is called a second time",
    ),
    "random initial values from a function": (
        "image, x = flat(shape)\n    x = Own(lambda shape, dtype: np.random.normal(size=shape), name='own')(x)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))",
        "random values that do not come from the seed: own/gain",
    ),
    "loaded weights": (
        "image, x = flat(shape)\n    last = layers.Dense(classes, name='last')\n    y = last(x)\n"
        "    last.kernel.assign(last.kernel * 0 + 1)\n    return keras.Model(image, y)",
        "as if it loaded weights: last/kernel",
    ),
    "compile inside": (
        "image, x = flat(shape)\n    made = keras.Model(image, layers.Dense(classes)(x))\n"
        "    made.compile('sgd', 'mse')\n    return made",
        "is compiled",
    ),
    "data-dependent shapes": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(Picked()(x)))", "cannot be built"
    ),
    "a download": (
        "urllib.request.urlopen('http://localhost:9/weights')\n    return None", "opens a connection while it is built"
    ),
    "an exception": ("raise ValueError('no such thing')", "cannot be built .*ValueError: no such thing"),
    "nothing returned": ("return None", "is no Keras model, but NoneType"),
    "a layer returned": ("return layers.Dense(classes)", "is no Keras model, but Dense"),
    "two inputs": (
        "a, b = keras.Input(shape), keras.Input(shape)\n"
        "    return keras.Model([a, b], layers.Dense(classes)(layers.Flatten()(a + b)))",
        "has 2 inputs",
    ),
    "two outputs": (
        "image, x = flat(shape)\n    return keras.Model(image, [layers.Dense(classes)(x), layers.Dense(classes)(x)])",
        "has 2 outputs",
    ),
    "two outputs of a subclass": ("return Called(classes, outputs=2)", "has 2 outputs"),
    "another input": (
        "image = keras.Input((4, 4, 3))\n    return keras.Model(image, layers.Dense(classes)(layers.Flatten()(image)))",
        "has an input of shape",
    ),
    "a model made at import": ("return MADE", "made before the function was called: "),
    "a layer made at import": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(LAYER(x)))", "before the function was called: kept"
    ),
    "a sigmoid in a subclass": ("return Called(classes, 'sigmoid')", "ends in sigmoid"),
    "random constants": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(Fourier()(x)))", "random constants"
    ),
    "an initializer without a seed": (
        "image, x = flat(shape)\n    x = Own(Free(), name='own')(x)\n    return keras.Model(image, layers.Dense(classes)(x))",
        "random values that do not come from the seed: own/gain",
    ),
    "its own training": ("return Trained(classes)", "defines train_step"),
    "a value that is drawn and assigned": (
        "image, x = flat(shape)\n    d = layers.Dense(8, name='d')\n    x = d(x)\n"
        "    d.bias.assign(np.random.normal(size=8))\n    return keras.Model(image, layers.Dense(classes)(x))",
        "random values that do not come from the seed: d/bias",
    ),
    "an initializer within a function": (
        "image, x = flat(shape)\n    x = layers.Dense(8, kernel_initializer=scaled, name='d')(x)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))",
        "random values that do not come from the seed: d/kernel",
    ),
    "a constant that is drawn at import": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(ops.matmul(x, CONSTANT)))", "random constants"
    ),
    "a dtype policy": (
        "keras.config.set_dtype_policy('mixed_bfloat16')\n    image, x = flat(shape)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))",
        "changes dtype_policy of Keras",
    ),
    "rows for several examples": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(ops.reshape(x, (-1, 4))))",
        "has 32 outputs for 2 examples",
    ),
    "an exit": ("raise SystemExit('needs a GPU')", "cannot be built .*needs a GPU"),
    "softmax before a linear activation": (
        "image, x = flat(shape)\n    x = layers.Softmax()(layers.Dense(classes)(x))\n"
        "    return keras.Model(image, layers.Activation('linear')(x))",
        "ends in softmax",
    ),
    "no weights": ("image, x = flat(shape)\n    return keras.Model(image, x[:, :classes] * 1.0)", "has no weights to train"),
    "NaN": (
        "image, x = flat(shape)\n    nan = keras.initializers.Constant(float('nan'))\n"
        "    return keras.Model(image, layers.Dense(classes, kernel_initializer=nan)(x))",
        "starts from weights that are NaN",
    ),
    "a compiled part": (
        "image, x = flat(shape)\n    part = keras.Sequential([layers.Dense(4)])\n    part.compile('sgd', 'mse')\n"
        "    return keras.Model(image, layers.Dense(classes)(part(x)))",
        "is compiled, or has a part that is",
    ),
    "whole numbers": (
        "image, x = flat(shape)\n    return keras.Model(image, ops.cast(layers.Dense(classes)(x), 'int32'))",
        "outputs of type int32",
    ),
}  # fmt: skip
SOUND = {
    "functional": "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(x))",
    "sequential": "return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(classes)])",
    "sequential without input": "return keras.Sequential([layers.Flatten(), layers.Dense(classes)])",
    "subclass": "return Called(classes)",
    "seeded noise": "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(Noise(seed=1)(x)))",
    "dropout and norm": (
        "image, x = flat(shape)\n    x = layers.BatchNormalization()(layers.Dropout(0.5)(x))\n"
        "    return keras.Model(image, layers.Dense(classes)(x))"
    ),
    "an initializer of its own weight": (
        "image, x = flat(shape)\n    x = Own(keras.initializers.RandomNormal())(x)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))"
    ),
    "constants that are assigned": (
        "image, x = flat(shape)\n    last = layers.Dense(classes)\n    y = last(x)\n"
        "    last.bias.assign(last.bias + 1)\n    return keras.Model(image, y)"
    ),
    "zeros at the end": (
        "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes, kernel_initializer='zeros')(x))"
    ),
    "relu at the end": "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes, 'relu')(x))",
    "a layer used twice": (
        "image, x = flat(shape)\n    twice = layers.Dense(8)\n    x = twice(twice(layers.Dense(8)(x)))\n"
        "    return keras.Model(image, layers.Dense(classes)(x))"
    ),
    "a gate in a subclass": "return Gated(classes)",
    "softplus at the end": "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes, 'softplus')(x))",
    "shares that are no probabilities": (
        "image, x = flat(shape)\n    return keras.Model(image, ops.exp(-ops.square(layers.Dense(classes)(x))))"
    ),
    "tokens": (
        "image, x = flat(shape)\n    x = layers.Embedding(9, 4)(ops.cast(x, 'int32'))\n"
        "    return keras.Model(image, layers.Dense(classes)(layers.Flatten()(x)))"
    ),
    "a root": "image, x = flat(shape)\n    return keras.Model(image, layers.Dense(classes)(ops.sqrt(x)))",
    "groups of eight examples": (
        "image, x = flat(shape)\n    x = ops.reshape(ops.reshape(x, (-1, 8, 64)) * 1.0, (-1, 64))\n"
        "    return keras.Model(image, layers.Dense(classes)(x))"
    ),
    "a weight that a call normalises": (
        "image, x = flat(shape)\n    x = layers.SpectralNormalization(layers.Dense(8))(x)\n"
        "    return keras.Model(image, layers.Dense(classes)(x))"
    ),
    "a regularizer": (
        "image, x = flat(shape)\n"
        "    return keras.Model(image, layers.Dense(classes, kernel_regularizer=keras.regularizers.L2(0.1))(x))"
    ),
    "a model within": (
        "body = keras.Sequential([layers.Flatten(), layers.Dense(8)])\n    image = keras.Input(shape)\n"
        "    return keras.Model(image, layers.Dense(classes)(body(image)))"
    ),
}


def built(tmp_path, body, *overrides):
    file = tmp_path / "net.py"
    file.write_text(f"{HEAD}\n\ndef build(shape, classes):\n    {body}\n\n\nNETWORKS = {{'mine': build}}\n")
    return ablation.build([f"plugins=[{file}]", "model=mine", *overrides], (8, 8, 1), 10)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_network_is_refused_by_name(tmp_path, name):
    body, message = BROKEN[name]
    with pytest.raises(AblateError, match=f"The network mine .*{message}.*Received model=mine.*Allowed: .*own_network"):
        built(tmp_path, body)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_network_is_let_through_and_starts_from_the_seed(tmp_path, name):
    first, again, other = (built(tmp_path, SOUND[name], f"seed={seed}") for seed in (3, 3, 4))
    assert first.output_shape == (None, 10) and first.name == "mine"
    images = np.abs(np.random.default_rng(1).normal(size=(8, 8, 8, 1))).astype("float32")
    values = [np.asarray(model(images)) for model in (first, again, other)]
    assert np.array_equal(values[0], values[1])
    assert np.array_equal(values[0], values[2]) == (name == "zeros at the end")


def test_checks_change_no_value(tmp_path):
    body = SOUND["dropout and norm"]
    model = built(tmp_path, body)
    (norm,) = [layer for layer in model.layers if "normalization" in layer.name]
    assert not np.asarray(norm.moving_mean).any() and (np.asarray(norm.moving_variance) == 1).all()
    (dropout,) = [layer for layer in model.layers if "dropout" in layer.name]
    assert np.asarray(dropout.seed_generator.state)[1] == 0
    assert own_outputs.EXAMPLES > 1 and "softmax" in PROBABILITIES and own_checks.OTHER_SEED


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_logits_of_half_precision_are_float32(tmp_path, policy):
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        assert built(tmp_path, SOUND["functional"]).outputs[0].dtype == "float32"
        with pytest.raises(AblateError, match="ends in softmax"):
            built(tmp_path, BROKEN["softmax in a subclass"][0])
    finally:
        keras.config.set_dtype_policy(before)


def test_a_class_may_have_the_name_of_the_input(tmp_path):
    body = "class Image(Called):\n        pass\n\n    return Image(classes)"
    assert built(tmp_path, body).output_shape == (None, 10)


def test_a_thread_opens_no_connection_either(tmp_path):
    body = (
        "import threading\n    seen = []\n"
        "    def load():\n        try:\n            urllib.request.urlopen('http://localhost:9/x')\n"
        "        except Exception as error:\n            seen.append(type(error).__name__)\n"
        "    thread = threading.Thread(target=load)\n    thread.start()\n    thread.join()\n"
        "    raise ValueError(seen)"
    )
    with pytest.raises(AblateError, match="Download"):
        built(tmp_path, body)
