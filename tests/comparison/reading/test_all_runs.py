"""Every run directory is listed once, with its status, whatever has become of it."""

import os
import shutil
from datetime import UTC, datetime

import pytest
from support.fake_runs import config, read_json, write, write_json

from ablation.comparison.reading import index, load
from ablation.comparison.reading.all_runs import read_all
from ablation.comparison.reading.conditions import conditions, match_all
from ablation.rundir import claim, job_status, layout
from ablation.rundir.job_status import JobStatus, write_job_status

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def by_name(*paths):
    return {listed.path.name: listed for listed in read_all(paths).runs}


def test_reruns_and_copies_are_listed_too(tmp_path):
    first = write(tmp_path / "outputs", config())
    write(tmp_path / "outputs", config(), attempt=2)
    shutil.copytree(first, tmp_path / "backup" / "copy")
    assert by_name(tmp_path).keys() == {first.name, f"{first.name}.2", "copy"}


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        ("failed", "ValueError: a\n  b", "ValueError: a b"),
        ("failed", "x" * 2000, f"{'x' * 499}…"),
        ("diverged", None, job_status.DIVERGED),
        ("interrupted", None, ""),
        ("completed", None, ""),
    ],
)
def test_status_and_reason(tmp_path, status, error, reason):
    run = write(tmp_path, config(seed=3, name="mine", tags=["a"]), status=status, error=error)
    listed = by_name(tmp_path)[run.name]
    assert (listed.status, listed.reason) == (status, reason)
    assert (listed.seed, listed.name, listed.tags) == (3, "mine", ("a",))
    assert listed.size == sum(file.stat().st_size for file in run.iterdir())


def test_the_reason_of_a_sweep_says_why_a_process_ended(tmp_path):
    killed, late, held = (write(tmp_path, config(seed=seed), status="running") for seed in range(3))
    write_job_status(tmp_path, killed.name, JobStatus("running", None, layout.LOG, 1))
    write_job_status(tmp_path, late.name, JobStatus("interrupted", "it exceeded job_timeout", layout.JOBS, 1))
    with claim.claim(tmp_path, held.name):
        listed = by_name(tmp_path)
    assert (listed[killed.name].status, listed[killed.name].reason) == ("interrupted", job_status.KILLED)
    assert listed[late.name].reason == "it exceeded job_timeout"
    assert (listed[held.name].status, listed[held.name].reason) == ("running", "")


def test_a_run_that_failed_before_it_had_data_is_known_by_its_record(tmp_path):
    run = write(tmp_path, config(seed=4, tags=["a"]), status="failed", error="ImportError", network=None, data=None)
    listed = by_name(tmp_path)[run.name]
    assert (listed.status, listed.reason, listed.seed, listed.tags) == ("failed", "ImportError", 4, ("a",))
    assert listed.run is None and listed.config["model.family"] == "resnet"
    facts = listed.facts("", ["mine"], NOW)
    assert match_all(conditions(["model.family=resnet", "seed=4", "tag=a", "study=mine", "status=failed"]), facts)
    assert not match_all(conditions(["test_accuracy!=0.5"]), facts)


def test_a_run_that_failed_before_it_had_a_directory_is_known_by_its_sweep(tmp_path):
    write(tmp_path / "outputs", config())
    for name, status in (("gone-digits-s0-0123456789", "failed"), ("done", "completed"), ("killed", "running")):
        write_job_status(tmp_path / "outputs", name, JobStatus(status, f"{status} early", layout.JOBS, 1))
    (tmp_path / "outputs" / layout.JOBS / "damaged.json").write_text("{")
    listed = by_name(tmp_path)
    assert len(listed) == 3
    gone = listed["gone-digits-s0-0123456789"]
    assert (gone.status, gone.reason, gone.size) == ("failed", "failed early", 0)
    assert (listed["killed"].status, listed["killed"].reason) == ("interrupted", job_status.KILLED)
    run = next(name for name in listed if name.startswith("resnet34"))
    assert by_name(tmp_path / "outputs" / run).keys() == {run}  # of other runs nobody asked


DAMAGE = {
    "cut": lambda run: (run / "run.json").write_bytes((run / "run.json").read_bytes()[:100]),
    "history": lambda run: (run / "history.csv").write_text("nothing"),
    "another format": lambda run: write_json(run, read_json(run)) or _change(run, b'"format": 1', b'"format": 9'),
    "link": lambda run: (run / "run.json").rename(run / "x") and (run / "run.json").symlink_to(run / "x"),
}


def _change(run, old, new):
    content = (run / "run.json").read_bytes()
    assert old in content
    (run / "run.json").write_bytes(content.replace(old, new))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_run_is_unreadable_and_matches_only_what_is_known_of_it(tmp_path, damage):
    run = write(tmp_path, config())
    DAMAGE[damage](run)
    listed = by_name(tmp_path)[run.name]
    assert listed.status == layout.UNREADABLE and listed.reason and listed.size > 0
    facts = listed.facts("", [], datetime.now(UTC))
    assert match_all(conditions(["status=unreadable", "age<1h", "size>100B"]), facts)
    for word in ("model.width!=8", "seed!=9", "tag!=x", "test_accuracy!=1", "name=null"):
        assert not match_all(conditions([word]), facts), word


def test_what_another_program_wrote_is_passed_over(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text('{"a": 1}')
    assert read_all([tmp_path]).runs == []


def test_folders_that_cannot_be_searched_are_listed_apart(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    if os.access(tmp_path / "closed", os.R_OK):
        pytest.skip("root may read anything")
    found = read_all([tmp_path])
    assert found.runs == [] and [path.name for path, _ in found.refused] == ["closed"]


def test_the_keys_are_those_of_all_configurations(tmp_path):
    write(tmp_path, config())
    write(tmp_path, config(seed=1), status="failed", network=None)
    found = read_all([tmp_path])
    assert {"model.width", "train.learning_rate", "backend"} <= set(found.config_keys())
    assert read_all([tmp_path / "absent"]).config_keys() == []


def test_deleted_runs_leave_the_index(tmp_path, monkeypatch):
    monkeypatch.setattr(index, "MIN_RUNS", 3)
    monkeypatch.setattr(index, "SETTLED", -(10**12))
    runs = [write(tmp_path, config(seed=seed)) for seed in range(6)]
    read_all([tmp_path])

    def indexed() -> bytes:
        folder = tmp_path / layout.INDEX
        return b"".join(file.read_bytes() for file in folder.iterdir())

    assert all(run.name.encode() in indexed() for run in runs)
    for run in runs[:2]:
        shutil.rmtree(run)
    load.forget(runs[:2])
    assert [run.name.encode() in indexed() for run in runs] == [False, False, True, True, True, True]
    read = load.load([tmp_path])
    assert len(read.runs) == 4
    for run in runs[2:]:
        shutil.rmtree(run)
    load.forget(runs[2:])
    assert indexed() == b""
    load.forget([tmp_path / "elsewhere" / "run"])
    assert not (tmp_path / "elsewhere").exists()
