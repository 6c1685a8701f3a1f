"""Parts of a plan: written to JSON and read with their types checked."""

import dataclasses
import json

import pytest

from ablation.rundir.declared_study import Component, Removal, Study
from ablation.rundir.plan_parts import (
    Fraction,
    PlannedCell,
    PlannedTest,
    read_cell,
    read_fraction,
    read_study,
    read_test,
)

CELL = PlannedCell(
    name="-norm",
    levels={"norm": 1, "width": 0},
    removed=("norm",),
    along=("train.learning_rate=0.01",),
    budget=False,
    overrides=("model.norm=none", "train.learning_rate=0.01"),
    differs={"model.norm": ("batch", "none"), "model.repeats": ([3, 4], [1, 1])},
    implied=("model.norm_momentum",),
    same_as=None,
    runs={"0": "a" * 64},
)
REMOVALS = (Removal(None, "model.norm=none", ("train.learning_rate=0.01",)),)
STUDY = Study("s", "?", ("model=vgg16",), (), (Component("norm", REMOVALS, True),), "list", 3, (("norm",), ()), (0, 4))
FRACTION = Fraction({"A": "norm"}, 3, ("D = AB",), ("ABD",), (("A", "BD"),))


def test_each_part_is_read_as_it_was_written():
    assert read_cell(json.loads(json.dumps(CELL.to_json()))) == CELL
    assert read_study(json.loads(json.dumps(dataclasses.asdict(STUDY)))) == STUDY
    assert read_fraction(json.loads(json.dumps(dataclasses.asdict(FRACTION)))) == FRACTION


def test_a_cell_has_the_names_of_the_format():
    assert CELL.to_json()["with"] == ["train.learning_rate=0.01"] and "along" not in CELL.to_json()
    assert CELL.level == (1, 0)
    assert PlannedTest(3, {"level": 0.05}).to_json() == {"level": 0.05, "comparisons": 3, "paired": []}


def test_a_test_names_its_paired_comparisons():
    test = PlannedTest(2, {"level": 0.05}, ("-norm",))
    assert read_test(json.loads(json.dumps(test.to_json()))) == test
    assert test.is_paired("-norm") and not test.is_paired("-stem")
    assert read_test({"level": 0.05, "comparisons": 2}).paired == ()  # a plan from before
    for odd in ({}, {"comparisons": True}, {"comparisons": 2, "paired": "-norm"}, {"comparisons": 2, "paired": [1]}):
        with pytest.raises((KeyError, TypeError)):
            read_test(odd)


def test_a_study_without_test_and_margin_has_the_defaults():
    values = json.loads(json.dumps(dataclasses.asdict(STUDY)))
    chosen = {**values, "test": "paired", "margin": 0.01}
    assert (read_study(chosen).test, read_study(chosen).margin) == ("paired", 0.01)
    del values["test"], values["margin"]
    assert read_study(values) == STUDY
    for odd in ({"test": "t"}, {"test": None}, {"margin": 1.0}, {"margin": 0.0}, {"margin": -0.1}, {"margin": "1%"}):
        with pytest.raises((TypeError, ValueError)):
            read_study({**values, **odd})


ODD = (None, True, 7, "odd", [[1]], {"odd": 1})
ALLOWED = {"name": ("odd",), "same_as": (None, "odd"), "budget": (True,), "levels": ({"odd": 1},)}


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("name", list(CELL.to_json()))
def test_a_field_of_another_type_is_refused(name, odd):
    values = {**json.loads(json.dumps(CELL.to_json())), name: odd}
    if any(odd is value or odd == value != 1 for value in ALLOWED.get(name, ())):
        assert getattr(read_cell(values), name) == odd
        return
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        read_cell(values)
