"""The runs of a sweep before it starts: composed, located, those that are done set aside."""

from dataclasses import replace

import pytest

from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.rundir import layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import Exactness
from ablation.sweep import grid


def compose(overrides):
    """A config of digits, from `seed=3`, `rerun=true` and `data=gone`."""
    config = Config()
    config = replace(config, outputs=OUTPUTS[0], model=replace(config.model, family="resnet_cifar", depth=8))
    config = replace(config, data=replace(config.data, source="digits", name="digits", image_size=8, channels=1))
    for override in overrides:
        key, value = override.split("=")
        if key == "seed":
            config = replace(config, seed=int(value))
        elif key == "rerun":
            config = replace(config, rerun=value)
        elif key == "data":
            config = replace(config, data=replace(config.data, source="folder", name=value, root=f"/nowhere/{value}"))
        else:
            raise AblateError(f"Unknown key {key}")
    return config


OUTPUTS = [""]


@pytest.fixture(autouse=True)
def outputs(tmp_path):
    OUTPUTS[0] = str(tmp_path)
    return tmp_path


def complete(run):
    run.where.last.mkdir(parents=True, exist_ok=True)
    done = RunRecord("completed", fingerprint=run.where.fingerprint, exactness=Exactness(exact=True))
    rundir_record.write_record(run.where.last, done)


def test_every_combination_is_a_run_and_equal_ones_are_one(capsys):
    runs = grid.cells([["seed=0"], ["seed=1"], ["seed=0"]], compose)
    assert [run.config.seed for run in runs] == [0, 1] and runs[0].overrides == ("seed=0",)
    assert all(run.problem is None for run in runs)
    assert capsys.readouterr().out == "3 combinations give only 2 distinct runs\n"


def test_a_wrong_combination_is_named():
    with pytest.raises(AblateError, match=r"Unknown key typo \(in the run seed=1 typo=1; nothing was started\)"):
        grid.cells([["seed=0"], ["seed=1", "typo=1"]], compose)


def test_a_sweep_needs_a_run_and_the_data_of_one():
    with pytest.raises(AblateError, match="The sweep has no run"):
        grid.cells([], compose)
    with pytest.raises(AblateError, match=r"/nowhere/gone.*nothing was started"):
        grid.cells([["data=gone"]], compose)
    found, missing = grid.cells([["seed=0"], ["data=gone"]], compose)
    assert found.problem is None and missing.problem is not None and "/nowhere/gone" in missing.problem


def test_what_is_done_is_left_out_unless_it_is_asked_for_again():
    runs = grid.cells([["seed=0"], ["seed=1"], ["seed=2", "rerun=true"]], compose)
    complete(runs[0])
    complete(runs[2])
    work = grid.left(runs)
    assert work.todo == runs[1:] and [each.run for each in work.done] == runs[:1]
    assert work.done[0].record.status == "completed"


def test_what_a_killed_process_left_of_a_completed_run_is_deleted():
    (run,) = grid.cells([["seed=0"]], compose)
    complete(run)
    checkpoint = run.where.last / layout.CHECKPOINT
    checkpoint.write_bytes(b"x")
    grid.finalize(grid.left([run]).done)
    assert not checkpoint.exists()


def test_folders_are_made_only_for_what_is_left(outputs):
    runs = grid.cells([["seed=0"]], compose)
    grid.make_folders([])
    assert not (outputs / layout.JOBS).exists()
    grid.make_folders(runs)
    assert list((outputs / layout.JOBS).iterdir()) == []


@pytest.mark.parametrize(
    ("done", "line"),
    [
        (0, "3 runs"),
        (2, "3 runs, 2 of them already done"),
        (3, "3 runs, all already done: nothing left to do"),
    ],
)
def test_the_first_line_says_how_much_there_is_to_do(capsys, done, line):
    runs = grid.cells([["seed=0"], ["seed=1"], ["seed=2"]], compose)
    for run in runs[:done]:
        complete(run)
    grid.announce(grid.left(runs))
    assert capsys.readouterr().out == f"{line}\n"


def test_a_cache_that_does_not_work_is_said_only_where_there_is_something_to_do(capsys, monkeypatch):
    monkeypatch.setattr(grid, "say_caching_problem", lambda: print("no cache"))
    (run,) = grid.cells([["seed=0"]], compose)
    grid.announce(grid.left([run]))
    assert capsys.readouterr().out == "1 run\nno cache\n"
    complete(run)
    grid.announce(grid.left([run]))
    assert "no cache" not in capsys.readouterr().out


def test_a_full_disk_is_warned_of(capsys, monkeypatch, outputs):
    class Usage:
        free = 500_000

    runs = grid.cells([["seed=0"], ["seed=1"]], compose)
    monkeypatch.setattr(grid.shutil, "disk_usage", lambda path: Usage)
    grid.announce(grid.left(runs))
    warning = capsys.readouterr().out.splitlines()[1]
    assert warning == f"Warning: little disk space below {outputs}: ~600 kB needed for records alone, 500 kB free"
