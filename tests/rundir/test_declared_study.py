"""What a study declares, as values."""

from dataclasses import replace

from ablation.rundir.declared_study import FIXED, SEQUENTIAL, Component, Removal, Study

NORM = Component("norm", (Removal(None, "model.norm=none", ("train.learning_rate=0.01",)),))
WIDTH = Component("width", (Removal("half", "model.width=32"), Removal("quarter", "model.width=16")))
STUDY = Study("mine", "", ("model=resnet34",), (), (NORM, WIDTH), "leave_one_out", None, None, (0, 1, 2))


def test_a_removal_is_its_override_and_what_changes_along():
    (removal,) = NORM.removals
    assert removal.key == "model.norm"
    assert removal.overrides == ("model.norm=none", "train.learning_rate=0.01")


def test_alternatives_are_labelled_with_their_name():
    assert NORM.labels() == ["norm"] and WIDTH.labels() == ["width.half", "width.quarter"]
    assert WIDTH.label(2) == "width.quarter"


def test_a_study_is_sequential_where_it_stops_so_and_has_a_size_for_each_component():
    assert STUDY.sizes == [1, 2] and STUDY.stopping == FIXED and not STUDY.sequential
    assert replace(STUDY, stopping=SEQUENTIAL).sequential
    assert not STUDY.compares_effects and replace(STUDY, design="factorial").compares_effects
