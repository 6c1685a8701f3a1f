"""What an engine computes, step by step, against NumPy: optimizers, averages, clipping, smoothed and mixed labels.

Runs on TensorFlow and, under KERAS_BACKEND=jax (see test_backends.py), on JAX.
"""

import os
from functools import cache, partial

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.images import split

import ablation
from ablation.cli import composition
from ablation.config.schema import Config
from ablation.data.batches import Feed
from ablation.run import trial
from ablation.training import engine, recipe, targets
from ablation.training.engine import SCALES, Engine

STEPS, COUNT, CLASSES = 10, 12, 7
IMAGES = split(COUNT, size=2, channels=1)
MEAN, DEVIATION = np.array([100], "float32"), np.array([50], "float32")
SGD = ["train=sgd_cosine", "train.learning_rate=0.3", "train.weight_decay=0.1"]
ADAMW = [*SGD, "train.optimizer=adamw", "train.learning_rate=0.05", "train.weight_decay=0.5"]
CASES = {
    "sgd": SGD,
    "sgd exempt": [*SGD, "train.weight_decay_exclude=norm_bias"],
    "adamw": ADAMW,
    "adamw exempt": [*ADAMW, "train.weight_decay_exclude=norm_bias"],
    "adamw betas": [*ADAMW, "train.beta_1=0.5", "train.beta_2=0.8"],
    "adamw without memory": [*ADAMW, "train.beta_1=0", "train.weight_decay=0"],
    "clipped": [*SGD, "train.clipnorm=0.3"],
    "adamw clipped": [*ADAMW, "train.clipnorm=0.05"],
    "smoothed": [*SGD, "train.label_smoothing=0.2"],
    "averaged": [*SGD, "train.ema_momentum=0.7"],
    "mixed": [*SGD, "data.mixup_alpha=0.4"],
    "all": [
        *ADAMW, "train.weight_decay_exclude=norm_bias", "train.clipnorm=0.2", "train.label_smoothing=0.1",
        "train.ema_momentum=0.9", "data.mixup_alpha=1", "data.normalize=none",
    ],
}  # fmt: skip
few = settings(max_examples=8, deadline=None, database=None, derandomize=True)


@cache
def config(*overrides: str) -> Config:
    return composition.compose([*overrides, f"train.steps={STEPS}", "train.batch_size=5"]).config


def linear() -> keras.Model:
    """One dense layer on the pixels, whose gradient is known in closed form."""
    inputs = keras.Input((2, 2, 1))
    initial = {"kernel_initializer": keras.initializers.GlorotUniform(seed=1), "bias_initializer": "ones"}
    return keras.Model(inputs, keras.layers.Dense(CLASSES, name="dense", **initial)(keras.layers.Flatten()(inputs)))


def fed(cfg: Config) -> Feed:
    return Feed(IMAGES, cfg.seed, cfg.train.batch_size, cfg.data.augment, mixup_alpha=cfg.data.mixup_alpha)


def started(cfg: Config, network: keras.Model, feed: Feed, xla: bool = False) -> Engine:
    make, pipeline = trial.engine_and_batches(keras.backend.backend(), xla)
    batches = partial(pipeline.training, feed, recipe.rates(cfg.train, STEPS))
    scale = SCALES[cfg.data.normalize](MEAN, DEVIATION)
    return make(network, cfg.train, batches, scale, mixed=cfg.data.mixup_alpha > 0)


def everything() -> list:
    """All images and labels, as an engine evaluates them."""
    _, pipeline = trial.engine_and_batches(keras.backend.backend(), xla=False)
    return pipeline.evaluation(IMAGES, 5)


class Reference:
    """The same training in float64, as the papers write it."""

    def __init__(self, cfg: Config, kernel: np.ndarray, bias: np.ndarray):
        self.train, self.data, self.feed = cfg.train, cfg.data, fed(cfg)
        self.weights = [kernel.astype("float64"), bias.astype("float64")]
        self.first, self.second = ([np.zeros_like(w) for w in self.weights] for _ in range(2))
        self.averages = self.weights
        self.losses, self.right, self.seen = 0.0, 0, 0

    def inputs(self, pixels: np.ndarray) -> np.ndarray:
        flat = pixels.reshape(len(pixels), -1).astype("float64")
        return flat / 255 if self.data.normalize == "none" else (flat - MEAN) / DEVIATION

    def logarithms(self, inputs: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
        """Of the probabilities, (b, classes)."""
        logits = inputs @ weights[0] + weights[1]
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def step(self, number: int, rate: float) -> None:
        pixels, labels = self.feed.batch(number)
        inputs, shares = self.inputs(pixels), np.eye(CLASSES)[labels]
        if self.data.mixup_alpha:
            partners, share = self.feed.mixing(number)
            inputs, shares = (share * x + (1 - share) * x[partners] for x in (inputs, shares))
        smoothed = shares * (1 - self.train.label_smoothing) + self.train.label_smoothing / CLASSES
        told = self.logarithms(inputs, self.weights)
        self.losses -= (smoothed * told).sum()
        self.right += (shares.argmax(axis=1) == told.argmax(axis=1)).sum()
        self.seen += len(labels)
        residual = (np.exp(told) - smoothed) / len(labels)
        for i, gradient in enumerate((inputs.T @ residual, residual.sum(axis=0))):
            norm = np.linalg.norm(gradient)
            if self.train.clipnorm and norm > self.train.clipnorm:
                gradient = gradient / norm * self.train.clipnorm
            decay = 0 if i == 1 and self.train.weight_decay_exclude == "norm_bias" else self.train.weight_decay
            move = self.sgd if self.train.optimizer == "sgd" else self.adamw
            self.weights[i] = self.weights[i] + move(i, number + 1, gradient, decay, rate)
        share = self.train.ema_momentum if number else 0
        self.averages = [share * a + (1 - share) * w for a, w in zip(self.averages, self.weights, strict=True)]

    def sgd(self, i: int, t: int, gradient: np.ndarray, decay: float, rate: float) -> np.ndarray:
        gradient = gradient + decay * self.weights[i]
        self.first[i] = self.train.momentum * self.first[i] - rate * gradient
        return self.train.momentum * self.first[i] - rate * gradient if self.train.nesterov else self.first[i]

    def adamw(self, i: int, t: int, gradient: np.ndarray, decay: float, rate: float) -> np.ndarray:
        """Loshchilov & Hutter 2019, Algorithm 2, lines 6 to 12."""
        one, two = self.train.beta_1, self.train.beta_2
        self.first[i] = one * self.first[i] + (1 - one) * gradient
        self.second[i] = two * self.second[i] + (1 - two) * gradient**2
        step = self.first[i] / (1 - one**t) / (np.sqrt(self.second[i] / (1 - two**t)) + 1e-8)
        return -rate * (step + decay * self.weights[i])

    def evaluated(self) -> tuple[float, np.ndarray]:
        """The plain loss of all images under the averages, and which are right."""
        pixels, labels = IMAGES.take(np.arange(COUNT))
        told = self.logarithms(self.inputs(pixels), self.averages)
        return -told[np.arange(COUNT), labels].mean(), told.argmax(axis=1) == labels


def test_the_backend_is_the_one_asked_for():
    assert keras.backend.backend() == os.environ.get("KERAS_BACKEND", "tensorflow")


@pytest.mark.integration
@pytest.mark.parametrize("case", CASES)
def test_ten_steps_equal_numpy(case):
    """Weights, averages and metrics after each step; the evaluation is of the averages and its loss is plain."""
    cfg = config(*CASES[case])
    network = linear()
    running = started(cfg, network, fed(cfg))
    paths = engine.weights(network)
    state = running.get()
    expected = Reference(cfg, state["dense/kernel"], state["dense/bias"])
    for step, rate in enumerate(recipe.rates(cfg.train, STEPS)):
        metrics = running.run(step, step + 1)
        expected.step(step, float(rate))
        state = running.get()
        for i, path in enumerate(("dense/kernel", "dense/bias")):
            assert state[path] == pytest.approx(expected.weights[i], rel=2e-4, abs=2e-5)
            assert state[paths[path]] == pytest.approx(expected.averages[i], rel=2e-4, abs=2e-5)
        assert metrics["loss"] == pytest.approx(expected.losses / expected.seen, rel=1e-4)
        assert metrics["accuracy"] == pytest.approx(expected.right / expected.seen)
        score = running.evaluate(everything())
        loss, right = expected.evaluated()
        assert score.loss == pytest.approx(loss, rel=1e-4) and score.correct.tolist() == right.tolist()
    after = running.get()
    assert all(np.array_equal(state[path], after[path]) for path in state)  # an evaluation changes nothing
    assert (paths["dense/kernel"] == "dense/kernel") == (not cfg.train.ema_momentum)


@pytest.mark.integration
def test_averages_stand_beside_the_weights_and_leave_them_alone():
    plain, averaged = (config(*SGD, f"train.ema_momentum={ema}") for ema in (0, 0.7))
    one, other = (started(cfg, linear(), fed(cfg)) for cfg in (plain, averaged))
    assert one.run(0, STEPS) == other.run(0, STEPS)
    before, after = one.get(), other.get()
    assert all(np.array_equal(after[path], value) for path, value in before.items())
    assert len(after) == len(before) + 2


@pytest.mark.integration
@pytest.mark.parametrize("case", ["adamw", "averaged", "mixed", "all"])
def test_a_state_goes_on_in_another_engine_bit_for_bit(case):
    cfg = config(*CASES[case])
    whole = started(cfg, linear(), fed(cfg))
    whole.run(0, 4)
    state = whole.get()
    told = whole.run(4, STEPS)
    other = started(cfg, linear(), fed(cfg))
    other.put(state)
    assert other.run(4, STEPS) == told
    expected = whole.get()
    assert all(np.array_equal(value, expected[path]) for path, value in other.get().items())
    assert other.evaluate(everything()).loss == whole.evaluate(everything()).loss


# ---- what decays -------------------------------------------------------------------------------------------------

PARTS = ["model=resnet50", "model.repeats=[1,1]", "model.width=4", "model.conv_bias=true", "model.squeeze_excite=4"]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
def test_scales_offsets_and_biases_are_exempt_and_nothing_else(optimizer, norm):
    """Under gradients of zero only what decays moves."""
    overrides = ["train=sgd", "train.weight_decay=0.5", f"train.optimizer={optimizer}"]
    for exempt in ("none", "norm_bias"):
        network = ablation.build([*PARTS, f"model.norm={norm}"], (8, 8, 1), CLASSES)
        variables = network.trainable_variables
        for v in variables:
            v.assign(np.ones(v.shape))
        made = recipe.optimizer(config(*overrides, f"train.weight_decay_exclude={exempt}").train, variables)
        made.apply([keras.ops.zeros(v.shape) for v in variables], variables)
        moved = {v.path.split("/")[-1] for v in variables if not np.array_equal(v, np.ones(v.shape))}
        still = {v.path.split("/")[-1] for v in variables if np.array_equal(v, np.ones(v.shape))}
        assert (moved, still) == (
            ({"kernel"}, {"gamma", "beta", "bias"})
            if exempt == "norm_bias"
            else ({"kernel", "gamma", "beta", "bias"}, set())
        )


# ---- clipping ----------------------------------------------------------------------------------------------------

GRADIENTS = arrays.arrays("float32", st.integers(1, 40), elements=st.floats(-100, 100, width=32))


@few
@given(gradient=GRADIENTS, limit=st.floats(0.01, 200))
@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_a_short_gradient_stays_as_it_is_and_a_long_one_gets_the_norm(name, gradient, limit):
    made = recipe.optimizer(config("train=sgd", f"train.optimizer={name}", "train.clipnorm=1").train)
    made.build([keras.Variable(gradient)])
    made.clip.assign(1 / limit)
    norm = np.linalg.norm(gradient.astype("float64"))
    clipped = np.asarray(made._clip_gradients([keras.ops.convert_to_tensor(gradient)])[0])
    if norm <= limit * (1 - 1e-6):
        np.testing.assert_array_equal(clipped, gradient)
    elif norm > limit * (1 + 1e-6):
        assert np.linalg.norm(clipped.astype("float64")) == pytest.approx(limit, rel=1e-5)
        assert clipped == pytest.approx(gradient * (limit / norm), rel=1e-5)


SMALL = ["model=vgg16", "model.repeats=[2]", "model.width=4", "model.head=global_pool", "model.norm=batch"]
COMPILED = keras.backend.backend() == "jax"  # always


@pytest.mark.integration
@pytest.mark.parametrize(
    ("case", "xla", "precision"),
    [
        ("sgd", COMPILED, "float32"),
        ("adamw", COMPILED, "float32"),
        ("adamw", COMPILED, "mixed_float16"),
        ("sgd", True, "mixed_float16"),
    ],
)
def test_a_norm_that_nothing_reaches_gives_the_bits_of_no_norm(case, xla, precision):
    """Also under a loss scale, of which the gradients are freed before they are clipped."""
    states = {}
    keras.config.set_dtype_policy(precision)
    try:
        for clipnorm in ("null", "1e9"):
            cfg = config(*CASES[case], f"train.clipnorm={clipnorm}")
            network = ablation.build(SMALL, (2, 2, 1), CLASSES)
            running = started(cfg, network, fed(cfg), xla)
            running.run(0, STEPS)
            states[clipnorm] = running.get()
    finally:
        keras.config.set_dtype_policy("float32")
    scaled = any("dynamic_scale" in path for path in states["null"])
    assert scaled == (precision == "mixed_float16")
    for path, value in states["null"].items():
        if not path.endswith("/clip"):
            np.testing.assert_array_equal(states["1e9"][path], value, err_msg=path)


# ---- labels and pixels -------------------------------------------------------------------------------------------


def test_labels_stay_labels_where_nothing_is_shared():
    """Their loss is the cheaper one, and the runs of before keep their bits."""
    assert isinstance(targets.targets(CLASSES, 0.0, mixed=False), targets.Labels)
    for smoothing, mixed in ((0.1, False), (0.0, True)):
        assert isinstance(targets.targets(CLASSES, smoothing, mixed), targets.Shares)


@few
@given(
    images=arrays.arrays("float32", (6, 2, 2, 1), elements=st.floats(-3, 3, width=32)),
    labels=arrays.arrays("int32", 6, elements=st.integers(0, CLASSES - 1)),
    partners=st.permutations(range(6)),
    share=st.floats(0, 1, width=32),
)
def test_images_and_labels_are_mixed_alike(images, labels, partners, share):
    partners, share = np.array(partners, "int32"), np.float32(share)
    mixed = targets.Shares(CLASSES, 0.0)(keras.ops.convert_to_tensor(images), labels, partners, share)
    one_hot = np.eye(CLASSES, dtype="float32")[labels]
    for got, x in zip(mixed, (images, one_hot), strict=True):
        assert np.asarray(got) == pytest.approx(share * x + (1 - share) * x[partners], abs=1e-6)
    assert np.asarray(mixed[1]).sum(axis=1) == pytest.approx(np.ones(6), abs=1e-6)


def test_pixels_become_numbers_as_normalize_says():
    pixels = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    scaled = {name: np.asarray(SCALES[name](MEAN, DEVIATION)(pixels)) for name in SCALES}
    assert scaled["none"] == pytest.approx(pixels / 255, rel=1e-6)
    assert scaled["channel"] == pytest.approx((pixels - MEAN) / DEVIATION, rel=1e-6)
