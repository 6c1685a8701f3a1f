"""Where a run lives, and whether it is complete."""

from dataclasses import replace

import pytest
from support.fake_runs import config, history, write

from ablation.config import fingerprint, libraries
from ablation.data.sources import tfds
from ablation.errors import AblateError
from ablation.run import locator, place
from ablation.rundir import layout
from ablation.rundir.record_parts import Exactness
from ablation.runtime import provenance

DATA = {"digest": "0"}


@pytest.fixture
def cfg(tmp_path):
    return replace(config("resnet18"), outputs=str(tmp_path))


def test_a_run_is_named_after_its_fingerprint(cfg, tmp_path):
    where = place.locate(cfg, DATA)
    assert where.fingerprint == fingerprint.fingerprint(cfg, DATA)
    assert where.name == f"resnet18-digits-s0-{where.fingerprint[:10]}" and where.outputs == tmp_path
    assert list(tmp_path.iterdir()) == []
    assert place.locate(replace(cfg, seed=1), DATA) != where != place.locate(cfg, {"digest": "1"})


def test_the_newest_directory_counts(cfg, tmp_path):
    where = place.locate(cfg, DATA)
    assert where.last == tmp_path / where.name
    (tmp_path / f"{where.name}.2").mkdir()
    assert where.last == tmp_path / f"{where.name}.2"


@pytest.mark.parametrize("status", layout.STATUSES)
def test_only_completed_and_diverged_runs_are_final(cfg, tmp_path, status):
    where = place.locate(cfg, DATA)
    assert place.final_record(where) is None
    write(tmp_path, cfg, history(), fingerprint=where.fingerprint, status=status)
    record = place.final_record(where)
    assert (record.status if record else None) == (status if status in ("completed", "diverged") else None)


def test_records_are_told_by_the_place_of_their_run(cfg, tmp_path):
    runs = []
    for seed, status in enumerate(("completed", "failed", "diverged", "completed")):
        each = replace(cfg, seed=seed)
        runs.append(place.locate(each, DATA))
        write(tmp_path, each, history(), fingerprint=runs[-1].fingerprint, status=status)
    assert {number: record.seed for number, record in place.ended_records(runs).items()} == {0: 0, 2: 2, 3: 3}
    assert list(place.completed_records(runs)) == [0, 3]


def test_a_run_is_rerun_where_that_is_asked_for_or_its_code_is_older(cfg, tmp_path):
    where = place.locate(cfg, DATA)
    write(tmp_path, cfg, history(), fingerprint=where.fingerprint)
    assert place.up_to_date(cfg, where) and not place.up_to_date(replace(cfg, rerun="true"), where)
    done = place.final_record(where)
    assert place.asks_rerun(replace(cfg, rerun="stale"), done)
    assert not place.asks_rerun(replace(cfg, rerun="stale"), replace(done, code=provenance.code()))


def test_what_a_killed_run_left_is_deleted(cfg, tmp_path):
    where = place.locate(cfg, DATA)
    directory = write(tmp_path, cfg, history(), fingerprint=where.fingerprint)
    for name in (layout.CHECKPOINT, f".x{layout.STAGED}"):
        (directory / name).touch()
    place.finalize(cfg, where, place.final_record(where))
    assert {path.name for path in directory.iterdir()} == {layout.RECORD, layout.HISTORY}


def test_a_run_that_must_be_exact_and_is_not_is_refused(cfg, tmp_path):
    where, exact = place.locate(cfg, DATA), replace(cfg, exact="required")
    write(tmp_path, cfg, history(), fingerprint=where.fingerprint)
    done = place.final_record(where)
    with pytest.raises(AblateError, match=r"Received exact=required .* Type rerun=true"):
        place.finalize(exact, where, done)
    place.finalize(exact, where, replace(done, exactness=Exactness(exact=True)))


@pytest.mark.parametrize("locate", [place.locate, locator.RunLocator()], ids=["one run", "a sweep"])
def test_a_backend_is_asked_for_before_data_is_downloaded(cfg, tmp_path, monkeypatch, locate):
    missing = replace(cfg, data=replace(cfg.data, source="tfds", name="none_such", dir=str(tmp_path / "tfds")))
    monkeypatch.setattr(libraries, "_is_installed", lambda module: not module.startswith("jax"))
    monkeypatch.setattr(tfds, "download", lambda *arguments: pytest.fail("downloaded"))
    with pytest.raises(AblateError, match="backend=jax needs a library that is not installed"):
        locate(replace(missing, backend="jax"))
