"""What a comparison says about its plan, after everything that can be done to one once the data are there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support import studies
from support.fake_runs import history, read_json, write, write_json
from support.finished_studies import CALM, PARTS, finish, lower

from ablation.comparison.reading import study_plan as reading_study_plan
from ablation.comparison.reading.disclosure import Disclosure, disclose
from ablation.comparison.reading.load import load
from ablation.rundir import study_plan
from ablation.study import orchestration, parsing
from ablation.study.plan import Plan

ALL = {"baseline": CALM, "-shortcut": CALM, "-init": CALM}


@pytest.fixture
def finished(quick, tmp_path):
    """A study of three seeds whose runs have ended, and whose plan knows it."""
    plan = finish(quick, tmp_path, ALL, seeds=3)
    plan.record_ended()
    return plan


def replanned(quick, outputs: Path, name: str = "mine", **declared) -> Plan:
    """The study typed once more, with changes."""
    declared = {"baseline": studies.BASE, "components": PARTS, "seeds": 3, **declared}
    plan = orchestration.compile_plan(parsing.parse(name, declared, [f"outputs={outputs}"], quick.is_simple), quick)
    plan.save()
    return plan


def disclosed(*paths: Path, study: str | None = None) -> Disclosure:
    loaded = load(paths)
    plans = [found.plan for found in reading_study_plan.find(loaded.roots).plans]
    (plan,) = [plan for plan in plans if study in (None, plan.study.name)]
    return disclose(plan, loaded)


def test_of_a_plan_that_nobody_touched_there_is_nothing_to_say(quick, tmp_path, finished):
    assert disclosed(tmp_path) == Disclosure()
    replanned(quick, tmp_path)
    assert disclosed(tmp_path) == Disclosure()


def test_components_left_out_after_the_data_are_disclosed_and_still_count(quick, tmp_path):
    """The attack of twelve components, of which two look good."""
    parts = {f"part{i}": [f"model.norm_epsilon={i + 1}e-4"] for i in range(12)}
    scores = {"baseline": CALM, **{f"-part{i}": lower(0.001 * i) for i in range(12)}}
    first = finish(quick, tmp_path, scores, components=parts)
    replanned(quick, tmp_path, components={name: parts[name] for name in ("part3", "part11")}, seeds=5)
    found = disclosed(tmp_path)
    (change,) = found.changes
    assert (change.hash, change.ended, change.rules, len(change.changes)) == (first.hash, 65, False, 10)
    said, counted = found.sentences
    assert "after 65 runs had ended: component part0: model.norm_epsilon=1e-4 before, absent now; " in said
    assert said.endswith("and 4 more.") and counted.startswith("Holm's correction counts 12 comparisons, because")
    assert counted.endswith("the plan itself has 2.") and found.exploratory == ()


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"seeds": 4}, "seeds"),
        ({"margin": 0.02}, "margin"),
        ({"test": "paired", "margin": 0.02}, "test, margin"),
        ({"stopping": "sequential", "max_seeds": 5}, "seeds, stopping"),
    ],
)
def test_other_rules_after_the_data_make_it_exploratory(quick, tmp_path, finished, change, fields):
    replanned(quick, tmp_path, **change)
    assert disclosed(tmp_path).exploratory == (f"{fields} changed after 9 runs had ended",)


def test_seeds_added_one_by_one_are_disclosed_each_time_and_so_is_the_way_back(quick, tmp_path, finished):
    for seeds in (4, 5, 3):
        replanned(quick, tmp_path, seeds=seeds)
    found = disclosed(tmp_path)
    assert len(found.sentences) == len(found.exploratory) == len(found.changes) == 3
    assert "seeds: [0,1,2,3,4] before, [0,1,2] now" in found.sentences[-1]


def test_renamed_components_are_disclosed_and_count_once(quick, tmp_path, finished):
    replanned(quick, tmp_path, components={"a": PARTS["shortcut"], "b": PARTS["init"]})
    found = disclosed(tmp_path)
    assert len(found.changes) == len(found.sentences) == 1 and "component a: absent before" in found.sentences[0]


def test_reruns_edits_and_deleted_runs_are_disclosed_with_and_without_the_driver(quick, tmp_path, finished):
    baseline, shortcut, init = finished.cells.design
    write(tmp_path, baseline.config, history(accuracy=0.99), attempt=2, fingerprint=baseline.runs[0].fingerprint)
    shutil.rmtree(shortcut.runs[1].last)
    edited = init.runs[2].last
    write_json(edited, {**read_json(edited), "timings": {"seconds": 1.0}})
    reruns = {f"{baseline.runs[0].name}.2", edited.name}
    found = disclosed(tmp_path).sentences
    assert len(found) == 2 and all(run in found[0] for run in reruns) and "2 runs (" in found[0]
    assert found[1] == "Deleted or made unreadable after they had ended: 1 run (-shortcut with seed 1)."
    replanned(quick, tmp_path)
    found = disclosed(tmp_path).sentences
    assert len(found) == 2 and "2 runs (" in found[0] and found[1].endswith(f"1 run ({shortcut.runs[1].name}).")
    write(tmp_path, replace(shortcut.config, seed=1), history(), fingerprint=shortcut.runs[1].fingerprint)
    assert "3 runs (" in disclosed(tmp_path).sentences[0]  # it came back as another run


def test_a_run_that_was_not_given_is_not_deleted(tmp_path, finished):
    given = [where.last for where in (*finished.cells.design[0].runs, *finished.cells.design[1].runs)]
    assert disclosed(*given) == Disclosure()
    write(
        tmp_path,
        replace(finished.cells.design[2].config, seed=2),
        history(),
        attempt=2,
        fingerprint=finished.cells.design[2].runs[2].fingerprint,
    )
    assert "Repeated or edited" in disclosed(*given).sentences[0]


def test_diverged_runs_have_ended_too(quick, tmp_path):
    plan = finish(quick, tmp_path, {"baseline": CALM, "-init": CALM}, seeds=3)
    cell = plan.cells.design[1]
    where = cell.runs[0]
    write(tmp_path, cell.config, history(), fingerprint=where.fingerprint, status="diverged", error="NaN")
    plan.record_ended()
    assert disclosed(tmp_path) == Disclosure()
    write(tmp_path, cell.config, history(), attempt=2, fingerprint=where.fingerprint)
    assert f"({where.name}.2)" in disclosed(tmp_path).sentences[0]


def test_copied_outputs_take_what_they_remember_with_them(quick, tmp_path, finished):
    replanned(quick, tmp_path, seeds=4)
    shutil.copytree(tmp_path, tmp_path.parent / "copy")
    found = disclosed(tmp_path.parent / "copy")
    assert found == disclosed(tmp_path) and found.exploratory
    shutil.rmtree(tmp_path.parent / "copy" / "studies")
    replanned(quick, tmp_path.parent / "copy", seeds=4)
    found = disclosed(tmp_path.parent / "copy")
    assert found.exploratory == (
        "the plan is not the one under which its runs ended",
        "runs of -shortcut and -init had ended before they were planned",
    )


def test_a_plan_that_was_deleted_or_edited_says_that_the_runs_were_there_before_it(quick, tmp_path, finished):
    expected = ("runs of -shortcut and -init had ended before they were planned",)
    finished.place.unlink()
    replanned(quick, tmp_path)
    assert disclosed(tmp_path).exploratory == expected
    assert disclosed(tmp_path).sentences == (
        "9 runs had ended before they were planned, among them runs of -shortcut and -init.",
    )
    finished.place.write_text(finished.place.read_text().replace('"seen"', '"sean"'))
    replanned(quick, tmp_path)
    assert disclosed(tmp_path).exploratory == expected


def test_the_earlier_plans_kept_aside_are_not_needed(quick, tmp_path, finished):
    replanned(quick, tmp_path, seeds=4)
    before = disclosed(tmp_path)
    for kept in finished.place.parent.glob("plan-*.json"):
        kept.unlink()
    replanned(quick, tmp_path, seeds=4)
    assert disclosed(tmp_path) == before and before.exploratory


def test_a_forged_plan_is_a_change_at_the_next_command(quick, tmp_path, finished):
    plan = study_plan.read_plan(finished.place)
    forged = replace(plan, study=replace(plan.study, margin=0.05)).with_hash()
    finished.place.write_text(json.dumps(forged.to_json()))
    replanned(quick, tmp_path)
    assert disclosed(tmp_path).exploratory == ("margin changed after 9 runs had ended",)


def test_another_study_name_says_that_the_runs_were_there(quick, tmp_path, finished):
    replanned(quick, tmp_path, "second", components={"shortcut": PARTS["shortcut"]})
    found = disclosed(tmp_path, study="second")
    assert found.exploratory == ("runs of -shortcut had ended before they were planned",)


def test_baseline_runs_from_before_the_plan_are_disclosed_and_no_more(quick, tmp_path):
    plan = finish(quick, tmp_path, {"baseline": CALM}, seeds=3)
    plan.place.unlink()
    replanned(quick, tmp_path)
    found = disclosed(tmp_path)
    assert found.sentences == ("3 runs of baseline had ended before they were planned.",) and not found.exploratory


def test_a_driver_that_was_killed_loses_nothing_that_the_next_one_sees(quick, tmp_path):
    finish(quick, tmp_path, ALL, seeds=3)  # killed before it could record the end of its runs
    replanned(quick, tmp_path, seeds=4)
    assert disclosed(tmp_path).exploratory == ("seeds changed after 9 runs had ended",)
