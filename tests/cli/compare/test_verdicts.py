"""`ablate-compare --json`: one document on standard output, and nothing else."""

import json

import jsonschema
import pytest
from support.fake_runs import config, history, sweep, write
from support.results_tables import rows
from support.results_tables import write as write_table

from ablation.cli import ablate_compare
from ablation.cli.compare import verdicts
from ablation.report.overview.verdicts_json import schema

assert verdicts.PROGRAM == "ablate-compare"


@pytest.fixture
def document(tmp_path, monkeypatch, capsys):
    """Run the command with --json in an empty folder; returns its exit code, the document and standard error."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words):
        code = ablate_compare.main([*map(str, words), "--json"])
        printed = capsys.readouterr()
        if not printed.out:
            return code, None, printed.err
        made = json.loads(printed.out)
        jsonschema.validate(made, json.loads(schema()))
        return code, made, printed.err

    return run


def test_a_table(tmp_path, document):
    table = write_table(tmp_path / "results.csv", rows())
    code, made, err = document(table, "--baseline", "full", "--detect", "0.01")
    assert (code, err) == (0, "")
    assert [variant["verdict"] for variant in made["experiments"][0]["variants"]] == [None, "inconclusive", "worse"]
    assert made["experiments"][0]["variants"][1]["needed"]["difference"] == 0.01
    assert list((tmp_path / "here").iterdir()) == []  # nothing is written unless --out is typed


def test_own_runs_with_some_excluded(tmp_path, document):
    sweep(tmp_path / "runs", {"plain34": 0.5, "resnet34": 0.9})
    write(tmp_path / "runs", config("plain34", seed=7), history(1), status="failed", error="x")
    code, made, err = document(tmp_path / "runs", "--baseline", "resnet34")
    assert (code, len(made["excluded"])) == (2, 1)
    assert err.startswith("ablate-compare: Excluded 1, compared 6")


def test_several_experiments(tmp_path, document):
    sweep(tmp_path / "a", {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path / "b", {"plain34": 0.5, "vgg16": 0.9}, **{"train.epochs": 3})
    code, made, err = document(tmp_path / "a", tmp_path / "b", "--baseline", "resnet34")
    assert len(made["experiments"]) == 1 and "Left out, because it has no variant resnet34" in err


@pytest.mark.integration
def test_files_are_written_where_out_says(tmp_path, document):
    table = write_table(tmp_path / "results.csv", rows())
    code, made, _ = document(table, "--baseline", "full", "--out", tmp_path / "out")
    assert code == 0 and len(made["experiments"]) == 1
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("words", [["--watch"], ["--demo"], ["--check", "table.md"]])
def test_what_prints_something_else_is_refused(tmp_path, document, words):
    table = write_table(tmp_path / "results.csv", rows())
    code, made, err = document(*([] if words == ["--demo"] else [table]), *words)
    assert (code, made) == (1, None)
    assert f"--json prints one document and nothing else. Received {words[0]} too." in err


def test_errors_leave_standard_output_empty(tmp_path, document):
    code, made, err = document(tmp_path)
    assert (code, made) == (1, None) and "No run found" in err
    code, made, err = document(write_table(tmp_path / "a.csv", rows()), "--baseline", "ful-")
    assert (code, made) == (1, None) and "Unknown variant. Received --baseline=ful-" in err
