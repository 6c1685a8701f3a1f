"""Runs are deleted whole, with what sweeps wrote about them, and nothing else is touched."""

import os
import shutil
from pathlib import Path

import pytest
from support.fake_runs import config, write

from ablation.errors import AblateError, Busy
from ablation.rundir import claim, discovery, layout
from ablation.rundir.ended_runs import find_ended
from ablation.rundir.housekeeping import deletion
from ablation.rundir.housekeeping.deletion import Deletion
from ablation.rundir.job_status import JobStatus, write_job_status


@pytest.fixture
def outputs(tmp_path):
    for seed in range(3):
        run = write(tmp_path / "outputs", config(seed=seed))
        write_job_status(run.parent, run.name, JobStatus("completed", None, layout.LOG, 1))
        layout.job_log(run.parent, run.name).write_text("log")
        with claim.claim(run.parent, run.name):
            pass
    return tmp_path / "outputs"


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_run_goes_with_its_log_status_and_lock_and_the_others_stay(outputs):
    first, *others = discovery.find([outputs])
    before = everything(outputs)
    Deletion(outputs).delete(first)
    gone = before - everything(outputs)
    assert everything(outputs) < before and all(first.name in path for path in gone)
    assert {f"{first.name}/run.json", f".jobs/{first.name}.json", f".jobs/{first.name}.log"} <= gone
    assert f".claims/{first.name}.lock" in gone
    assert discovery.find([outputs]) == others


def test_the_log_stays_as_long_as_a_rerun_does(outputs):
    first = discovery.find([outputs])[0]
    again = outputs / f"{first.name}.2"
    shutil.copytree(first, again)
    deleting = Deletion(outputs)
    deleting.delete(first)
    assert layout.job_log(outputs, first.name).exists() and again.is_dir()
    deleting.delete(again)
    assert not layout.job_log(outputs, first.name).exists()


def test_a_run_that_is_held_stays(outputs):
    first = discovery.find([outputs])[0]
    with claim.claim(outputs, first.name), pytest.raises(Busy):
        Deletion(outputs).delete(first)
    assert (first / "run.json").exists() and claim.is_claimed(outputs, first.name) is False


def test_links_are_not_followed(outputs, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    first, second, _ = discovery.find([outputs])
    (first / "link").symlink_to(outside)
    (first / "file").symlink_to(outside / "precious")
    Deletion(outputs).delete(first)
    link = outputs / "link-to-run"
    link.symlink_to(second)
    with pytest.raises(AblateError, match="A run is a symbolic link"):
        Deletion(outputs).delete(link)
    assert (outside / "precious").read_text() == "x" and link.is_symlink() and (second / "run.json").exists()


def test_a_run_with_another_run_inside_stays(outputs):
    first, second, _ = discovery.find([outputs])
    shutil.copytree(second, first / "backup")
    with pytest.raises(AblateError, match="contains another run"):
        Deletion(outputs).delete(first)
    assert (first / "backup" / "run.json").exists()


def test_an_interrupted_deletion_is_hidden_and_completed_later(outputs, monkeypatch):
    first, *others = discovery.find([outputs])
    fingerprint = first.name.rpartition("-")[2] + "0" * 54

    def interrupt(path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(deletion.shutil, "rmtree", interrupt)
        Deletion(outputs).delete(first)
    (trash,) = deletion.unfinished(outputs)
    assert trash.name.startswith(".") and (trash / "run.json").exists()
    assert discovery.find([outputs]) == others and not find_ended(outputs, [fingerprint])
    assert discovery.count_beside([outputs], others) == 0
    assert deletion.complete(outputs) == 1 and deletion.unfinished(outputs) == [] and not trash.exists()
    assert deletion.complete(outputs) == 0 and deletion.complete(outputs / "absent") == 0


@pytest.mark.parametrize("name", [".trash", ".0123456789abcdef.trashed", "0123456789abcdef.trash", ".git"])
def test_other_hidden_folders_stay(outputs, name):
    (outputs / name).mkdir()
    (outputs / ".0123456789abcdee.trash").symlink_to(outputs / name)
    (outputs / ".0123456789abcdef.trash").write_text("a file")
    assert deletion.complete(outputs) == 0 and (outputs / name).is_dir()


def test_a_run_that_cannot_be_deleted_whole_is_reported_and_completed_later(outputs):
    first = discovery.find([outputs])[0]
    closed = first / "closed"
    closed.mkdir()
    (closed / "file").write_text("x")
    closed.chmod(0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("root may write anywhere")
    with pytest.raises(OSError):
        Deletion(outputs).delete(first)
    assert not first.exists()
    deletion.unfinished(outputs)[0].joinpath("closed").chmod(0o700)
    assert deletion.complete(outputs) == 1


def test_a_run_elsewhere_leaves_no_folder_of_locks(tmp_path):
    run = write(tmp_path / "backup", config())
    Deletion(run.parent).delete(run)
    assert list((tmp_path / "backup").iterdir()) == []
