"""All runs as a DataFrame: a row for each, in whatever state, with its metrics and its configuration."""

import json

import pandas as pd
import pytest
from support.fake_runs import config, history, sweep, write

import ablation
from ablation.api import run_frame
from ablation.cli.runs import ablate_runs
from ablation.errors import AblateError

# what `ablate-runs --json` gives under the same name
EQUAL = ("status", "reason", "experiment", "variant", "network", "data", "seed", "name", "fingerprint", "size")


def test_one_row_for_each_run_with_what_the_command_lists(tmp_path, capsys):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9}, seeds=2, **{"model.width": 8})
    write(tmp_path, config("resnet18", name="trial", tags=["a", "b"]), status="failed", error="no memory")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text('{"format": 1}')
    frame = ablation.runs(tmp_path)
    ablate_runs.main([str(tmp_path), "--json"])
    listed = json.loads(capsys.readouterr().out)["runs"]
    assert list(frame["path"]) == [each["path"] for each in listed]
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row, expected in zip(rows, listed, strict=True):
        for name in EQUAL:
            assert row[name] == expected[name], name
        assert list(row["tags"]) == expected["tags"] and list(row["studies"]) == expected["studies"]
        if expected["metrics"]:
            assert row["val_accuracy"] == expected["metrics"]["final"]["val_accuracy"]
            assert row["test_accuracy"] == expected["metrics"]["test"]["accuracy"]
        for key, value in (expected["config"] or {}).items():
            assert row[key] == value
    assert sorted(frame["status"]) == ["completed"] * 4 + ["failed", "unreadable"]
    assert set(frame["model.width"].dropna()) == {8, 64}


def test_columns_have_types_in_every_case(tmp_path):
    run = write(tmp_path, config(), history(epochs=3), **{"timings.started": "2026-11-20T10:00:00+00:00"})
    frame = ablation.runs(str(run))
    (row,) = frame.to_dict("records")
    assert (row["epochs"], row["best_epoch"], row["parameters"], row["macs"]) == (3, 3, 335_114, 1_211_264)
    assert row["started"] == pd.Timestamp("2026-11-20T10:00", tz="UTC") and row["model.repeats"] == [3, 4, 6, 3]
    write(tmp_path / "only", config(), status="failed")
    unfinished = ablation.runs([tmp_path / "only"])
    assert list(unfinished.columns[:31]) == list(frame.columns[:31])
    for name in (*run_frame.METRICS, *run_frame.WHOLE_NUMBERS, *run_frame.TEXTS, "seconds"):
        assert frame[name].dtype == unfinished[name].dtype, name


def test_open_metrics_have_columns_of_their_own(tmp_path):
    write(tmp_path, config(), **{"metrics.final.top5": 0.99, "metrics.calibration": {"error": 0.1}})
    frame = ablation.runs(tmp_path)
    assert frame["top5"].tolist() == [0.99] and frame["calibration_error"].tolist() == [0.1]


def test_paths_without_a_run_are_refused(tmp_path, monkeypatch):
    with pytest.raises(AblateError, match="No run found.*does not exist"):
        ablation.runs(tmp_path / "missing")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AblateError, match="at and below: outputs"):
        ablation.runs()
    sweep(tmp_path / "outputs", {"plain34": 0.5}, seeds=1)
    assert len(ablation.runs()) == 1


def test_folders_that_are_not_searched_are_warned_of(tmp_path, monkeypatch):
    from ablation.rundir import discovery

    sweep(tmp_path, {"plain34": 0.5}, seeds=1)
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    monkeypatch.setattr(discovery, "MAX_DEPTH", 2)
    with pytest.warns(UserWarning, match="Not searched: .*nested more than 2 deep") as caught:
        ablation.runs(tmp_path)
    assert caught[0].filename == __file__
