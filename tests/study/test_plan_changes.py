"""A plan that replaces another: what it remembers of runs that had ended, and of what was changed after them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support import studies
from support.fake_runs import history, write
from support.finished_studies import CALM, finish, lower
from support.studies import PARTS, saved

from ablation.rundir import files, study_plan
from ablation.study import orchestration, parsing, plan_changes
from ablation.study.plan import Plan

TWO = {"shortcut": PARTS["shortcut"], "init": PARTS["init"]}
ALL = {"baseline": CALM, "-shortcut": CALM, "-init": CALM}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A second passes at every look at the clock."""
    seconds = iter(range(100, 1000))
    monkeypatch.setattr(plan_changes, "_now", lambda: f"2026-01-02T03:04:05.{next(seconds)}+00:00")


def on_disk(plan: Plan) -> study_plan.StudyPlan:
    read = study_plan.read_plan(plan.place)
    assert read is not None
    return read


def again(quick, outputs: Path, *typed: str, components=TWO, **declared) -> study_plan.StudyPlan:
    """The plan after the study was planned once more."""
    return on_disk(saved(quick, outputs, {"components": components, "seeds": 3, **declared}, *typed))


def test_a_plan_knows_the_runs_that_have_ended_and_keeps_the_first_look(quick, tmp_path):
    made = finish(quick, tmp_path, ALL, seeds=3)
    assert on_disk(made).ended == {} and on_disk(made).planned
    made.record_ended()
    first = on_disk(made)
    assert first.ended.keys() == first.fingerprints() and not first.log and not first.history and first.seen is None
    assert again(quick, tmp_path) == first
    made.record_ended()
    assert on_disk(made) == first


def test_reruns_edits_and_deleted_runs_leave_one_line_each(quick, tmp_path):
    made = finish(quick, tmp_path, ALL, seeds=3)
    made.record_ended()
    first = on_disk(made)
    baseline, shortcut, init = (cell.runs[0] for cell in made.cells.design)
    write(tmp_path, made.cells.design[0].config, history(accuracy=0.99), attempt=2, fingerprint=baseline.fingerprint)
    shutil.rmtree(shortcut.last)
    shutil.rmtree(init.last)
    write(tmp_path, made.cells.design[2].config, history(accuracy=0.99), fingerprint=init.fingerprint)
    for _ in range(2):
        log = {(entry.event, entry.run) for entry in again(quick, tmp_path).log}
        assert log == {("rerun", f"{baseline.name}.2"), ("deleted", shortcut.name), ("rerun", init.name)}
        assert len(again(quick, tmp_path).log) == 3
    assert again(quick, tmp_path).ended == first.ended


def test_a_change_without_ended_runs_leaves_no_entry(quick, tmp_path):
    again(quick, tmp_path)
    changed = again(quick, tmp_path, components={"shortcut": PARTS["shortcut"]})
    assert changed.history == () and changed.supersedes and changed.comparisons_with_history() == 1


def test_components_left_out_after_the_data_still_count(quick, tmp_path):
    parts = {f"part{i}": [f"model.norm_epsilon={i + 1}e-4"] for i in range(12)}
    scores = {"baseline": CALM, **{f"-part{i}": lower(0.001 * i) for i in range(12)}}
    first = finish(quick, tmp_path, scores, components=parts)
    two = {name: parts[name] for name in ("part3", "part11")}
    changed = again(quick, tmp_path, components=two, seeds=5)
    (entry,) = changed.history
    assert (changed.test.comparisons, changed.comparisons_with_history()) == (2, 12)
    assert (entry.hash, entry.ended, entry.shared, entry.rules) == (first.hash, 65, 15, False)
    assert "component part0: model.norm_epsilon=1e-4 before, absent now" in entry.changes
    renamed = again(quick, tmp_path, components={"better": parts["part3"]}, seeds=5)
    assert renamed.comparisons_with_history() == 12 and len(renamed.history) == 2


def test_seeds_added_after_the_data_are_another_rule_and_the_way_back_is_a_change(quick, tmp_path):
    finish(quick, tmp_path, ALL, seeds=3)
    more = again(quick, tmp_path, seeds=4)
    assert [(entry.ended, entry.shared, entry.rules) for entry in more.history] == [(9, 9, True)]
    back = again(quick, tmp_path, seeds=3)
    assert [entry.changes for entry in back.history] == [
        ("seeds: [0,1,2] before, [0,1,2,3] now",),
        ("seeds: [0,1,2,3] before, [0,1,2] now",),
    ]
    assert back.hash != more.hash and back.planned > more.planned and back.comparisons_with_history() == 2
    fresh = again(quick, tmp_path, seeds=[7, 8, 9])
    assert not fresh.history[-1].rules and fresh.comparisons_with_history() == 4  # other runs, other comparisons


@pytest.mark.parametrize(
    "change", [{"margin": 0.01}, {"test": "paired"}, {"stopping": "sequential", "seeds": [0, 1, 2, 3]}]
)
def test_a_margin_test_or_stopping_chosen_after_the_data_is_another_rule(quick, tmp_path, change):
    finish(quick, tmp_path, {"baseline": CALM}, seeds=3)
    (entry,) = again(quick, tmp_path, **change).history
    assert entry.rules and (entry.ended, entry.shared) == (3, 3)


def test_words_that_shape_no_run_are_no_change_to_disclose(quick, tmp_path):
    finish(quick, tmp_path, ALL, seeds=3)
    assert again(quick, tmp_path, "n_jobs=2").history == ()
    assert len(again(quick, tmp_path, "n_jobs=2", question="Why?").history) == 1


def test_effects_are_counted_by_what_they_remove(quick, tmp_path):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    finish(quick, tmp_path, dict.fromkeys(cells, CALM), design="factorial", seeds=3)
    three = {**TWO, "nesterov": PARTS["nesterov"]}
    changed = again(quick, tmp_path, design="factorial", components=three)
    assert (changed.test.comparisons, changed.comparisons_with_history()) == (3, 3)
    other = again(quick, tmp_path, design="factorial", components={"s": PARTS["shortcut"], "n": PARTS["nesterov"]})
    assert (other.test.comparisons, other.comparisons_with_history()) == (2, 3)


def test_runs_that_ended_before_they_were_planned_are_remembered(quick, tmp_path):
    made = finish(quick, tmp_path, {"baseline": CALM, "-init": CALM[:2]}, seeds=3)
    assert on_disk(made).seen is None
    made.place.unlink()
    deleted = again(quick, tmp_path)
    assert (deleted.seen.ended, deleted.seen.cells, deleted.history) == (5, ("-init",), ())
    without = again(quick, tmp_path, components={"shortcut": PARTS["shortcut"]})
    assert (without.seen.ended, without.seen.cells) == (3, ())
    assert again(quick, tmp_path).seen.cells == ("-init",)


def test_another_name_does_not_hide_what_had_ended(quick, tmp_path):
    finish(quick, tmp_path, ALL, seeds=3)
    declared = {"baseline": studies.BASE, "components": {"shortcut": PARTS["shortcut"]}, "seeds": 3}
    study = parsing.parse("second", declared, [f"outputs={tmp_path}"], quick.is_simple)
    plan = orchestration.compile_plan(study, quick)
    assert (plan.frozen.seen.ended, plan.frozen.seen.cells) == (6, ("-shortcut",))


def test_a_run_that_another_command_made_is_no_run_of_the_plan_before(quick, tmp_path):
    again(quick, tmp_path, components={"shortcut": PARTS["shortcut"]})
    other = finish(quick, tmp_path / "elsewhere", {"-init": CALM}, seeds=3)
    for where in other.cells.design[2].runs:
        shutil.copytree(where.last, tmp_path / where.name)
    assert again(quick, tmp_path).seen.cells == ("-init",)


def test_a_component_that_comes_back_was_planned(quick, tmp_path):
    finish(quick, tmp_path, ALL, seeds=3)
    again(quick, tmp_path, components={"shortcut": PARTS["shortcut"]})
    assert again(quick, tmp_path).seen is None


def test_the_plan_that_another_command_made_meanwhile_stays(quick, tmp_path):
    made = finish(quick, tmp_path, ALL, seeds=3)
    changed = again(quick, tmp_path, seeds=4)
    made.record_ended()
    assert on_disk(made) == changed
    made.place.unlink()
    made.record_ended()
    assert len(on_disk(made).ended) == 9 and on_disk(made).seen is None


def test_a_history_that_is_edited_by_hand_is_no_plan(quick, tmp_path):
    made = finish(quick, tmp_path, ALL, seeds=3)
    again(quick, tmp_path, seeds=4)
    values = json.loads(made.place.read_text())
    made.place.write_text(json.dumps({**values, "history": []}))
    assert study_plan.read_plan(made.place) is None
    assert again(quick, tmp_path, seeds=4).seen.cells == ("-shortcut", "-init")


def test_a_renewed_hash_is_another_plan(quick, tmp_path):
    made = finish(quick, tmp_path, ALL, seeds=3)
    forged = replace(on_disk(made), study=replace(on_disk(made).study, question="Other?")).with_hash()
    made.place.write_text(json.dumps(forged.to_json()))
    assert [entry.hash for entry in again(quick, tmp_path).history] == [forged.hash]


def test_the_earlier_plan_is_copied_before_it_is_replaced(quick, tmp_path, monkeypatch):
    first = saved(quick, tmp_path, {"components": TWO, "seeds": 3})
    written = first.place.read_bytes()

    def killed(path, content):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch, pytest.raises(Exception, match="No space left"):
        patch.setattr(files, "replace", killed)
        saved(quick, tmp_path, {"components": TWO, "seeds": 4})
    assert first.place.read_bytes() == written
