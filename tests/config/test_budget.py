"""Which keys set for how long and on what a run is trained, selected and tested."""

import pytest

from ablation.config import budget
from ablation.config.schema import DEFAULTS

EPOCHS, STEPS = {"train.epochs": 3}, {"train.steps": 3}


def test_what_sets_the_budget():
    assert budget.sets_length("data.fraction", [EPOCHS]) and not budget.sets_length("data.fraction", [STEPS])


@pytest.mark.parametrize(
    ("key", "configs", "expected"),
    [
        ("train.epochs", [EPOCHS], True),
        ("train.batch_size", [STEPS], True),
        ("data.limit", [STEPS], True),
        ("data.fraction", [STEPS, EPOCHS], True),
        ("data.fraction", [{"train.epochs": 3, "train.steps": 7}], False),
        ("train.reference_steps", [{}], True),
        ("train.reference_steps", [EPOCHS], False),
        ("train.learning_rate", [EPOCHS], False),
        ("data.validation", [EPOCHS], False),  # what it is selected on, not how long
    ],
)
def test_length_is_epochs_steps_and_how_many_images_are_passed_over(key, configs, expected):
    assert budget.sets_length(key, configs) is expected


def test_the_budget_is_length_evaluation_and_folders_in_the_order_given():
    keys = ["train.momentum", "train.steps", "data.root", "model.width", "data.validation", "data.fraction", "data.dir"]
    assert budget.budget_keys(keys, [STEPS]) == ["train.steps", "data.root", "data.validation", "data.dir"]
    assert budget.budget_keys(keys, [STEPS, EPOCHS])[-2:] == ["data.fraction", "data.dir"]


def test_every_key_of_the_rule_is_a_key():
    assert budget.BUDGET <= set(DEFAULTS) and not any(key.startswith("model.") for key in budget.BUDGET)
