"""The recipes: rates at the papers' boundaries, lengths, and ten steps against NumPy."""

from functools import cache

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ablation.cli import composition
from ablation.config.schema import Train
from ablation.config.shipped.folder import conf_dir
from ablation.training import recipe

CONF = conf_dir()
RECIPES = ["sgd", "sgd_he2015", "sgd_cosine", "quickstart"]


@cache
def train(*overrides: str) -> Train:
    return composition.compose(list(overrides)).config.train


def test_he2015_drops_at_half_and_three_quarters():
    cfg = train("train=sgd_he2015")
    length = recipe.length(cfg, 352)
    rates = recipe.learning_rates(cfg, length.steps)
    assert (length.steps, length.to_json()["note"], len(rates)) == (64_000, None, 64_000)
    assert rates[[0, 31_999, 32_000, 47_999, 48_000, 63_999]] == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


@pytest.mark.parametrize("override", ["train.epochs=10", "train.steps=3520"])
def test_a_shortened_run_keeps_the_shape_and_says_so(override):
    cfg = train("train=sgd_he2015", override)
    length = recipe.length(cfg, 352)
    assert (length.steps, length.epochs, length.to_json()["note"]) == (3520, 10, "shortened from 64000")
    rates = recipe.learning_rates(cfg, length.steps)
    assert rates[[0, 1759, 1760, 2639, 2640, 3519]] == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_steps_win_over_epochs():
    length = recipe.length(train("train=sgd", "train.steps=25"), 10)
    assert (length.steps, length.epochs) == (25, 3)


def test_cosine_is_gastaldi_s():
    rates = recipe.learning_rates(train("train=sgd_cosine", "train.learning_rate=0.2"), 1000)
    assert rates[[0, 250, 500, 750]] == pytest.approx([0.2, 0.2 * (1 + 0.5**0.5) / 2, 0.1, 0.2 * (1 - 0.5**0.5) / 2])
    assert 0 < rates[-1] < 1e-5 and np.all(np.diff(rates) <= 0)


def test_warm_up_rises_linearly_to_the_full_rate():
    rates = recipe.learning_rates(train("train=sgd_cosine", "train.warmup=0.1"), 100)
    assert rates[:10] == pytest.approx(0.1 * np.arange(1, 11) / 10)
    assert rates[10] == pytest.approx(0.1) and rates[-1] < 1e-3


@pytest.mark.parametrize("name", RECIPES)
@settings(max_examples=30)
@given(steps=st.integers(20, 3000))
def test_the_shape_does_not_depend_on_the_length(name, steps):
    cfg = train(f"train={name}")
    short, long = recipe.learning_rates(cfg, steps), recipe.learning_rates(cfg, 4 * steps)
    drops = [round(d * steps) for d in cfg.lr_milestones or ()]
    inside = [i for i in range(steps) if all(abs(i - d) > 1 for d in drops)]
    assert short[inside] == pytest.approx(long[::4][inside], rel=1e-4, abs=1e-9)


FORMS = {"sgd": "keras", "sgd_he2015": "keras", "sgd_cosine": "torch", "quickstart": "keras"}


@pytest.mark.parametrize("name", RECIPES)
def test_each_recipe_has_its_paper_s_form_of_momentum_and_says_why(name):
    """He et al. used Caffe, Gastaldi Lua Torch; the other two follow no paper."""
    (line,) = [s for s in (CONF / "train" / f"{name}.yaml").read_text().splitlines() if s.startswith("momentum_form:")]
    form, _, reason = line.removeprefix("momentum_form:").partition("#")
    assert form.strip() == FORMS[name] and len(reason) > 10
    assert train(f"train={name}").momentum_form == FORMS[name]


def test_a_rate_of_zero_is_legal():
    assert not recipe.learning_rates(train("train.learning_rate=0"), 5).any()


@pytest.mark.parametrize("clipnorm", [None, 0.5])
@pytest.mark.parametrize("weight_decay", [0.0, 5e-3])
@pytest.mark.parametrize("name", RECIPES)
def test_ten_steps_equal_numpy(name, weight_decay, clipnorm):
    """A linear layer under a quadratic loss, so that the gradient is known in closed form."""
    overrides = [f"train={name}", f"train.weight_decay={weight_decay}", "train.steps=10"]
    cfg = train(*overrides, f"train.clipnorm={'null' if clipnorm is None else clipnorm}")
    rates = recipe.learning_rates(cfg, 10)
    draw = np.random.default_rng(0)
    features, target = draw.normal(size=(10, 8, 3)).astype("float32"), draw.normal(size=(10, 8, 2)).astype("float32")
    inputs = keras.Input((3,))
    layer = keras.layers.Dense(2, bias_initializer="ones")
    model = keras.Model(inputs, layer(inputs))
    weights = [np.array(w, "float64") for w in layer.get_weights()]
    model.compile(recipe.optimizer(cfg), "mean_squared_error")
    momenta = [np.zeros_like(w) for w in weights]
    for step in range(10):
        model.optimizer.learning_rate.assign(rates[step])
        model.train_on_batch(features[step], target[step])
        residual = features[step] @ weights[0] + weights[1] - target[step]
        gradients = [features[step].T @ residual * 2 / residual.size, residual.sum(axis=0) * 2 / residual.size]
        for i, gradient in enumerate(gradients):
            norm = np.linalg.norm(gradient)
            if clipnorm and norm > clipnorm:
                gradient = gradient * clipnorm / norm
            gradient = gradient + weight_decay * weights[i]
            if cfg.momentum_form == "torch":
                momenta[i] = cfg.momentum * momenta[i] + gradient
                weights[i] -= rates[step] * (gradient + cfg.momentum * momenta[i] if cfg.nesterov else momenta[i])
                continue
            momenta[i] = cfg.momentum * momenta[i] - rates[step] * gradient
            weights[i] += cfg.momentum * momenta[i] - rates[step] * gradient if cfg.nesterov else momenta[i]
    for ours, expected in zip(layer.get_weights(), weights, strict=True):
        assert ours == pytest.approx(expected, rel=1e-4, abs=1e-6)
