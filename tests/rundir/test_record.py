"""run.json: written with checksums, read as it was written or not at all."""

import hashlib
import json
from dataclasses import replace

import pytest
from support.fake_runs import config, history, read_json, record, write_json

from ablation.rundir import files, layout
from ablation.rundir.files import Foreign, Unreadable
from ablation.rundir.record import RunRecord, read_record, write_record


@pytest.fixture
def values():
    """What a completed run writes."""
    return record(config(), history())


def test_what_is_written_is_read_as_the_same_value(tmp_path, values):
    (tmp_path / layout.LOG).write_text("hello")
    written = RunRecord.from_json(values)
    write_record(tmp_path, written)
    read = read_record(tmp_path)
    digest = hashlib.sha256(b"hello").hexdigest()
    assert read.files == {layout.LOG: {"size": 5, "sha256": digest}} and read.sha256(layout.LOG) == digest
    assert replace(read, files=None, checksum=None) == written
    assert (read.is_final, read.is_exact, read.metrics.value("final", "epoch")) == (True, False, 6)


def test_keys_of_other_versions_are_kept(tmp_path, values):
    write_json(tmp_path, {**values, "novelty": {"a": 1}})
    read = read_record(tmp_path)
    assert read.further == {"novelty": {"a": 1}}
    write_record(tmp_path, read)
    assert read_json(tmp_path)["novelty"] == {"a": 1}


def test_the_smallest_record_and_one_that_has_not_ended(tmp_path):
    write_record(tmp_path, RunRecord("running", fingerprint="f" * 64))
    read = read_record(tmp_path)
    assert (read.attempt, read.network, read.files, read.is_final) == (1, None, None, False)
    assert read.sha256(layout.HISTORY) is None
    assert read_json(tmp_path)["metrics"] == dict.fromkeys(("final", "best", "test", "test_best"))


def test_the_digests_leave_out_the_record_the_checkpoint_and_what_is_being_written(tmp_path):
    for name in (layout.RECORD, layout.CHECKPOINT, f".x{layout.STAGED}", layout.HISTORY):
        (tmp_path / name).touch()
    (tmp_path / layout.HYDRA).mkdir()
    (tmp_path / layout.HYDRA / "config.yaml").touch()
    write_record(tmp_path, RunRecord("completed"))
    assert set(read_record(tmp_path).files) == {layout.HISTORY, f"{layout.HYDRA}/config.yaml"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "done"),
        ("status", None),
        ("seed", 0.5),
        ("seed", True),
        ("fingerprint", 1),
        ("attempt", -1),
        ("config", []),
        ("plugins", "x"),
        ("network", {"name": 1}),
        ("data", []),
        ("metrics", []),
        ("steps", []),
        ("exactness", "yes"),
        ("hardware", 1),
        ("git", "0a1b"),
        ("timings", {"seconds": "1"}),
        ("error", 1),
        ("files", []),
        ("versions", "1"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(tmp_path, values, key, value):
    write_json(tmp_path, values)
    changed = {**read_json(tmp_path), key: value}
    changed["checksum"] = files.record_checksum(changed)
    (tmp_path / layout.RECORD).write_text(json.dumps(changed))
    with pytest.raises(Unreadable, match=f"^run.json has no usable {key}"):
        read_record(tmp_path)


@pytest.mark.parametrize("tags", [None, "word", 3, {"a": "b"}], ids=repr)
def test_tags_are_free_and_refuse_nothing(tmp_path, values, tags):
    write_json(tmp_path, {**values, "tags": tags})
    assert read_record(tmp_path).tags is None
    write_json(tmp_path, {**values, "tags": ["a", 1, None]})
    assert read_record(tmp_path).tags == ["a"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff", "is not JSON"),
        (b'{"format": 2}', "is not of format 1"),
        (b'{"format": 1}', "is not of kind run"),
        (b'{"format": 1, "kind": "run"}', "does not match its checksum"),
    ],
)
def test_another_file_is_refused_with_the_reason(tmp_path, content, reason):
    (tmp_path / layout.RECORD).write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read_record(tmp_path)


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"name": "of another program"}'])
def test_the_record_of_another_program_is_foreign(tmp_path, content):
    (tmp_path / layout.RECORD).write_bytes(content)
    with pytest.raises(Foreign):
        read_record(tmp_path)


def test_any_changed_value_is_noticed(tmp_path, values):
    write_json(tmp_path, values)
    (tmp_path / layout.RECORD).write_text((tmp_path / layout.RECORD).read_text().replace("12.5", "12.4"))
    with pytest.raises(Unreadable, match="checksum"):
        read_record(tmp_path)
    with pytest.raises(Unreadable, match="No such file"):
        read_record(tmp_path / "absent")
