"""What an engine computes, step by step, against NumPy: optimizers, averages, clipping, smoothed and mixed labels.

Runs on TensorFlow and, under KERAS_BACKEND=jax (see test_backends.py), on JAX.
"""

import os

import keras
import numpy as np
import pytest
from support.engines import (
    ADAMW,
    CLASSES,
    COUNT,
    IMAGES,
    IS_JAX,
    MEAN,
    SGD,
    STD,
    STEPS,
    config,
    every_image,
    feed_of,
    linear,
    pipeline,
    started,
)

import ablation
from ablation.config.schema import Config
from ablation.data.normalization import PixelScale
from ablation.training import engine, recipe, targets
from ablation.training.engine import BatchStream

pytestmark = pytest.mark.integration
KERAS = [*SGD, "train.momentum_form=keras"]
CASES = {
    "sgd": SGD,
    "sgd without nesterov": [*SGD, "train.nesterov=false"],
    "sgd of keras": KERAS,
    "sgd of keras without nesterov": [*KERAS, "train.nesterov=false"],
    "sgd exempt": [*SGD, "train.weight_decay_exclude=norm_bias"],
    "adamw": ADAMW,
    "adamw exempt": [*ADAMW, "train.weight_decay_exclude=norm_bias"],
    "adamw betas": [*ADAMW, "train.beta_1=0.5", "train.beta_2=0.8"],
    "adamw without memory": [*ADAMW, "train.beta_1=0", "train.weight_decay=0"],
    "clipped": [*SGD, "train.clipnorm=0.3"],
    "adamw clipped": [*ADAMW, "train.clipnorm=0.05"],
    "clipped together": [*SGD, "train.global_clipnorm=0.3"],
    "adamw clipped together": [*ADAMW, "train.global_clipnorm=0.05"],
    "smoothed": [*SGD, "train.label_smoothing=0.2"],
    "averaged": [*SGD, "train.ema_momentum=0.7"],
    "mixed": [*SGD, "data.mixup_alpha=0.4"],
    "all": [
        *ADAMW, "train.weight_decay_exclude=norm_bias", "train.clipnorm=0.2", "train.label_smoothing=0.1",
        "train.ema_momentum=0.9", "data.mixup_alpha=1", "data.normalize=none",
    ],
    "all of sgd": [
        *SGD, "train.weight_decay_exclude=norm_bias", "train.global_clipnorm=0.2", "train.warmup=0.3",
        "train.ema_momentum=0.9",
    ],
}  # fmt: skip


class Reference:
    """The same training in float64, as the papers write it."""

    def __init__(self, cfg: Config, kernel: np.ndarray, bias: np.ndarray):
        self.train, self.data, self.feed = cfg.train, cfg.data, feed_of(cfg)
        self.weights = [kernel.astype("float64"), bias.astype("float64")]
        self.first, self.second = ([np.zeros_like(w) for w in self.weights] for _ in range(2))
        self.averages = self.weights
        self.losses, self.right, self.seen = 0.0, 0, 0

    def inputs(self, pixels: np.ndarray) -> np.ndarray:
        flat = pixels.reshape(len(pixels), -1).astype("float64")
        return flat / 255 if self.data.normalize == "none" else (flat - MEAN) / STD

    def log_probabilities(self, inputs: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
        """(b, classes)."""
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
        log_probabilities = self.log_probabilities(inputs, self.weights)
        self.losses -= (smoothed * log_probabilities).sum()
        self.right += (shares.argmax(axis=1) == log_probabilities.argmax(axis=1)).sum()
        self.seen += len(labels)
        residual = (np.exp(log_probabilities) - smoothed) / len(labels)
        for i, gradient in enumerate(self.clipped([inputs.T @ residual, residual.sum(axis=0)])):
            decay = 0 if i == 1 and self.train.weight_decay_exclude == "norm_bias" else self.train.weight_decay
            move = self.sgd if self.train.optimizer == "sgd" else self.adamw
            self.weights[i] = self.weights[i] + move(i, number + 1, gradient, decay, rate)
        share = self.train.ema_momentum if number else 0
        self.averages = [share * a + (1 - share) * w for a, w in zip(self.averages, self.weights, strict=True)]

    def clipped(self, gradients: list[np.ndarray]) -> list[np.ndarray]:
        norms = [float(np.linalg.norm(gradient)) for gradient in gradients]
        limit = self.train.clipnorm
        if self.train.global_clipnorm:
            limit, norms = self.train.global_clipnorm, [float(np.hypot(*norms))] * 2
        shares = [min(1, limit / norm) if limit else 1 for norm in norms]
        return [gradient * share for gradient, share in zip(gradients, shares, strict=True)]

    def sgd(self, i: int, t: int, gradient: np.ndarray, decay: float, rate: float) -> np.ndarray:
        gradient = gradient + decay * self.weights[i]
        if self.train.momentum_form == "torch":
            self.first[i] = self.train.momentum * self.first[i] + gradient
            return -rate * (gradient + self.train.momentum * self.first[i] if self.train.nesterov else self.first[i])
        self.first[i] = self.train.momentum * self.first[i] - rate * gradient
        return self.train.momentum * self.first[i] - rate * gradient if self.train.nesterov else self.first[i]

    def adamw(self, i: int, t: int, gradient: np.ndarray, decay: float, rate: float) -> np.ndarray:
        """Loshchilov & Hutter 2019, Algorithm 2, lines 6 to 12."""
        beta_1, beta_2 = self.train.beta_1, self.train.beta_2
        self.first[i] = beta_1 * self.first[i] + (1 - beta_1) * gradient
        self.second[i] = beta_2 * self.second[i] + (1 - beta_2) * gradient**2
        step = self.first[i] / (1 - beta_1**t) / (np.sqrt(self.second[i] / (1 - beta_2**t)) + 1e-8)
        return -rate * (step + decay * self.weights[i])

    def evaluated(self) -> tuple[float, np.ndarray]:
        """The plain loss of all images under the averages, and which are right."""
        pixels, labels = IMAGES.take(np.arange(COUNT))
        predicted = self.log_probabilities(self.inputs(pixels), self.averages)
        return -predicted[np.arange(COUNT), labels].mean(), predicted.argmax(axis=1) == labels


def test_the_backend_is_the_one_asked_for():
    assert keras.backend.backend() == os.environ.get("KERAS_BACKEND", "tensorflow")


@pytest.mark.parametrize("case", CASES)
def test_ten_steps_equal_numpy(case):
    """Weights, averages and metrics after each step; the evaluation is of the averages and its loss is plain."""
    cfg = config(*CASES[case])
    network = linear()
    running = started(cfg, network)
    paths = engine.weight_paths(network)
    state = running.get()
    expected = Reference(cfg, state["dense/kernel"], state["dense/bias"])
    for step, rate in enumerate(recipe.learning_rates(cfg.train, STEPS)):
        metrics = running.run(step, step + 1)
        expected.step(step, float(rate))
        state = running.get()
        for i, path in enumerate(("dense/kernel", "dense/bias")):
            assert state[path] == pytest.approx(expected.weights[i], rel=2e-4, abs=2e-5)
            assert state[paths[path]] == pytest.approx(expected.averages[i], rel=2e-4, abs=2e-5)
        assert metrics.loss == pytest.approx(expected.losses / expected.seen, rel=1e-4)
        assert metrics.accuracy == pytest.approx(expected.right / expected.seen)
        score = running.evaluate(every_image())
        loss, right = expected.evaluated()
        assert score.loss == pytest.approx(loss, rel=1e-4) and score.correct.tolist() == right.tolist()
    after = running.get()
    assert all(np.array_equal(state[path], after[path]) for path in state)  # an evaluation changes nothing
    assert (paths["dense/kernel"] == "dense/kernel") == (not cfg.train.ema_momentum)


def test_averages_leave_the_weights_alone():
    plain, averaged = (started(config(*SGD, f"train.ema_momentum={ema}"), linear()) for ema in (0, 0.7))
    assert plain.run(0, STEPS) == averaged.run(0, STEPS)
    without, with_averages = plain.get(), averaged.get()
    assert all(np.array_equal(with_averages[path], value) for path, value in without.items())
    assert len(with_averages) == len(without) + 2


@pytest.mark.parametrize("case", ["sgd of keras", "adamw", "averaged", "mixed", "all", "all of sgd"])
def test_a_state_goes_on_in_another_engine_bit_for_bit(case):
    cfg = config(*CASES[case])
    whole = started(cfg, linear())
    whole.run(0, 4)
    state = whole.get()
    metrics = whole.run(4, STEPS)
    resumed = started(cfg, linear())
    resumed.put(state)
    assert resumed.run(4, STEPS) == metrics
    expected = whole.get()
    assert all(np.array_equal(value, expected[path]) for path, value in resumed.get().items())
    assert resumed.evaluate(every_image()).loss == whole.evaluate(every_image()).loss


def test_compiling_ahead_changes_nothing():
    cfg = config(*CASES["all"])
    compiled, lazy = started(cfg, linear()), started(cfg, linear())
    compiled.compile({5, 2}, {5, 2})
    assert compiled.run(0, STEPS) == lazy.run(0, STEPS)
    expected = lazy.get()
    assert all(np.array_equal(value, expected[path]) for path, value in compiled.get().items())


def test_resetting_the_metrics_begins_an_epoch_and_leaves_the_weights():
    running = started(config(*SGD), linear())
    running.run(0, 3)
    before = running.get()
    running.reset_metrics()
    after = running.get()
    assert any(path.startswith("metrics/") and value.any() for path, value in before.items())
    for path, value in after.items():
        assert not value.any() if path.startswith("metrics/") else np.array_equal(value, before[path])


def test_other_batches_and_learning_rates_are_taken_from_the_next_step_on():
    cfg = config(*SGD, "train.nesterov=false", "train.momentum=0")
    running = started(cfg, linear())
    running.run(0, 2)
    before, taken = running.get(), []

    def batches(first: int):
        taken.append(first)
        return pipeline().training(feed_of(cfg), first, STEPS)

    running.train_on(batches, np.zeros(STEPS, "float32"))
    running.run(2, 4)
    running.run(4, 6)
    after = running.get()
    assert taken == [2]  # and read on from there
    assert np.array_equal(before["dense/kernel"], after["dense/kernel"])
    assert before["optimizer/sgd/iteration"] == 2 and after["optimizer/sgd/iteration"] == 6


SMALL = ["model=vgg16", "model.repeats=[2]", "model.width=4", "model.head=global_pool", "model.norm=batch"]


@pytest.mark.parametrize(
    ("case", "xla", "precision", "keys"),
    [
        ("sgd", IS_JAX, "float32", ("clipnorm", "global_clipnorm")),
        ("adamw", IS_JAX, "float32", ("clipnorm", "global_clipnorm")),
        ("adamw", IS_JAX, "mixed_float16", ("clipnorm",)),
        pytest.param("sgd", True, "mixed_float16", ("global_clipnorm",), marks=pytest.mark.slow),
    ],
)
def test_a_norm_that_no_gradient_reaches_gives_the_bits_of_no_norm(case, xla, precision, keys):
    """Neither of a variable nor of all; also under a loss scale, which is divided out of the gradients before."""
    states = {}
    keras.config.set_dtype_policy(precision)
    try:
        for key in (None, *keys):
            cfg = config(*CASES[case], *([f"train.{key}=1e9"] if key else []))
            running = started(cfg, ablation.build(SMALL, (2, 2, 1), CLASSES), xla)
            running.run(0, STEPS)
            states[key] = running.get()
    finally:
        keras.config.set_dtype_policy("float32")
    without = states.pop(None)
    is_scaled = any("dynamic_scale" in path for path in without)
    assert is_scaled == (precision == "mixed_float16")
    for key, state in states.items():
        for path, value in without.items():
            if not path.endswith("clip"):
                np.testing.assert_array_equal(state[path], value, err_msg=f"{key}: {path}")


# ---- what the engines share --------------------------------------------------------------------------------------


def test_a_stream_of_batches_is_read_on_or_begun_anew():
    begun = []

    def batches(first: int):
        begun.append(first)
        return range(first, 10)

    stream = BatchStream(batches)
    first = stream.starting_at(2)
    assert [next(first), next(first)] == [2, 3]
    stream.advance_to(4)
    assert stream.starting_at(4) is first and next(first) == 4
    stream.advance_to(5)
    assert next(stream.starting_at(0)) == 0 and begun == [2, 0]


@pytest.mark.parametrize("change", ["missing", "extra", "shape"])
def test_the_state_of_another_network_is_refused(change):
    named = {"a/kernel": keras.Variable(np.zeros((2, 3))), "a/bias": keras.Variable(np.zeros(3))}
    state = {path: np.zeros(variable.shape) for path, variable in named.items()}
    engine.check_state(state, named)
    if change == "missing":
        del state["a/bias"]
    elif change == "extra":
        state["b/bias"] = np.zeros(3)
    else:
        state["a/bias"] = np.zeros(4)
    with pytest.raises(ValueError, match="Expected the state of this network. Received one that differs in .*/bias"):
        engine.check_state(state, named)


def test_the_score_of_a_split_is_the_mean_over_its_images_and_not_its_batches():
    losses, correct = np.array([0.5, 1.5, 4.0], "float32"), np.array([True, True, False])
    score = engine.join_scores([(losses[:2], correct[:2]), (losses[2:], correct[2:])])
    assert (score.loss, score.accuracy, score.correct.tolist()) == (2.0, 2 / 3, [True, True, False])


def test_pixels_are_scaled_per_channel():
    pixels = np.arange(24, dtype="uint8").reshape(1, 2, 4, 3)
    scale = PixelScale(np.array([1, 2, 3], "float32"), np.array([4, 5, 6], "float32"))
    images = np.asarray(engine.scaled(pixels, scale))
    assert images.dtype == "float32"
    np.testing.assert_allclose(images, (pixels - [1, 2, 3]) / [4, 5, 6], rtol=1e-6)


def test_the_losses_of_a_batch_are_cross_entropies():
    logits = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    labels = np.array([0, 1, 2, 3, 0, 1], "int32")
    loss, correct = (np.asarray(part) for part in engine.losses(logits, labels))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(loss, -np.log(probabilities[np.arange(6), labels]), rtol=1e-5)
    assert correct.tolist() == (logits.argmax(axis=1) == labels).tolist()


def test_every_variable_has_a_path_of_its_own_and_weights_npz_has_the_averages():
    cfg = config(*SGD, "train.ema_momentum=0.7")
    network = linear()
    engine.compile_network(network, cfg.train, targets.SparseLabels())
    named, paths = engine.variables(network), engine.weight_paths(network)
    every = [*network.variables, *network.optimizer.variables, *network.metrics_variables]
    assert {id(variable) for variable in named.values()} == {id(variable) for variable in every}
    accumulators = [path for path in named if path.startswith("metrics/")]
    assert len(accumulators) == len(network.metrics_variables) > 2  # those of the mean loss and of the accuracy
    assert paths.keys() == {"dense/kernel", "dense/bias"}
    for pair in engine.averages(network):
        assert named[paths[pair.weight.path]] is pair.average
        np.testing.assert_array_equal(pair.average, pair.weight)  # there is something to evaluate before the first step
    assert engine.learning_rate_variable(network) is network.optimizer.learning_rate
