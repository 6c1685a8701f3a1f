"""The command `ablate-plan`: it is `ablate -m` with what was asked for beside, and runs nothing."""

import sys

import pytest

from ablation.cli import ablate, ablate_plan
from ablation.cli.invocation import PlanRequest
from ablation.errors import AblateError
from ablation.study import orchestration


@pytest.fixture
def asked(monkeypatch):
    """What `ablate` is asked for, and with which words, by a typed line."""
    calls = []
    monkeypatch.setattr(ablate, "main", lambda request: calls.append((request, sys.argv[1:])) or 1)

    def call(*words: str):
        monkeypatch.setattr("sys.argv", ["ablate-plan", *words])
        assert ablate_plan.plan() == 1  # the code of `ablate`
        return calls.pop()

    return call


@pytest.mark.parametrize(
    ("words", "request_made", "left"),
    [
        (["+study=a"], PlanRequest(False, False, None), ["-m", "+study=a"]),
        (["-m", "+study=a"], PlanRequest(False, False, None), ["-m", "+study=a"]),
        (["+study=a", "--multirun"], PlanRequest(False, False, None), ["+study=a", "--multirun"]),
        (["--list", "+study=a", "study.seeds=3"], PlanRequest(True, False, None), ["-m", "+study=a", "study.seeds=3"]),
        (["+study=a", "--measure", "--detect", "1.5sd"], PlanRequest(False, True, "1.5sd"), ["-m", "+study=a"]),
        (["+study=a", "--config-dir", "x"], PlanRequest(False, False, None), ["-m", "+study=a", "--config-dir", "x"]),
        (["+study=a", "--lis"], PlanRequest(False, False, None), ["-m", "+study=a", "--lis"]),  # Hydra's to refuse
    ],
)
def test_its_own_options_are_taken_and_the_rest_is_handed_on(asked, words, request_made, left):
    assert asked(*words) == (request_made, left)


def test_a_study_is_listed_and_nothing_is_written(in_process, tmp_path):
    done = in_process("+study=quickstart", "--list", command="ablate-plan")
    assert done.returncode == 0 and done.stderr == "" and not list(tmp_path.iterdir())
    assert "Study quickstart" in done.stdout and "baseline" in done.stdout and "Plan " not in done.stdout


def test_what_is_no_study_is_refused_in_its_own_name(in_process):
    done = in_process("seed=1", command="ablate-plan")
    assert done.returncode == 1 and done.stderr.startswith("ablate-plan: ") and "+study=" in done.stderr


def test_its_help_names_its_options(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["ablate-plan", "--help"])
    with pytest.raises(SystemExit) as ended:
        ablate_plan.plan()
    said = capsys.readouterr().out
    assert ended.value.code == 0 and all(
        option in said for option in ("--list", "--measure", "--detect X", "80 % power")
    )


@pytest.mark.parametrize("command", ["ablate", "ablate-plan"])
def test_a_plan_knows_the_words_that_run_its_study(in_process, tmp_path, monkeypatch, command):
    (tmp_path / "my files" / "study").mkdir(parents=True)
    declared = "# @package _global_\nstudy: {baseline: [model=resnet18], components: {norm: [model.norm=none]}}\n"
    (tmp_path / "my files" / "study" / "mine.yaml").write_text(declared)
    (tmp_path / "my files" / "start.yaml").write_text("defaults: [config, _self_]\n")
    kept = []

    def compile_plan(study, composer, words):
        kept.extend(words)
        raise AblateError("enough")

    monkeypatch.setattr(orchestration, "compile_plan", compile_plan)
    options = ["--config-dir", "my files", "-cn", "start"]
    typed = ["+study=mine", "study.seeds=3", "name=my study"]
    assert "enough" in in_process("-m", *typed, *options, command=command).stderr
    assert kept == ["--config-name", "start", "--config-dir", "my files", "-m", *typed]
