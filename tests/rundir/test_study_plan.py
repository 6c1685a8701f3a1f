"""plan.json: frozen under a hash, read only as it was written."""

import json
from dataclasses import replace

import pytest

from ablation.rundir import files, layout, study_plan
from ablation.rundir.declared_study import SEQUENTIAL, Component, Removal, Study
from ablation.rundir.files import Unreadable
from ablation.rundir.plan_history import LogEntry, PastPlan, SeenRuns
from ablation.rundir.plan_parts import Fraction, PlannedCell, PlannedTest
from ablation.rundir.study_plan import StudyPlan

AT = "2026-01-02T03:04:05+00:00"
COMPONENTS = tuple(Component(name, (Removal(None, f"model.{name}=none"),)) for name in ("norm", "stem"))


def cell(name: str, *level: int, same_as: str | None = None) -> PlannedCell:
    levels = dict(zip(("norm", "stem"), level, strict=True))
    return PlannedCell(name, levels, (), (), False, (), {}, (), same_as, {"0": f"{name} 0", "1": f"{name} 1"})


CELLS = (cell("baseline", 0, 0), cell("-norm", 1, 0), cell("-stem", 0, 1), cell("-norm -stem", 1, 1))
PAIRS = (("-norm", "baseline"), ("-stem", "baseline"))
STUDY = Study("mine", "?", ("model=vgg16",), (), COMPONENTS, "leave_one_out", None, None, (0, 1))
PLAN = StudyPlan(STUDY, PlannedTest(2, {"level": 0.05}), CELLS[:3], PAIRS).with_hash()
FACTORIAL = replace(PLAN, cells=CELLS, comparisons=()).with_hash()


def write(path, plan: StudyPlan) -> None:
    path.write_text(json.dumps(plan.to_json()))


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        FACTORIAL,
        replace(PLAN, test=PlannedTest(2, {"level": 0.05}, ("-stem",))).with_hash(),
        replace(PLAN, fraction=Fraction({"A": "norm"}, 3, ("D = AB",), ("ABD",), ())).with_hash(),
        replace(
            PLAN,
            planned=AT,
            command=("-m", "+study=mine"),
            detect=0.01,
            ended={"baseline 0": "1" * 64},
            log=(LogEntry(AT, "deleted", "a-b-s0-0123456789"),),
            history=(PastPlan("0" * 64, None, AT, 2, 1, ("why",), False, (frozenset({("-norm 0", "baseline 0")}),)),),
            seen=SeenRuns(1, ("-norm",), ("-norm 0",)),
            supersedes="0" * 64,
            networks={"a": {"name": "x"}},
            checked={"b": {}},
            measured={"c": {"step": 1}},
        ),
    ],
    ids=["pairs", "factorial", "paired", "fraction", "found out"],
)
def test_what_is_written_is_read_as_the_same_value(tmp_path, plan):
    write(tmp_path / "plan.json", plan)
    assert study_plan.read_plan(tmp_path / "plan.json") == plan


def test_the_hash_is_of_what_is_frozen_and_of_nothing_else():
    assert PLAN.hash == files.digest(PLAN.frozen()) and len(PLAN.hash) == 64
    assert replace(PLAN, networks={"a": {}}).with_hash().hash == PLAN.hash
    assert replace(PLAN, study=replace(STUDY, seeds=(0, 2))).with_hash().hash != PLAN.hash


def test_a_plan_without_the_later_keys_is_read(tmp_path):
    values = PLAN.to_json()
    del values["study"]["test"], values["study"]["margin"], values["test"]["paired"]
    for name in ("planned", "command", "detect", "ended", "log", "history", "seen", "checksum"):
        del values[name]
    values["hash"] = files.digest({name: values[name] for name in study_plan.FROZEN})
    (tmp_path / "plan.json").write_text(json.dumps(values))
    read = study_plan.read_plan(tmp_path / "plan.json")
    assert read.study == STUDY and read.test == PLAN.test and read.hash == values["hash"]


@pytest.mark.parametrize(
    "change",
    [{"planned": "now"}, {"command": "ablate"}, {"detect": -1.0}, {"ended": []}, {"log": [{}]}, {"history": [{}]}]
    + [{"seen": []}, {"history": None}, {"ended": {"a": None}}, {"checksum": "0" * 64}, {"checksum": None}],
    ids=str,
)
def test_a_history_that_no_study_writes_is_no_plan(tmp_path, change):
    values = {**PLAN.to_json(), **change}
    if "checksum" not in change:
        values["checksum"] = files.record_checksum(values)
    (tmp_path / "plan.json").write_text(json.dumps(values))
    assert study_plan.read_plan(tmp_path / "plan.json") is None


def test_comparisons_of_earlier_plans_count_once():
    pair = [("-norm 0", "baseline 0")], [("-gone 0", "baseline 0")]
    past = PastPlan("0" * 64, None, AT, 2, 1, (), False, tuple(map(frozenset, pair)))
    assert PLAN.comparisons_with_history() == 2
    assert replace(PLAN, history=(past, past)).comparisons_with_history() == 3
    assert PLAN.comparison_ids()[0] == {("-norm 0", "baseline 0"), ("-norm 1", "baseline 1")}
    assert FACTORIAL.comparison_ids()[0] == {"effect of model.norm=none on baseline 0"}


def test_equal_cells_are_compared_once_by_the_first():
    twin = cell("-twin", 0, 1, same_as="-norm")
    itself = cell("-nothing", 0, 0, same_as="baseline")
    pairs = (*PAIRS, ("-twin", "baseline"), ("-nothing", "baseline"))
    plan = replace(PLAN, cells=(*PLAN.cells, twin, itself), comparisons=pairs)
    assert plan.pairs() == list(PAIRS)


def test_its_runs_are_those_of_all_cells():
    assert PLAN.fingerprints() == {f"{name} {seed}" for name in ("baseline", "-norm", "-stem") for seed in (0, 1)}


def test_effects_need_every_level_beside_every_other():
    assert PLAN.can_be_judged and FACTORIAL.can_be_judged
    assert not replace(FACTORIAL, cells=CELLS[:3]).can_be_judged


@pytest.mark.parametrize(
    "change",
    [
        {"cells": ()},
        {"cells": (*CELLS[:3], CELLS[0])},
        {"cells": (*CELLS[:2], cell("-stem", 0, 2))},
        {"cells": (*CELLS[:2], cell("-stem", 0, 1, same_as="absent"))},
        {"comparisons": (("-norm", "absent"),)},
        {"test": PlannedTest(2, {}, ("baseline",))},
        {"study": replace(STUDY, stopping=SEQUENTIAL, seeds=tuple(range(1001)))},
    ],
    ids=["no cell", "twice", "level", "same as none", "pair", "paired", "seeds"],
)
def test_cells_that_do_not_fit_together_are_no_plan(tmp_path, change):
    plan = replace(PLAN, **change).with_hash()
    with pytest.raises(Unreadable, match="do not match"):
        StudyPlan.from_json(json.loads(json.dumps(plan.to_json())))
    write(tmp_path / "plan.json", plan)
    assert study_plan.read_plan(tmp_path / "plan.json") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 5000, b"{}", b"null", b"\xff", None])
def test_a_plan_that_is_damaged_changed_or_missing_is_none(tmp_path, content):
    path = tmp_path / "plan.json"
    assert study_plan.read_plan(path) is None
    write(path, PLAN)
    path.write_bytes(path.read_bytes().replace(b"mine", b"ours") if content is None else content)
    assert study_plan.read_plan(path) is None


def test_plans_are_found_in_order_and_no_link_is_followed(tmp_path):
    names = ("b", "a", "c/d")
    for name in names:
        path = layout.plan_path(tmp_path, name)
        path.parent.mkdir(parents=True)
        write(path, PLAN)
    assert study_plan.plan_paths(tmp_path) == sorted(layout.plan_path(tmp_path, name) for name in names)
    other = tmp_path / "other"
    other.mkdir()
    (other / layout.STUDIES).symlink_to(tmp_path / layout.STUDIES)
    assert study_plan.plan_paths(other) == []
