"""`ablate-compare` among directories that no run has written: none stops, slows or changes the others."""

import hashlib
import io
import json
import os
import pickle
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from support import mutations
from support.fake_runs import config, sweep, write, write_json

from ablation.cli import ablate_compare
from ablation.comparison.reading import correct_images, load, parse_record
from ablation.comparison.reading import run as reading_run
from ablation.report.figures import files
from ablation.rundir import discovery, history, layout
from ablation.rundir import files as rundir_files
from ablation.rundir.record import RunRecord

SUPPORT = Path(__file__).resolve().parents[1] / "support"


@pytest.mark.parametrize("seed", range(3))
def test_mutated_directories_among_good_ones(seed, tmp_path):
    told = mutations.compare(120, seed, tmp_path)
    assert told["faults"] == [] and told["good rows unchanged"]
    assert told["listed"] > 80  # most mutations do harm


@pytest.mark.slow
def test_ten_thousand_mutated_directories(tmp_path):
    words = [sys.executable, SUPPORT / "mutations.py", "10000", "7", tmp_path / "place"]
    env = {**os.environ, "PYTHONPATH": str(SUPPORT.parent)}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=env, timeout=3600)
    told = json.loads(done.stdout)
    assert told["faults"] == [] and told["good rows unchanged"]
    assert told["slowest"][0] < 2 and told["memory"] < 500


def test_the_command_lists_each_bad_directory_and_compares_the_rest(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(files, "files", lambda comparison, **_: {})
    mutations.compare(60, 11, tmp_path)
    assert ablate_compare.main([str(tmp_path / "outputs"), "--out", str(tmp_path / "comparison")]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err and "\x1b" not in said.err and "plain34" in said.out
    left_out = [path for path, _ in load.load([tmp_path / "outputs"]).excluded]
    assert left_out and all(path.name in said.err for path in left_out)


def test_cuts_at_every_byte(tmp_path):
    run = mutations.original(tmp_path / "run", 1)
    whole = {name: (run / name).read_bytes() for name in mutations.FILES}
    expected = parse_record.read(run)
    for name, content in whole.items():
        for length in range(0, len(content), 1 if name == layout.HISTORY else 7):
            (run / name).write_bytes(content[:length])
            loaded = load.load([run])
            assert not loaded.runs and [path for path, _ in loaded.excluded] == [run], (name, length)
        (run / name).write_bytes(content)
    assert load.load([run]).runs == [expected]


def test_no_link_is_followed(tmp_path):
    """Neither to a run elsewhere, nor by a file of a run; a path that is a link itself was asked for."""
    (elsewhere,) = sweep(tmp_path / "elsewhere", {"plain34": 0.5}, seeds=1)
    (inside,) = sweep(tmp_path / "outputs", {"resnet34": 0.9}, seeds=1)
    (tmp_path / "outputs" / "linked").symlink_to(elsewhere)
    made = tmp_path / "outputs" / "made"
    made.mkdir()
    (made / layout.RECORD).symlink_to(elsewhere / layout.RECORD)
    loaded = load.load([tmp_path / "outputs"])
    assert [run.path for run in loaded.runs] == [inside]
    assert loaded.excluded == [(made, "run.json is a link, which is not followed")]
    assert [run.network for run in load.load([tmp_path / "outputs" / "linked"]).runs] == ["plain34"]


def test_a_record_that_is_another_run_s_hides_it_from_none(tmp_path):
    (run,) = sweep(tmp_path, {"plain34": 0.5}, seeds=1)
    for name in ("a", "z"):
        (tmp_path / name).mkdir()
        os.link(run / layout.RECORD, tmp_path / name / layout.RECORD)
    loaded = load.load([tmp_path, tmp_path / "a", run])
    assert [found.path for found in loaded.runs] == [run]
    assert [path.name for path, _ in loaded.excluded] == ["a", "z"]


def test_folders_within_folders_end(tmp_path, monkeypatch):
    sweep(tmp_path / "outputs", {"plain34": 0.5}, seeds=1)
    place, here = tmp_path / "outputs" / "deep", os.getcwd()
    place.mkdir()
    try:
        os.chdir(place)
        for _ in range(40):
            os.mkdir("deeper")
            os.chdir("deeper")
    finally:
        os.chdir(here)
    loaded = load.load([tmp_path / "outputs"])
    assert len(loaded.runs) == 1 and [reason for _, reason in loaded.excluded] == [
        "its folders are nested more than 32 deep and were not searched"
    ]
    monkeypatch.setattr(discovery, "MAX_ENTRIES", 10)
    (tmp_path / "many").mkdir()
    for i in range(20):
        (tmp_path / "many" / str(i)).mkdir()
    loaded = load.load([tmp_path / "outputs" / loaded.runs[0].path.name, tmp_path / "many"])
    assert len(loaded.runs) == 1 and "more than 10 entries" in loaded.excluded[0][1]


def test_what_the_user_typed_may_be_anything(tmp_path):
    write(tmp_path, config())
    odd = [Path("\0"), Path("x" * 5000), Path("/dev/null"), Path("/dev/zero"), tmp_path / "absent"]
    loaded = load.load([*odd, tmp_path])
    assert len(loaded.runs) == 1


def test_a_configuration_that_is_deep_is_refused(tmp_path):
    """It would end whatever walks it."""
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    deep = []
    for _ in range(300):
        deep = [deep]
    record["config"]["tags"] = deep  # is in no comparison
    mutations.sign(run, record)
    assert len(load.load([run]).runs) == 1
    record["config"]["model"]["repeats"] = deep
    mutations.sign(run, record)
    assert load.load([run]).excluded == [(run, "run.json is nested deeper than 16")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda record: record["config"]["model"].update({f"k{i}": i for i in range(5000)}), "a config of more"),
        (lambda record: record["config"]["model"].update(activation="x" * 10**6), "a config of more"),
        (lambda record: record["network"].update(name="x" * 10**6), "a config of more"),
        (
            lambda record: record["hardware"].update({f"k{i}": i for i in range(50_000)}),
            "a description of its environment",
        ),
        (lambda record: record["versions"].update(numpy="1" * 10**6), "a description of its environment"),
    ],
    ids=["keys", "value", "network", "facts", "fact"],
)
def test_what_every_row_would_repeat_is_short(tmp_path, change, said):
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    change(record)
    mutations.sign(run, record)
    ((_, reason),) = load.load([run]).excluded
    assert said in reason


def test_a_long_name_is_cut_and_many_classes_are_none_of_a_row_s(tmp_path):
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    record["name"], record["data"]["classes"] = "x" * 10**6, [f"class number {i}" for i in range(20_000)]
    mutations.sign(run, record)
    assert parse_record.read(run).name == "x" * parse_record.LONGEST_NAME


# ---------------------------------------------------------------- which images were right


@pytest.fixture
def right(tmp_path):
    """A run, what it got right, and a function that puts another file in the place and signs the record for it."""
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    chance = np.random.default_rng(0)
    bits = {"val_last": chance.random(360) < 0.9, "test_last": chance.random(360) < 0.8}

    def put(content: bytes) -> reading_run.Run:
        (run / layout.CORRECT).write_bytes(content)
        write_json(run, record)
        return parse_record.read(run)

    return bits, put


def archive(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def bomb() -> bytes:
    """Claims to hold a terabyte."""
    content, header = io.BytesIO(), b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,), }"
    text = header + b" " * (118 - len(header) - 1) + b"\n"
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("val_last.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(45))
    return content.getvalue()


def test_which_images_were_right(right):
    bits, put = right
    run = put(archive(**{name: np.packbits(value) for name, value in bits.items()}, other=np.ones(3)))
    found = correct_images.read(run)
    assert found.keys() == bits.keys() and all((found[name] == bits[name]).all() for name in bits)
    (run.path / layout.CORRECT).write_bytes(archive(val_last=np.zeros(45, np.uint8)))
    with pytest.raises(rundir_files.Unreadable, match="checksum"):
        correct_images.read(run)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4" * 100,
        archive(val_last=np.zeros(44, np.uint8)),
        archive(val_last=np.zeros(45)),
        archive(val_last=np.zeros((5, 9), np.uint8)),
        archive(val_last=np.zeros(10**6, np.uint8)),
        archive(val_last=np.array([{}] * 45, dtype=object)),
        pickle.dumps([0]),
        bomb(),
    ],
    ids=["empty", "zip", "short", "float", "shape", "long", "objects", "pickle", "bomb"],
)
def test_what_is_no_packed_bits_is_refused(right, content):
    _, put = right
    with pytest.raises(rundir_files.Unreadable):
        correct_images.read(put(content))


def test_any_cut_of_which_images_were_right_is_refused(right):
    bits, put = right
    whole = archive(**{name: np.packbits(value) for name, value in bits.items()})
    chance = random.Random(1)
    for change in (mutations.cut, mutations.flip) * 20:
        try:
            found = correct_images.read(put(change(whole, chance)))
        except rundir_files.Unreadable:
            continue
        assert all(len(value) == 360 and value.dtype == bool for value in found.values())


@pytest.mark.parametrize(("more", "known"), [(56, True), (57, False)])
def test_a_history_of_very_many_columns_is_none(tmp_path, more, known):
    """Each would be held in memory as text; 64 are more than any version writes."""
    head = [*layout.HISTORY_COLUMNS, *(f"c{i}" for i in range(more))]
    content = "\n".join([",".join(head), ",".join(["1"] * len(head)), ""]).encode()
    (tmp_path / layout.HISTORY).write_bytes(content)
    digests = {layout.HISTORY: {"sha256": hashlib.sha256(content).hexdigest()}}
    record = RunRecord(status="completed", files=digests)
    if known:
        assert history.read_columns(tmp_path, record).shape == (len(layout.HISTORY_COLUMNS), 1)
    else:
        with pytest.raises(rundir_files.Unreadable, match="not a history"):
            history.read_columns(tmp_path, record)
