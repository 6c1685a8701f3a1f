"""`ablate-runs … --delete`: what it asks, deletes, refuses and discloses."""

import json
import os
import shutil

import pytest
from support.fake_runs import config, write

from ablation.cli.runs import deleting
from ablation.rundir import claim, discovery, layout, study_plan
from ablation.rundir.housekeeping import deletion


def left(outputs):
    return [run.name for run in discovery.find([outputs])]


@pytest.mark.parametrize(
    "words", [[], ["outputs"], ["outputs", "--sort", "size"], ["outputs", "outputs/nothing"], ["outputs", "--yes"]]
)
def test_without_a_choice_nothing_is_deleted(runs, week, words):
    before = left(week)
    said = runs(*words, "--delete")
    assert (said.code, said.out) == (1, "") and left(week) == before
    assert said.err.startswith("ablate-runs: --delete does not say which runs.") and said.err.count("\n") == 1
    assert "which would delete all 13 runs" in said.err and "--status failed --delete" in said.err


def test_what_would_be_deleted_is_shown_before_the_question(runs, week):
    before = left(week)
    said = runs("--status", "failed", "--delete")
    assert said.code == 1 and left(week) == before and len(said.rows) == 2
    assert "To delete: 2 runs (2 failed), " in said.out and "type the same command with --yes" in said.err


def test_the_runs_that_match_are_deleted_and_nothing_else(runs, week):
    before = set(left(week))
    freed = sum(file.stat().st_size for name in before if "vgg16" in name for file in (week / name).iterdir())
    said = runs("--where", "network=vgg16", "--delete", "--yes")
    assert (said.code, said.err) == (0, "")
    assert "Deleted 3 runs, " in said.out
    assert before - set(left(week)) == {name for name in before if "vgg16" in name and "-s4-" not in name} - {
        name for name in before if "-s5-" in name
    }
    assert freed > 0 and not list(week.glob(".*.trash"))


def test_run_directories_as_paths_are_a_choice(runs, week):
    first, second, *others = discovery.find([week])
    said = runs(first, second / "run.json", "--delete", "--yes")
    assert said.code == 0 and left(week) == [run.name for run in others]


def test_a_running_run_is_not_deleted(runs, tmp_path):
    held = write(tmp_path / "outputs", config(), status="running")
    other = write(tmp_path / "outputs", config(seed=1))
    with claim.claim(held.parent, held.name):
        alone = runs(held, "--delete", "--yes")
        both = runs("--where", "seed=0,1", "--delete", "--yes")
    assert (alone.code, both.code) == (75, 2) and left(tmp_path) == [held.name] and not other.exists()
    assert f"Not deleted: {held} (it is running)" in alone.err and "Deleted 1 run" in both.out


def test_a_run_that_starts_meanwhile_is_not_deleted(runs, week, monkeypatch):
    held = discovery.find([week])[0]
    with claim.claim(week, held.name):  # completed, and being repeated
        said = runs(held, "--delete", "--yes")
    assert said.code == 75 and held.exists() and "(it is running)" in said.err


def test_a_study_says_that_its_runs_were_deleted(runs, study):
    """Also if no command of the study has seen them end."""
    assert not study_plan.read_plan(study / "studies/mine/plan.json").ended
    said = runs("--where", "variant=-init", "--where", "seed=0", "--delete", "--yes")
    assert "1 run had ended under the plan of mine. Without them its verdicts are incomplete" in said.out
    plan = study_plan.read_plan(study / "studies/mine/plan.json")
    assert len(plan.ended) == 15 and [(entry.event, entry.run) for entry in plan.log] == [("deleted", plan.log[0].run)]
    assert "-s0-" in plan.log[0].run


@pytest.mark.integration
def test_a_comparison_discloses_deleted_runs(runs, study, capsys, tmp_path):
    from ablation.cli import ablate_compare

    runs("--where", "variant=-init", "--where", "seed=0", "--delete", "--yes")
    ablate_compare.main([str(study), "--out", str(tmp_path / "out")])
    table = json.loads((tmp_path / "out" / "table.json").read_text())
    (row,) = [each for each in table["variants"] if each["variant"] == "-init"]
    assert row["verdict"] is None and row["excluded"] == "incomplete"
    assert any("Deleted or made unreadable" in sentence for sentence in table["disclosures"])
    assert "Deleted or made unreadable" in capsys.readouterr().out


def test_a_rerun_that_is_deleted_leaves_its_trace(runs, study):
    """Otherwise the better of two runs could be chosen."""
    first = discovery.find([study])[0]
    shutil.copytree(first, study / f"{first.name}.2")
    record = json.loads((study / f"{first.name}.2" / "run.json").read_text()) | {"attempt": 2, "error": "x"}
    from support.fake_runs import write_json

    write_json(study / f"{first.name}.2", record)
    assert runs(study / f"{first.name}.2", "--delete", "--yes").code == 0
    log = study_plan.read_plan(study / "studies/mine/plan.json").log
    assert ("rerun", f"{first.name}.2") in {(entry.event, entry.run) for entry in log}


def test_an_interrupted_deletion_is_completed_by_the_next(runs, week, monkeypatch):
    names = [name for name in left(week) if name.startswith("plain34")]
    rmtree = shutil.rmtree

    def interrupt(path, **keywords):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deletion.shutil, "rmtree", interrupt)
        said = runs("--where", "network=plain34", "--delete", "--yes")
    assert said.code == 130 and "Interrupted. The same command deletes the rest." in said.err
    assert len(list(week.glob(".*.trash"))) == 1 and len([n for n in left(week) if n in names]) == 2
    assert "1 deletion was interrupted; the next --delete in that folder completes it." in runs().out
    assert rmtree is shutil.rmtree
    said = runs("--where", "network=plain34", "--delete", "--yes")
    assert said.code == 0 and "Completed an interrupted deletion (1 run)." in said.out
    assert not list(week.glob(".*.trash")) and not set(left(week)) & set(names)


def test_an_interrupted_deletion_of_the_last_run_is_completed_too(runs, tmp_path):
    (tmp_path / "outputs" / ".0123456789abcdef.trash").mkdir(parents=True)
    said = runs("--status", "failed", "--delete")
    assert (said.code, said.out) == (0, "Completed an interrupted deletion (1 run).\n")
    assert list((tmp_path / "outputs").iterdir()) == []


def test_a_run_that_cannot_be_deleted_is_listed_and_the_others_go(runs, week, monkeypatch):
    first, second, *_ = discovery.find([week])
    rename = os.rename

    def refuse(source, target):
        if str(source).endswith(first.name):
            raise PermissionError(13, "Permission denied", str(source))
        rename(source, target)

    monkeypatch.setattr(deletion.os, "rename", refuse)
    said = runs(first, second, "--delete", "--yes")
    assert said.code == 2 and first.exists() and not second.exists()
    assert f"Not deleted: {first} (Permission denied: {first})" in said.err


def test_a_run_without_a_directory_is_forgotten(runs, week):
    from ablation.rundir.job_status import JobStatus, write_job_status

    write_job_status(week, "gone-digits-s0-0123456789", JobStatus("failed", "no data", layout.JOBS, 1))
    assert any("gone-digits" in line and "no data" in line for line in runs("--status", "failed").rows)
    assert runs("--status", "failed", "--delete", "--yes").code == 0
    assert runs("--status", "failed").rows == [] and not (week / ".jobs" / "gone-digits-s0-0123456789.json").exists()


def test_many_runs_are_counted_and_not_all_shown(runs, tmp_path, monkeypatch):
    monkeypatch.setattr(deleting, "MOST_SHOWN", 2)
    for seed in range(5):
        write(tmp_path / "outputs", config(seed=seed))
    said = runs("--where", "network=resnet34", "--delete", "--yes")
    assert len(said.rows) == 2 and "… and 3 further runs." in said.out and "Deleted 5 runs" in said.out
    assert left(tmp_path) == []


def test_the_run_of_the_current_directory_is_deleted(runs, week, monkeypatch):
    directory = discovery.find([week])[0]
    monkeypatch.chdir(directory)
    said = runs(".", "--delete", "--yes")
    assert said.code == 0 and not directory.exists()
