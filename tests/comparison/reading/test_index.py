"""The index beside the runs: it spares reading, and never tells what the files do not."""

import dataclasses
import json
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from support import mutations

from ablation.comparison.reading import index, load
from ablation.comparison.reading import run as reading_run
from ablation.comparison.reading.facts import RunFacts
from ablation.rundir import files as rundir_files
from ablation.rundir import layout, record

RUNS = 12


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """An index for a few runs, and for what was written just now."""
    monkeypatch.setattr(index, "MIN_RUNS", 3)
    monkeypatch.setattr(index, "SETTLED", -(10**12))


@pytest.fixture
def outputs(tmp_path):
    (tmp_path / "outputs").mkdir()
    for seed in range(RUNS):
        mutations.original(tmp_path / "outputs" / f"run{seed}", seed)
    return tmp_path / "outputs"


@pytest.fixture
def reads(monkeypatch):
    """The runs that were read, by name."""
    read, names = record.read_record, []

    def told(directory):
        names.append(directory.name)
        return read(directory)

    monkeypatch.setattr(record, "read_record", told)
    return names


def files(outputs: Path) -> list[Path]:
    return sorted((outputs / layout.INDEX).iterdir())


def seal(rest: bytes) -> bytes:
    """An index's file of this content, with its checksum."""
    return index.MAGIC + index.checksum(rest) + rest


def parts(content: bytes) -> tuple[dict, bytes]:
    """Head and histories of an index's file."""
    start = len(index.MAGIC) + 16
    length = int.from_bytes(content[start - 8 : start], "little")
    return json.loads(content[start : start + length]), content[start + length :]


def join(head: dict, histories: bytes) -> bytes:
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    return seal(len(text).to_bytes(8, "little") + text + histories)


def test_the_second_look_reads_nothing_and_finds_the_same(outputs, reads):
    first = load.load([outputs])
    assert len(reads) == RUNS and files(outputs)
    reads.clear()
    second = load.load([outputs])
    assert reads == [] and second == first
    assert second.runs[0].history["epoch"].tolist() == list(range(1, 21))


def test_an_index_without_what_is_kept_now_is_read_as_damaged_and_written_anew(outputs, reads):
    expected = load.load([outputs])
    for file in files(outputs):
        head, histories = parts(file.read_bytes())
        at = head["fields"].index("tags")
        del head["fields"][at]
        for row in head["rows"]:
            del row[3][at]
        file.write_bytes(join(head, histories))
    reads.clear()
    assert load.load([outputs]) == expected and len(reads) == RUNS
    reads.clear()
    assert load.load([outputs]) == expected and reads == []
    assert all("tags" in parts(file.read_bytes())[0]["fields"] for file in files(outputs))


def test_tags_are_kept(outputs, reads):
    for seed in range(RUNS):
        made = json.loads((outputs / f"run{seed}" / layout.RECORD).read_text())
        mutations.sign(outputs / f"run{seed}", {**made, "tags": ["a", "\ud800", f"run {seed}"]})
    first = load.load([outputs])
    reads.clear()
    second = load.load([outputs])
    assert reads == [] and second == first
    assert {run.tags for run in second.runs} == {("a", "\ud800", f"run {seed}") for seed in range(RUNS)}


def test_a_new_run_is_the_only_one_that_is_read(outputs, reads):
    load.load([outputs])
    before = {file.name: file.read_bytes() for file in files(outputs)}
    mutations.original(outputs / "new", 99)
    reads.clear()
    assert len(load.load([outputs]).runs) == RUNS + 1 and reads == ["new"]
    changed = [file for file in files(outputs) if before.get(file.name) != file.read_bytes()]
    assert len(changed) == 1
    reads.clear()
    assert len(load.load([outputs]).runs) == RUNS + 1 and reads == []


def test_some_of_the_runs_by_name_leave_the_others_in_the_index(outputs, reads):
    load.load([outputs])
    mutations.original(outputs / "new", 99)
    load.load([outputs / name for name in ("new", "run1", "run2")])
    reads.clear()
    assert len(load.load([outputs]).runs) == RUNS + 1 and reads == []


@pytest.mark.parametrize("name", [layout.RECORD, layout.HISTORY])
@pytest.mark.parametrize("how", ["replaced", "in place", "gone"])
def test_a_change_is_seen_though_size_and_time_are_as_before(outputs, name, how):
    load.load([outputs])
    path = outputs / "run3" / name
    kept, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "gone":
        path.unlink()
    elif how == "replaced":
        rundir_files.replace(path, bytes(content))
    else:
        path.write_bytes(content)
    if how != "gone":
        os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    loaded = load.load([outputs])
    assert len(loaded.runs) == RUNS - 1
    told = [path.name for path, _ in loaded.excluded]
    assert told == ([] if (how, name) == ("gone", layout.RECORD) else ["run3"])


def test_what_changed_a_moment_ago_is_not_kept(outputs, reads, monkeypatch):
    monkeypatch.setattr(index, "SETTLED", 10**12)
    load.load([outputs])
    reads.clear()
    load.load([outputs])
    assert len(reads) == RUNS and not (outputs / layout.INDEX).exists()


def test_few_runs_get_no_index(outputs, monkeypatch):
    monkeypatch.setattr(index, "MIN_RUNS", RUNS + 1)
    load.load([outputs])
    assert not (outputs / layout.INDEX).exists()


def test_a_moved_folder_is_read_anew_or_as_it_is(outputs, tmp_path):
    first = load.load([outputs])
    shutil.copytree(outputs, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "run3")
    copied = load.load([tmp_path / "copy"])
    assert {run.seed for run in copied.runs} == set(range(RUNS)) - {3}
    assert {dataclasses.replace(run, path=None).checksum for run in copied.runs} < {run.checksum for run in first.runs}


@pytest.mark.parametrize("seed", range(4))
def test_damage_costs_the_index_alone(outputs, seed):
    expected, chance = load.load([outputs]), random.Random(seed)
    for _ in range(25):
        path = chance.choice(files(outputs))
        content = path.read_bytes()
        path.write_bytes(chance.choice((mutations.cut, mutations.flip, mutations.drop))(content, chance))
        assert load.load([outputs]) == expected
    assert all(parts(file.read_bytes())[0]["rows"] for file in files(outputs))  # written anew


@pytest.mark.parametrize("kind", ["link", "file", "pipe", "folder link", "sparse", "folder"])
def test_what_lies_in_the_index_s_place_is_left_alone(outputs, kind, tmp_path):
    expected = load.load([outputs])
    place, outside = outputs / layout.INDEX, tmp_path / "outside"
    outside.mkdir()
    file = files(outputs)[0]
    if kind in ("file", "folder link"):
        shutil.rmtree(place)
        place.write_text("mine") if kind == "file" else place.symlink_to(outside)
    elif kind == "sparse":
        os.truncate(file, 2**40)
    else:
        file.unlink()
        {"link": lambda: file.symlink_to(outside / "x"), "pipe": lambda: os.mkfifo(file), "folder": file.mkdir}[kind]()
    for _ in range(2):
        assert load.load([outputs]) == expected
    assert not list(outside.iterdir()) and (kind != "file" or place.read_text() == "mine")


@pytest.mark.integration
def test_what_is_signed_and_no_index_stops_nothing(outputs):
    """Whoever writes a right checksum may lie, and can neither stop the reading nor pass what no record may say."""
    expected, chance = load.load([outputs]), random.Random(5)
    file = max(files(outputs), key=lambda file: len(parts(file.read_bytes())[0]["rows"]))
    head, histories = parts(file.read_bytes())
    fields = {name: i for i, name in enumerate(head["fields"])}
    odd = [*mutations.WRONG, None, -1, 1.5, float("nan"), float("inf"), -float("inf"), 2**62, 10**9]
    for name, value in [(name, value) for name in ("name", "key", "epochs", "shared") for value in odd]:
        told = json.loads(json.dumps(head))
        told["rows"][0][("name", "key", "epochs", "values", "shared").index(name)] = value
        file.write_bytes(join(told, histories))
        assert len(load.load([outputs]).runs) == RUNS, (name, value)
    scores = {"val_accuracy": "final", "best_val_accuracy": "best", "loss": "final", "test_accuracy": "test"}
    for name in (*scores, "seed", "macs", "parameters", "metrics", "tags"):
        for value in odd:
            told = json.loads(json.dumps(head))
            values = told["rows"][0][3]
            if name in scores:
                metric = name.removeprefix("best_").removeprefix("test_")
                values[fields["metrics"]][scores[name]][metric] = value
            else:
                values[fields[name]] = value
            file.write_bytes(join(told, histories))
            usable(load.load([outputs]), expected)
    for _ in range(200):
        told = json.loads(json.dumps(head))
        anything(told, chance)
        file.write_bytes(join(told, chance.choice((histories, histories[:-8], histories + bytes(8), b""))))
        usable(load.load([outputs]), expected)
    for rest in (b"", bytes(8), b"\xff" * 8, (2**63).to_bytes(8, "little"), (2).to_bytes(8, "little") + b"[]"):
        file.write_bytes(seal(rest))
        assert load.load([outputs]) == expected
    file.write_bytes(join(head, np.full(len(histories) // 8, np.nan).tobytes()))
    assert load.load([outputs]) == expected


def test_more_than_fits_into_memory_is_not_believed(outputs, reads, monkeypatch):
    expected, size = load.load([outputs]), sum(file.stat().st_size for file in files(outputs))
    for largest, read in ((size, 0), (size - 1, RUNS)):
        monkeypatch.setattr(index, "MAX_FOLDER_BYTES", largest)
        reads.clear()
        assert load.load([outputs]) == expected and len(reads) == read


def test_what_is_signed_has_facts_of_the_types_that_a_record_has(outputs):
    expected, file = load.load([outputs]), files(outputs)[0]
    head, histories = parts(file.read_bytes())
    told = [json.loads(text) for text in head["texts"]]
    for value in (5, "text", [], None):
        texts = [{**one, "data": value} if isinstance(one, dict) else one for one in told]
        file.write_bytes(join({**head, "texts": list(map(json.dumps, texts))}, histories))
        assert load.load([outputs]) == expected, value


def usable(loaded: load.Loaded, expected: load.Loaded) -> None:
    """All runs are there, each with values that a record may have."""
    assert {run.path for run in loaded.runs + loaded.superseded} <= {run.path for run in expected.runs}
    assert not loaded.excluded
    for run in loaded.runs:
        assert (
            0 <= run.val_accuracy <= 1
            and 0 <= run.best_val_accuracy <= 1
            and abs(run.loss) <= reading_run.LARGEST_NUMBER
        )
        assert all(type(value) is int for value in (run.seed, run.macs, run.parameters, run.attempt))
        assert all(0 <= value <= 1 for value in run.history["val_accuracy"])
        assert all(type(tag) is str for tag in run.tags)
        assert isinstance(run.config, dict) and isinstance(run.facts, RunFacts) and isinstance(run.network, str)


def anything(node, chance: random.Random) -> None:
    """Replace one thing at any depth."""
    while True:
        key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if not isinstance(node[key], dict | list) or not node[key] or chance.random() < 0.2:
            node[key] = chance.choice([*mutations.WRONG, None, -1, 0.5, "[" * 5000, '["a", "b", "c", {}]', "{}"])
            return
        node = node[key]


def test_the_size_of_a_run_is_kept_and_within_the_limits_of_a_record(outputs, reads):
    first = load.load([outputs])
    for run in first.runs:
        assert run.size == sum(file.stat().st_size for file in run.path.iterdir())
    for file in files(outputs):
        head, histories = parts(file.read_bytes())
        for row in head["rows"]:
            row[3][head["fields"].index("size")] = -1
        file.write_bytes(join(head, histories))
    reads.clear()
    assert load.load([outputs]) == first and len(reads) == RUNS
