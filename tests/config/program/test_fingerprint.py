"""What belongs to a program's run: the command, flags, seed and metric, and the contents of code and data."""

import dataclasses
import os

import pytest

from ablation.config.program import fingerprint
from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.errors import AblateError


@pytest.fixture
def config(tmp_path):
    (tmp_path / "train.py").write_text("print(1)")
    (tmp_path / "src" / "__pycache__").mkdir(parents=True)
    (tmp_path / "src" / "net.py").write_text("x = 1")
    (tmp_path / "src" / "__pycache__" / "net.pyc").write_text("0")
    program = Program(("python", "{args}", "{seed}"), MetricSource("m", file="{dir}/m"), code=("train.py", "src"))
    return ProgramConfig(program, {"lr": 0.1}, str(tmp_path))


def test_what_shapes_a_run_changes_its_content(config):
    program = config.program
    others = [
        dataclasses.replace(config, flags={"lr": 0.2}),
        dataclasses.replace(config, flags={"lr": 0.1, "x": None}),
        dataclasses.replace(config, seed=1),
        dataclasses.replace(config, program=dataclasses.replace(program, command=("python", "{seed}", "{args}"))),
        dataclasses.replace(config, program=dataclasses.replace(program, flags="hydra")),
        dataclasses.replace(config, program=dataclasses.replace(program, cwd="{dir}")),
        dataclasses.replace(config, program=dataclasses.replace(program, code=("train.py",))),
        dataclasses.replace(config, program=dataclasses.replace(program, metric=MetricSource("n", file="{dir}/m"))),
    ]
    contents = [fingerprint.content(each) for each in (config, *others)]
    assert all(contents.count(content) == 1 for content in contents)


def test_scheduling_and_brief_runs_do_not(config, tmp_path):
    same = dataclasses.replace(config, n_jobs=2, outputs="elsewhere", name="x", tags=["y"], max_retries=3)
    brief = dataclasses.replace(config, program=dataclasses.replace(config.program, smoke=("--fast",)))
    assert fingerprint.content(same) == fingerprint.content(config) == fingerprint.content(brief)


def test_code_counts_by_its_contents(config, tmp_path):
    before = fingerprint.content(config)
    os.utime(tmp_path / "train.py", (0, 0))
    (tmp_path / "src" / "__pycache__" / "net.pyc").write_text("1")
    (tmp_path / "src" / ".cache").write_text("1")
    assert fingerprint.content(config) == before
    (tmp_path / "src" / "net.py").write_text("x = 2")
    changed = fingerprint.content(config)
    assert changed["code"]["train.py"] == before["code"]["train.py"] and changed["code"]["src"] != before["code"]["src"]
    (tmp_path / "src" / "net.py").rename(tmp_path / "src" / "model.py")
    assert fingerprint.content(config)["code"]["src"] not in (before["code"]["src"], changed["code"]["src"])


def test_code_that_is_missing_is_named(config):
    lost = dataclasses.replace(config, program=dataclasses.replace(config.program, code=("tain.py",)))
    with pytest.raises(AblateError, match=r"study.code cannot be read .*Received study.code: tain.py. Allowed: .*Type"):
        fingerprint.content(lost)
