"""The overrides of one cell: their order, and what is dropped because nothing reads it any more."""

import dataclasses

import pytest

from ablation.config.schema import Config
from ablation.errors import AblateError, Unread
from ablation.study.compilation import cell_composer
from ablation.study.compilation.cell_composer import CellComposer, Choice, choices
from ablation.study.spec import Component, Removal, Study, key, value

NORM = Component("norm", (Removal("group", "model.norm=group"), Removal("none", "model.norm=none")))
WIDTH = Component("width", (Removal(None, "model.width=8"),))


class FakeComposer:
    """Sets model.norm and model.width; nothing reads model.norm_momentum without the norm `batch`."""

    def __init__(self):
        self.asked = []

    def resolved(self, overrides):
        return {key(override): value(override) for override in overrides}

    def config(self, overrides):
        self.asked.append(tuple(overrides))
        values = self.resolved(overrides)
        if "typo" in values:
            raise AblateError("Unknown key")
        if values.get("model.norm", "batch") != "batch" and "model.norm_momentum" in values:
            raise Unread("Nothing reads it", "model.norm_momentum")
        config = Config()
        norm, width = values.get("model.norm", "batch"), int(values.get("model.width", 64))
        model = dataclasses.replace(config.model, norm=norm, width=width)
        return dataclasses.replace(config, model=model, seed=int(values["seed"]))


def study(baseline=(), typed=(), components=(NORM, WIDTH)):
    return Study("mine", "", tuple(baseline), tuple(typed), components, "factorial", None, None, (3, 5))


def test_the_command_line_lies_between_baseline_and_component():
    composer = CellComposer(study(["model.width=2", "model.norm=batch"], ["model.width=4"]), FakeComposer())
    assert composer.overrides(()) == ("model.width=4", "model.norm=batch")
    assert composer.overrides(["model.width=8"]) == ("model.width=8", "model.norm=batch")
    assert composer.baseline.model.width == 4 and composer.baseline.seed == 3
    assert composer.values["model.width"] == 4
    composed = composer.compose("-width", ["model.width=8"])
    assert composed.config.model.width == 8 and composed.overrides == ("model.width=8", "model.norm=batch")


def test_what_the_removal_makes_unread_is_dropped_from_the_baseline():
    fake = FakeComposer()
    composer = CellComposer(study(["model.norm_momentum=0.5"]), fake)
    composed = composer.compose("-norm.none", ["model.norm=none"])
    assert composed.overrides == ("model.norm=none",) and composed.config.model.norm == "none"
    assert fake.asked[-1] == ("model.norm=none", "seed=3")


def test_what_nothing_reads_is_never_dropped_from_a_removal_alone():
    composer = CellComposer(study(), FakeComposer())
    removing = ["model.norm=none", "model.norm_momentum=0.5"]
    with pytest.raises(AblateError, match="The study mine, cell -norm.none: Nothing reads it"):
        composer.compose("-norm.none", removing)
    assert composer.compose("-norm.none -x", removing, drop_removing=True).overrides == ("model.norm=none",)


def test_a_wrong_baseline_is_refused_with_its_overrides():
    with pytest.raises(AblateError, match=r"cell baseline: Unknown key \(in typo=1; nothing was started\)"):
        CellComposer(study(["typo=1"]), FakeComposer())


def test_resolved_can_leave_out_what_was_typed():
    composer = CellComposer(study(["model.norm=batch"], ["model.width=4"]), FakeComposer())
    assert composer.resolved(["model.norm=none"]) == {"model.norm": "none", "model.width": "4", "seed": "3"}
    assert composer.resolved_untyped(["model.norm=none"], ["model.width=4"]) == {"model.norm": "none"}


def test_choices_are_the_components_that_a_cell_removes():
    assert choices(study(), (0, 0)) == []
    both = choices(study(), (2, 1))
    assert both == [Choice(NORM, 2), Choice(WIDTH, 1)]
    assert [choice.label for choice in both] == ["norm.none", "width"]
    assert both[0].removal.remove == "model.norm=none"


@pytest.mark.parametrize(
    ("overrides", "name", "expected"),
    [
        (["model.norm=none"], "model.norm", True),
        (["model.norm=none"], "model.norm_momentum", False),
        (["model=resnet18"], "model.norm", True),
        (["model=resnet18"], "train.epochs", False),
        (["seed=1"], "seed", True),
        ([], "seed", False),
    ],
)
def test_an_override_sets_its_key_or_all_keys_of_its_file(overrides, name, expected):
    assert cell_composer.sets(overrides, name) == expected


def test_the_last_of_each_key_stands_where_the_first_one_did():
    assert cell_composer.last_of_each_key(["a=1", "b=2", "a=3"]) == ("a=3", "b=2")
    assert cell_composer.without_key(["a=1", "b=2"], "a") == ("b=2",)
    assert cell_composer.without_key(["a=1", "b=2"], None) == ("a=1", "b=2")
