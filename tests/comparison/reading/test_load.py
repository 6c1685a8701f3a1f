"""Runs found and read: what no run has written stops, slows and changes none of the others."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import mutations
from support.comparisons import compared
from support.fake_runs import config, read_json, sweep, write

from ablation.comparison.analysis import variants
from ablation.comparison.reading import load, parse_record
from ablation.report.tables import terminal
from ablation.report.tables.build import build_table
from ablation.report.tables.records import run_summary
from ablation.rundir import discovery, layout
from ablation.rundir import files as rundir_files


def found(*paths: Path) -> list[variants.Variant]:
    return variants.variants(load.load(paths).runs)


def summaries(found):
    return [run_summary(variant.label, variant.runs) for variant in found]


def leaves(node, path=()):
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    yield path


def test_a_run_cut_anywhere_never_changes_the_others(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    good = summaries(found(tmp_path))
    victim = write(tmp_path, config("resnet50"))
    for name in (layout.RECORD, layout.HISTORY):
        content = (victim / name).read_bytes()
        for end in [*range(0, len(content), 37), len(content) - 1]:
            (victim / name).write_bytes(content[:end])
            loaded = load.load([tmp_path])
            assert summaries(variants.variants(loaded.runs)) == good
            assert [path for path, _ in loaded.excluded] == [victim]
        (victim / name).write_bytes(content)
    assert len(found(tmp_path)) == 3


@pytest.mark.integration
@pytest.mark.parametrize("value", [None, True, -1, 10**30, 0.5, "x", [], {}, [{}]], ids=repr)
def test_a_record_of_wrong_types_is_left_out_or_read_but_never_raises(tmp_path, value):
    write(tmp_path, config("plain34"))
    victim = write(tmp_path, config())
    record = read_json(victim)
    for path in leaves(record):
        if not path or path[0] in ("format", "checksum") or (path[0] == "status" and value is None):
            continue
        changed = copy.deepcopy(record)
        node = changed
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
        (victim / "run.json").write_text(json.dumps({**changed, "checksum": rundir_files.record_checksum(changed)}))
        variants = found(tmp_path)
        assert variants[0].runs[0].network == "plain34" or len(variants) == 2
        terminal.show(build_table(compared(tmp_path)), [])
        assert len({summary.variant for summary in summaries(variants)}) == len(variants)


@pytest.mark.parametrize("kind", ["table", None, 1])
def test_a_record_of_another_kind_is_left_out(tmp_path, kind):
    run = write(tmp_path, config())
    record = read_json(run)
    assert record["kind"] == "run" and len(record["fingerprint"]) == 64
    changed = {**record, "kind": kind}
    (run / "run.json").write_text(json.dumps({**changed, "checksum": rundir_files.record_checksum(changed)}))
    assert load.load([tmp_path]).excluded == [(run, "run.json is not of kind run or command")]


SUPPORT = Path(mutations.__file__).parent


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


@pytest.mark.integration
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
