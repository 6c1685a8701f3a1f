"""A plan learns what has become of its runs without the study being composed again."""

import json
import shutil

import pytest
from support.fake_runs import read_json, write_json
from support.finished_studies import CALM, finish, lower

from ablation.rundir import layout, study_plan
from ablation.study import plan_log

SCORES = {"baseline": CALM, "-shortcut": lower(0.2), "-init": lower(0.01)}


@pytest.fixture
def finished(quick, tmp_path):
    """A plan whose runs have ended without that any command of the study has seen it."""
    plan = finish(quick, tmp_path, SCORES)
    assert not study_plan.read_plan(plan.place).ended
    return plan


def run_of(plan, cell: str, index: int):
    found = next(each for each in plan.cells.design if each.name == cell)
    return found.runs[index]


def test_runs_that_have_ended_and_those_that_are_gone_are_noted(finished, tmp_path):
    before = json.loads(finished.place.read_text())
    plan_log.note(finished.place, tmp_path, {})
    seen = study_plan.read_plan(finished.place)
    assert len(seen.ended) == 15 and seen.log == ()
    gone, edited = run_of(finished, "-init", 0), run_of(finished, "-init", 1)
    shutil.rmtree(tmp_path / gone.name)
    write_json(tmp_path / edited.name, {**read_json(tmp_path / edited.name), "name": "edited"})
    plan_log.note(finished.place, tmp_path, {gone.fingerprint: gone.name})
    after = study_plan.read_plan(finished.place)
    assert {(entry.event, entry.run) for entry in after.log} == {("deleted", gone.name), ("rerun", edited.name)}
    assert after.ended == seen.ended
    changed = {name for name, value in json.loads(finished.place.read_text()).items() if before.get(name) != value}
    assert changed == {"ended", "log", "checksum"}


def test_nothing_is_written_where_nothing_happened(finished, tmp_path):
    plan_log.note(finished.place, tmp_path, {})
    before = finished.place.stat()
    plan_log.note(finished.place, tmp_path, {})
    assert finished.place.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("content", ["", "{}", None])
def test_a_plan_that_is_not_valid_is_left_alone(tmp_path, content):
    place = layout.plan_path(tmp_path, "mine")
    if content is not None:
        place.parent.mkdir(parents=True)
        place.write_text(content)
    plan_log.note(place, tmp_path, {})
    assert (place.read_text() if place.exists() else None) == content


def test_the_study_takes_the_notes_over(finished, quick, tmp_path):
    """As if a command of the study had seen its runs end."""
    plan_log.note(finished.place, tmp_path, {})
    noted = study_plan.read_plan(finished.place)
    finished.record_ended()
    assert study_plan.read_plan(finished.place) == noted
