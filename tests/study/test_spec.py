"""A declared study as a value: labels, sizes, the two sides of an override."""

import pytest

from ablation.study import spec
from ablation.study.spec import Component, Removal, Study


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [("model.norm=none", "model.norm", "none"), ("name=a=b", "name", "a=b"), ("model=", "model", "")],
)
def test_an_override_is_a_key_and_a_value(override, key, value):
    assert (spec.key(override), spec.value(override)) == (key, value)


def test_a_component_is_labelled_by_its_alternatives():
    removal = Removal(None, "model.norm=none", ("train.learning_rate=0.01",))
    assert Component("norm", (removal,)).labels() == ["norm"]
    assert removal.key == "model.norm" and removal.overrides == ("model.norm=none", "train.learning_rate=0.01")
    halves = Component("width", (Removal("half", "model.width=32"), Removal("quarter", "model.width=16")))
    assert halves.labels() == ["width.half", "width.quarter"] and halves.label(2) == "width.quarter"


def test_a_study_knows_its_sizes_and_whether_it_adds_seeds():
    two = Component("width", (Removal("half", "model.width=32"), Removal("quarter", "model.width=16")))
    one = Component("norm", (Removal(None, "model.norm=none"),))
    study = Study("mine", "", (), (), (two, one), "factorial", None, None, (0, 1))
    assert study.sizes == [2, 1] and not study.sequential
