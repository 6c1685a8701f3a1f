"""The bundled records of a study."""

import re

from support.fake_runs import config, write
from support.finished_studies import CALM, finish, lower

from ablation.comparison.reading.load import load
from ablation.demo import records
from ablation.rundir import layout, study_plan


def test_what_is_packed_is_unpacked_again(quick, tmp_path, monkeypatch):
    finish(quick, tmp_path / "a", {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    content = records.pack(tmp_path / "a")
    assert content == records.pack(tmp_path / "a")
    (tmp_path / "archive.tar.xz").write_bytes(content)
    monkeypatch.setattr(records, "ARCHIVE", tmp_path / "archive.tar.xz")
    records.unpack(tmp_path / "b")
    records.unpack(tmp_path / "b")
    first, second = load([tmp_path / "a"]), load([tmp_path / "b"])
    assert [run.checksum for run in first.runs] == [run.checksum for run in second.runs] and not second.excluded
    assert study_plan.read_plan(layout.plan_path(tmp_path / "b", "mine")) is not None


def test_the_bundled_study_is_complete_and_holds_no_path_of_a_machine(tmp_path):
    records.unpack(tmp_path)
    plan = study_plan.read_plan(layout.plan_path(tmp_path, records.STUDY))
    assert plan is not None and {run.fingerprint for run in load([tmp_path]).runs} == plan.fingerprints()
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {"run.json", "history.csv", "plan.json"}
    for path in tmp_path.rglob("*.json"):
        assert not re.search(rb'"/|/home/|/root/|/work/|/tmp/', path.read_bytes()), path
    assert records.ARCHIVE.stat().st_size < 100_000


def test_runs_and_plans_that_are_not_packed_are_noticed(quick, tmp_path, monkeypatch):
    finish(quick, tmp_path / "a", {"baseline": CALM})
    (tmp_path / "archive.tar.xz").write_bytes(records.pack(tmp_path / "a"))
    monkeypatch.setattr(records, "ARCHIVE", tmp_path / "archive.tar.xz")
    assert not records.has_other_runs(tmp_path / "b")
    records.unpack(tmp_path / "b")
    assert not records.has_other_runs(tmp_path / "b")
    finish(quick, tmp_path / "c", {}, seeds=3)  # a plan of the same name, without a run
    assert records.has_other_runs(tmp_path / "c")
    write(tmp_path / "b", config("vgg16"))
    assert records.has_other_runs(tmp_path / "b")
