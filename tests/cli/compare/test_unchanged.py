"""Experiments of which nothing has changed are not drawn again."""

import json
import os
from pathlib import Path

import pytest
from support.fake_runs import config, history, sweep, write

from ablation.cli import ablate_compare
from ablation.cli.compare import unchanged
from ablation.report.figures import files as figures

pytestmark = pytest.mark.integration  # whole commands


@pytest.fixture
def drawn(monkeypatch):
    """The experiments that were drawn, by the number of their panels' variants."""
    calls = []
    monkeypatch.setattr(figures, "files", lambda plots, **_: calls.append(plots) or {"overlay.png": b"picture"})
    return calls


@pytest.fixture
def compare(tmp_path, capsys, drawn):
    """Compare two experiments; returns how many were drawn."""
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path / "outputs", {"vgg16": 0.5}, **{"train.epochs": 3})

    def run(*words) -> int:
        drawn.clear()
        code = ablate_compare.main([str(tmp_path / "outputs"), "--out", str(tmp_path / "out"), *words])
        assert code == 0, capsys.readouterr().err
        return len(drawn)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_second_time_nothing_is_drawn_and_everything_is_there(tmp_path, compare):
    assert compare() == 2
    first = contents(tmp_path / "out")
    assert compare() == 0 and contents(tmp_path / "out") == first


def test_only_what_has_changed_is_drawn(tmp_path, compare):
    compare()
    write(tmp_path / "outputs", config("vgg16", seed=7, **{"train.epochs": 3}), history(accuracy=0.7))
    assert compare() == 1


@pytest.mark.parametrize("words", ["--percent", "--x-axis step", "--metric val_accuracy", "--no-captions"])
def test_other_options_draw_all(compare, words):
    compare()
    assert compare(*words.split()) == 2


def test_a_file_that_was_deleted_is_written_again(tmp_path, compare):
    compare()
    (tmp_path / "out" / "vgg16-on-digits" / "report.html").unlink()
    assert compare() == 1 and (tmp_path / "out" / "vgg16-on-digits" / "report.html").is_file()


def test_another_program_draws_all(compare, monkeypatch):
    compare()
    monkeypatch.setattr(unchanged, "program_digest", lambda: "other")
    assert compare() == 2


def test_a_record_that_was_touched_is_read_again(tmp_path, compare):
    compare()
    (record, *_) = (tmp_path / "outputs").glob("vgg16*/run.json")
    os.utime(record, (1, 1))
    assert compare() == 1


@pytest.mark.parametrize("odd", [None, 7, "x", [1], {"a": 1}, ["../../x"]])
def test_an_index_that_was_edited_draws_all(tmp_path, compare, odd):
    compare()
    index = tmp_path / "out" / "index.json"
    values = json.loads(index.read_text())
    for experiment in values["experiments"]:
        experiment["files"] = odd
    index.write_text(json.dumps(values))
    assert compare() == 2
