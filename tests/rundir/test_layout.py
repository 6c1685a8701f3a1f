"""Names of files and folders."""

from pathlib import Path

import pytest

from ablation.rundir import layout


def test_a_run_is_named_readably_in_front_and_uniquely_behind():
    assert layout.run_name("resnet34", "cifar10", 3, "1a2b3c4d5e6f") == "resnet34-cifar10-s3-1a2b3c4d5e"
    assert layout.run_name("vgg16", "my data/../x", 0, "f" * 64) == f"vgg16-my_data_.._x-s0-{'f' * 10}"
    assert len(layout.run_name("vgg16", "x" * 500, 0, "f" * 64)) < 80


def test_attempts_are_in_the_order_of_their_numbers(tmp_path):
    assert layout.attempts(tmp_path, "run") == [tmp_path / "run"]
    for name in ("run", "run.10", "run.2", "run.x", "run2", "other.3"):
        (tmp_path / name).mkdir()
    assert [path.name for path in layout.attempts(tmp_path, "run")] == ["run", "run.2", "run.10"]


def test_the_next_attempt_is_a_directory_that_is_not_there(tmp_path):
    names = []
    for _ in range(3):
        directory = layout.next_attempt(tmp_path, "run")
        directory.mkdir()
        names.append(directory.name)
    assert names == ["run", "run.2", "run.3"]
    assert [layout.attempt_number(tmp_path / name, "run") for name in names] == [1, 2, 3]


@pytest.mark.parametrize("study", ["a", "a/b", "../a", "/etc", "a b;c", "..", "ä"])
def test_the_plan_of_a_study_lies_below_the_outputs(study):
    path = layout.plan_path(Path("/outputs"), study)
    assert path.name == "plan.json" and ".." not in path.parts
    assert path.is_relative_to("/outputs/studies")
