"""`ablate-runs … --add-tag`."""

import contextlib
import json

import pytest
from support.fake_runs import read_json

from ablation.cli.runs import tagging
from ablation.rundir import claim, discovery


def tags(outputs):
    return {run.name: read_json(run)["tags"] for run in discovery.find([outputs])}


def test_tags_are_changed_for_the_runs_that_match_and_found_by_them(runs, week):
    said = runs("--where", "network=resnet34", "--add-tag", "paper", "--add-tag", "final", "--remove-tag", "sweep")
    assert (said.code, said.err) == (0, "")
    assert said.out == "Changed the tags of 3 runs (+paper, +final, -sweep).\n"
    assert [value for name, value in tags(week).items() if "resnet34" in name] == [["paper", "final"]] * 3
    assert len(runs("--tag", "paper").rows) == 3 and len(runs("--where", "tag=sweep").rows) == 3
    again = runs("--tag", "paper", "--add-tag", "paper")
    assert (again.code, again.out) == (0, "Changed the tags of 0 runs (+paper). 3 runs needed no change.\n")


def test_runs_that_cannot_be_changed_are_listed_and_the_others_changed(runs, week):
    held = next(run for run in discovery.find([week]) if run.name.startswith("plain34-digits-s0"))
    with claim.claim(week, held.name):
        said = runs("--add-tag", "x")
    assert said.code == 2 and "Changed the tags of 12 runs" in said.out
    assert f"ablate-runs: Not tagged: outputs/{held.name} (it is running)\n" in said.err
    damaged = next(run for run in discovery.find([week]) if "vgg16-digits-s5" in run.name)
    assert "x" in tags(week)[damaged.name]  # its record is whole


def test_a_damaged_record_is_not_tagged(runs, week):
    run = discovery.find([week])[0]
    (run / "run.json").write_text("{}")
    (run / "run.json").write_text(json.dumps({"format": 1, "checksum": "0"}))
    said = runs(run, "--add-tag", "x")
    assert said.code == 2 and "Not tagged" in said.err and "run.json" in said.err


def test_all_running_is_code_75(runs, week):
    chosen = [run for run in discovery.find([week]) if run.name.startswith("plain34")]
    with contextlib.ExitStack() as stack:
        for run in chosen:
            stack.enter_context(claim.claim(week, run.name))
        assert runs(*chosen, "--add-tag", "x").code == 75
    assert tagging.exit_code(2, []) == 0


def test_nothing_that_matches_is_said(runs, week):
    said = runs("--where", "seed=99", "--add-tag", "x")
    assert (said.code, said.out) == (0, "None of 13 runs below outputs (the default PATH) matches.\n")


@pytest.mark.integration
def test_a_study_is_as_confirmatory_as_before(runs, study, capsys, tmp_path):
    from ablation.cli import ablate_compare

    def compared():
        capsys.readouterr()
        code = ablate_compare.main([str(study), "--out", str(tmp_path / "out")])
        table = json.loads((tmp_path / "out" / "table.json").read_text())
        return code, {**table, "paths": None}, capsys.readouterr().out.replace("\n", " ")

    before = compared()
    assert runs("--add-tag", "paper").code == 0
    assert compared() == before
