"""Training recipes in words."""

from dataclasses import asdict

import pytest
from support.fake_runs import CONF, config

from ablation.config.schema import DEFAULTS, Train
from ablation.report.methods.recipe_words import PARTS, Recipe, recipe

RECIPES = sorted(path.stem for path in (CONF / "train").glob("*.yaml"))


def flat(train: str = "quickstart", **keys) -> dict:
    cfg = config(train=train, **keys)
    return {f"{name}.{key}": value for name in ("data", "train") for key, value in asdict(getattr(cfg, name)).items()}


def words(train: str = "quickstart", **keys) -> str:
    return ", ".join(recipe(flat(train, **keys), (), includes_varied=True).words)


def test_shipped_recipes():
    assert words() == (
        "SGD, Nesterov momentum 0.9, learning rate 0.05, cosine decay to 0, no weight decay, batch size 64, "
        "no augmentation"
    )
    assert words("sgd_he2015", **{"data.augment": "crop_flip"}) == (
        "SGD, momentum 0.9, learning rate 0.1, decay by a factor of 0.1 after 50 % and 75 % of training, L2 weight "
        "decay 0.0001, batch size 128, random crops with 4 px padding and horizontal flips"
    )
    assert words("sgd") == (
        "SGD, no momentum, learning rate 0.01, constant learning rate, no weight decay, gradients of each variable "
        "clipped to norm 1.0, batch size 256, no augmentation"
    )
    assert "Nesterov momentum 0.9 in the form of PyTorch" in words("sgd_cosine")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"train.optimizer": "adamw", "train.weight_decay": 0.05}, "AdamW (beta1 0.9, beta2 0.999), learning rate"),
        ({"train.optimizer": "adamw", "train.weight_decay": 0.05}, "decoupled weight decay 0.05"),
        (
            {"train.weight_decay": 1e-4, "train.weight_decay_exclude": "norm_bias"},
            ", except of norm parameters and biases",
        ),
        ({"train.warmup": 0.05}, "linear warm-up over the first 5 % of training"),
        ({"train.global_clipnorm": 2.0}, "gradients clipped to global norm 2.0"),
        ({"train.label_smoothing": 0.1}, "label smoothing 0.1"),
        ({"train.ema_momentum": 0.999}, "evaluation of the exponential moving average of the weights (decay 0.999)"),
        ({"train.precision": "mixed_bfloat16"}, "mixed_bfloat16 precision"),
        ({"data.augment": "mine"}, "augmentation mine"),
        ({"data.cutout_size": 8}, "cutout of 8 px"),
        ({"data.mixup_alpha": 0.2}, "mixup (alpha 0.2)"),
        ({"data.label_noise": 0.1}, "10 % of the training labels replaced by random other classes"),
        ({"data.fraction": 0.25}, "25 % of the training images"),
    ],
)
def test_each_setting_that_is_in_use_is_said(keys, said):
    assert said in words(**keys) and said not in words()


def test_what_varies_is_described_as_the_baseline_has_it_or_only_named():
    varied = ("train.learning_rate", "train.momentum", "model.norm")
    of_baseline = recipe(flat(), varied, includes_varied=True)
    assert of_baseline.varied == ("momentum", "learning rate") and "learning rate 0.05" in of_baseline.words
    shared = recipe(flat(), varied, includes_varied=False)
    assert shared.varied == of_baseline.varied
    assert not any("learning rate 0" in text or "momentum" in text for text in shared.words)


def test_another_optimizer_means_another_momentum_and_another_kind_of_weight_decay():
    assert recipe(flat(), ("train.optimizer",), includes_varied=False).varied == (
        "optimizer",
        "momentum",
        "weight decay",
    )


def test_a_configuration_of_something_else_has_no_recipe():
    assert recipe({"model.family": "resnet"}, (), includes_varied=True) == Recipe((), ())


@pytest.mark.parametrize("value", ["x", [], {"a": 1}, True, -3, 1e300, None])
def test_values_that_nobody_checked_are_only_written(value):
    anything = {key: value for part in PARTS for key in part.keys}
    assert all(isinstance(text, str) for text in recipe(anything, (), includes_varied=True).words)


def test_every_key_of_the_recipe_belongs_to_a_part():
    """A key that is added to the recipe needs words, unless it has no effect on what is trained."""
    described = {key for part in PARTS for key in part.keys}
    length_and_files = {"epochs", "steps", "reference_steps", "xla", "keep_weights"}
    assert {f"train.{name}" for name in asdict(Train()) if name not in length_and_files} <= described
    assert described <= DEFAULTS.keys()
