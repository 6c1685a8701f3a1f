"""What smoke tests show: no-ops, second changes, cells that cannot be trained."""

from pathlib import Path

import pytest

from ablation.config.schema import Config
from ablation.run.place import RunLocation
from ablation.study.cells import Cell
from ablation.study.compilation.cell_composer import Choice
from ablation.study.preflight import checks
from ablation.study.preflight.probe import Failure
from ablation.study.spec import Component, Removal, Study


def choice_of(remove, *along, budget=False):
    return Choice(Component("part", (Removal(None, remove, along),), budget), 1)


def cell_of(choice, differs, budget=False, implied=()):
    run = RunLocation(Path("outputs"), "run", "0" * 64)
    removal = choice.removal
    return Cell(
        "-part", (1,), ("part",), removal.along, budget, removal.overrides, Config(), differs, tuple(implied), (run,)
    )


def study_of(choice):
    return Study("mine", "", ("model=resnet18",), (), (choice.component,), "leave_one_out", None, None, (0,))


NORM = choice_of("model.norm=none")
NORM_CELL = cell_of(NORM, {"model.norm": ("batch", "none"), "model.norm_momentum": (0.9, None)}, implied=["x"])


def test_what_builds_and_stays_finite_can_be_trained(smoke_test):
    assert checks.untrainable_message(study_of(NORM), NORM_CELL, smoke_test()) is None


def test_a_cell_that_does_not_build_is_named_with_its_changes():
    cell = cell_of(NORM, {"model.norm": ("batch", "none"), "model.norm_momentum": (0.9, None)}, implied=["model.norm"])
    text = checks.untrainable_message(study_of(NORM), cell, Failure("ValueError: no"))
    assert text is not None and "The study mine, cell -part: " in text and "ValueError: no" in text
    assert "It differs from the baseline in model.norm_momentum=null instead of 0.9. Received model.norm=none" in text


def test_a_cell_that_explodes_is_told_to_learn_slower(smoke_test):
    text = checks.untrainable_message(study_of(NORM), NORM_CELL, smoke_test(finite=False))
    assert text is not None and "after 3 steps the loss or a weight is not finite" in text
    assert f"train.learning_rate={Config().train.learning_rate / 10:g}]" in text


@pytest.mark.parametrize("part", ["layers", "initial"])
def test_a_part_that_is_not_used_changes_no_result_and_is_noted(smoke_test, part):
    other = smoke_test(**{part: {"more": "1"}})
    assert not checks.same(smoke_test(), other) and checks.has_same_results(smoke_test(), other)
    assert "the network may not use what is removed" in checks.note(NORM_CELL, smoke_test(), other)
    assert checks.note(NORM_CELL, smoke_test(), smoke_test()) == ""
    assert checks.note(NORM_CELL, smoke_test(), smoke_test(weights="other", **{part: {"more": "1"}})) == ""
    for result in checks.RESULTS:
        assert not checks.has_same_results(smoke_test(), smoke_test(**{result: "other"}))


@pytest.mark.parametrize("part", checks.SAME)
def test_any_part_that_reached_training_makes_a_difference(smoke_test, part):
    other = {"layers": {"stem": "c"}, "initial": {"stem/kernel (3, 3)": "3"}}.get(part, "other")
    assert checks.same(smoke_test(), smoke_test())
    assert not checks.same(smoke_test(), smoke_test(**{part: other}))


def test_only_another_recipe_may_act_late(smoke_test):
    assert not checks.may_act_late(smoke_test(), smoke_test(weights="other"))
    assert checks.may_act_late(smoke_test(), smoke_test(recipe={"optimizer.clipnorm": "1"}))


def test_a_no_op_is_told_with_both_values():
    text = checks.no_op_message(study_of(NORM), NORM, NORM_CELL, 3)
    assert "removing part by model.norm=none changes nothing" in text
    assert "model.norm=batch in the baseline, model.norm=none in the cell; model.norm_momentum=0.9" in text


@pytest.mark.parametrize(
    ("remove", "changed", "words"),
    [
        ("model.norm=none", {"layers": {}}, None),
        ("model.norm=none", {"batches": "other"}, "the first batches differ too"),
        ("model.norm=none", {"labels": "other"}, "the training labels differ too"),
        ("model.norm=none", {"learning_rates": "other"}, "the learning rates differ too"),
        ("model.norm=none", {"recipe": {"optimizer": "Adam"}}, "optimizer or loss differ too"),
        ("model.norm=none", {"steps": 50}, "100 steps in the baseline, 50 steps in the cell"),
        ("train.warmup=0", {"learning_rates": "other", "recipe": {}}, None),
        ("train.warmup=0", {"layers": {"stem": "a"}}, "head (only in the baseline)"),
        ("data.augment=none", {"batches": "other", "labels": "other"}, None),
        ("data.augment=none", {"initial": {"head/kernel (4, 10)": "3"}}, "head/kernel (4, 10) starts from other"),
        ("data.augment=none", {"initial": {"head/kernel (8, 10)": "3"}}, None),
        ("model.initializer=x", {"initial": {"head/kernel (4, 10)": "3"}}, None),
    ],
)
def test_a_second_factor_is_what_the_removal_s_group_does_not_explain(smoke_test, remove, changed, words):
    choice = choice_of(remove)
    cell = cell_of(choice, {remove.partition("=")[0]: (1, 2)})
    text = checks.extra_change_message(study_of(choice), choice, cell, smoke_test(), smoke_test(**changed))
    assert text is None if words is None else words in text


def test_a_declared_companion_is_no_second_factor(smoke_test):
    choice = choice_of("model.norm=none", "train.learning_rate=0.01")
    cell = cell_of(choice, {"model.norm": ("batch", "none"), "train.learning_rate": (0.1, 0.01)})
    found = smoke_test(learning_rates="other")
    assert checks.extra_change_message(study_of(choice), choice, cell, smoke_test(), found) is None


def test_a_declared_budget_may_change_length_and_batches_but_no_layer(smoke_test):
    choice = choice_of("train.batch_size=16", budget=True)
    cell = cell_of(choice, {"train.batch_size": (32, 16)}, budget=True)
    longer = smoke_test(steps=200, batches="other", learning_rates="other")
    assert checks.extra_change_message(study_of(choice), choice, cell, smoke_test(), longer) is None
    wider = smoke_test(layers={"stem": "c", "head": "b"})
    text = checks.extra_change_message(study_of(choice), choice, cell, smoke_test(), wider)
    assert text is not None and "stem (a in the baseline, c in the cell)" in text


def test_mixed_labels_need_another_form_of_the_loss(smoke_test):
    choice = choice_of("data.mixup_alpha=0.2")
    found = smoke_test(recipe={"optimizer": "SGD", "loss": "CategoricalCrossentropy", "loss.axis": "-1"})
    mixed = cell_of(choice, {"data.mixup_alpha": (0.0, 0.2)})
    assert checks.extra_change_message(study_of(choice), choice, mixed, smoke_test(), found) is None
    other = cell_of(choice, {"data.cutout_size": (0, 4)})
    assert checks.extra_change_message(study_of(choice), choice, other, smoke_test(), found)


def test_of_many_differences_the_first_are_listed(smoke_test):
    choice = choice_of("train.warmup=0")
    cell = cell_of(choice, {"train.warmup": (0.1, 0.0)})
    many = smoke_test(layers={f"layer{i}": "x" for i in range(7)})
    text = checks.extra_change_message(study_of(choice), choice, cell, smoke_test(layers={}), many)
    assert text is not None and "layer2 (only in the cell) and 4 more" in text
