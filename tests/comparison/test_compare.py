"""`ablate-compare`: what it finds, what it calls a variant, what it measures, what it refuses, what it draws."""

import copy
import csv
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import nullcontext
from pathlib import Path

import pytest
from support import fake_runs
from support.fake_runs import config, history, read_json, sweep, write

from ablation import text
from ablation.cli import ablate_compare
from ablation.comparison.analysis import compare as analysis_compare
from ablation.comparison.analysis import variants
from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.reading import load
from ablation.report.figures import files
from ablation.report.tables import terminal
from ablation.report.tables.build import build_table
from ablation.report.tables.records import run_summary
from ablation.report.wording import findings, number_format
from ablation.rundir import claim, layout
from ablation.rundir import files as rundir_files
from ablation.rundir import history as rundir_history
from ablation.rundir import record as rundir_record

COLUMNS = (
    "variant,n,val_accuracy_final_mean,val_accuracy_final_std,val_accuracy_best_mean,test_accuracy_mean,"
    "test_accuracy_std,trainable_parameters,macs,seconds_mean,loss_final_mean,name"
)


@pytest.fixture
def undrawn(monkeypatch):
    """Without the figures, for tests of what is said: they take most of the time."""
    monkeypatch.setattr(files, "files", lambda comparison, **_: {})


@pytest.fixture
def compare(tmp_path, capsys):
    """Run the command; returns its code, the rows of summary.csv by variant, standard output and standard error."""

    def run(*paths, out=tmp_path / "comparison"):
        code = ablate_compare.main([*map(str, paths), "--out", str(out)])
        said = capsys.readouterr()
        file = out / "summary.csv"
        rows = {row["variant"]: row for row in csv.DictReader(file.read_text().splitlines())} if file.is_file() else {}
        return code, rows, said.out, said.err

    return run


def found(*paths: Path) -> list[variants.Variant]:
    return variants.variants(load.load(paths).runs)


def made(*paths: Path, **options) -> Comparison:
    return analysis_compare.compare(load.load(paths), **options)


def names(*paths: Path) -> list[str]:
    return [variant.label for variant in found(*paths)]


# ---------------------------------------------------------------- what it finds


def test_two_variants_of_three_seeds(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.56, "resnet34": 0.97})
    code, rows, out, err = compare(tmp_path / "outputs")
    assert (code, list(rows), err) == (0, ["plain34", "resnet34"], "")
    assert "resnet34 has the highest test accuracy: 0.960 ± 0.025 (3 seeds), 0.410 above plain34" in out
    assert "Training loss agrees: in the last epoch it is lowest for resnet34, 0.030." in out
    assert "Too few seeds" not in out and "no significance test was made" in out
    assert all((tmp_path / "comparison" / f).is_file() for f in ("overlay.png", "overlay.svg", "summary.csv"))


def test_a_run_a_parent_a_file_and_nothing_are_all_paths(tmp_path, compare, undrawn):
    first, second, *_ = sweep(tmp_path / "deep" / "er", {"plain34": 0.5})
    (tmp_path / "note.txt").write_text("not a run")
    (tmp_path / "empty").mkdir()
    paths = [first, first, tmp_path / "deep", tmp_path / "note.txt", tmp_path / "empty", tmp_path / "absent"]
    code, rows, _, err = compare(*paths)
    assert (code, rows["plain34"]["n"], err) == (0, "3", "")
    assert compare(first, second)[1]["plain34"]["n"] == "2"


def test_nothing_found_says_where_it_looked_and_what_to_type(tmp_path, compare):
    (tmp_path / "empty").mkdir()
    code, rows, out, err = compare(tmp_path / "empty", tmp_path / "absent")
    assert (code, rows, out) == (1, {}, "")
    assert err.startswith("ablate-compare: No run found.") and err.count("\n") == 1
    assert f"{tmp_path / 'empty'} and {tmp_path / 'absent'} (does not exist)" in err
    assert "ablate -m model=plain34,resnet34 seed=0,1,2" in err
    assert not (tmp_path / "comparison").exists()


def test_a_copy_counts_once(tmp_path, compare, undrawn):
    first, *_ = sweep(tmp_path / "outputs", {"resnet34": 0.9})
    shutil.copytree(first, tmp_path / "backup" / "again")
    code, rows, out, _ = compare(tmp_path)
    assert (code, rows["resnet34"]["n"]) == (0, "3")
    assert "again" not in out


def test_of_reruns_the_newest_counts_and_the_others_are_listed(tmp_path, compare, undrawn):
    outputs = tmp_path / "outputs"
    old = write(outputs, config(), history(accuracy=0.5))
    middle = write(outputs, config(), history(accuracy=0.6), attempt=9)
    new = write(outputs, config(), history(accuracy=0.7), attempt=10)
    code, rows, out, _ = compare(new, middle, old)
    assert code == 0
    assert (rows["resnet34"]["n"], float(rows["resnet34"]["val_accuracy_final_mean"])) == ("1", pytest.approx(0.7))
    assert f"Using the newest rerun; ignored: {old} and {middle}.\n" in out


def test_an_unfinished_rerun_leaves_the_finished_one(tmp_path, compare, undrawn):
    write(tmp_path / "outputs", config(), history(accuracy=0.5))
    write(tmp_path / "outputs", config(), history(accuracy=0.7), attempt=2, status="interrupted")
    code, rows, _, _ = compare(tmp_path / "outputs")
    assert (code, float(rows["resnet34"]["val_accuracy_final_mean"])) == (2, pytest.approx(0.5))


def test_what_does_not_shape_the_result_makes_no_variant(tmp_path):
    write(tmp_path, config(seed=0, name="first", tags=["a"], threads=2, outputs="here"))
    write(tmp_path, config(seed=1, name="second", threads=4, outputs="there", rerun=True))
    (variant,) = found(tmp_path)
    assert (variant.label, [run.seed for run in variant.runs]) == ("resnet34", [0, 1])


def test_a_key_that_an_older_run_does_not_have_is_at_its_default(tmp_path):
    write(tmp_path, config(seed=0))
    older = fake_runs.record(config(seed=1), history())
    del older["config"]["train"]["clipnorm"], older["config"]["deterministic"]
    write(tmp_path, config(seed=1), config=older["config"])
    assert names(tmp_path) == ["resnet34"]


def test_a_key_that_the_run_did_not_read_makes_no_variant(tmp_path):
    write(tmp_path, config(seed=0))
    left_over = fake_runs.record(config(seed=1, **{"train.lr_milestones": [0.5], "train.lr_gamma": 0.1}), history())
    write(tmp_path, config(seed=1), config=left_over["config"])
    assert names(tmp_path) == ["resnet34"]


def test_a_null_of_an_older_record_stands_for_the_default_of_today(tmp_path):
    """model.head was null in networks that had but one head."""
    write(tmp_path, config(seed=0))
    write(tmp_path, config(seed=1), **{"config.model.head": None})
    assert names(tmp_path) == ["resnet34"]


def test_a_key_that_this_version_does_not_know_tells_variants_apart(tmp_path):
    write(tmp_path, config())
    newer = fake_runs.record(config(), history())
    newer["config"]["train"]["lookahead"] = 5
    write(tmp_path / "newer", config(), config=newer["config"])
    assert names(tmp_path) == ["lookahead=5", "lookahead=null"]


def test_the_order_of_paths_changes_nothing(tmp_path, compare, undrawn):
    runs = sweep(tmp_path / "outputs", {"plain50": 0.5, "resnet50": 0.9, "resnet101": 0.8, "resnet18": 0.7})
    _, rows, out, _ = compare(*runs)
    assert list(rows) == ["plain50", "resnet18", "resnet50", "resnet101"]
    assert compare(*reversed(runs))[1:3] == (rows, out)


# ---------------------------------------------------------------- labels


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ([{}], ["resnet34"]),
        ([{"model": "plain34"}, {}], ["plain34", "resnet34"]),
        ([{"model.width": 16}, {"model.width": 8}], ["width=8", "width=16"]),
        ([{"model.norm": "none"}, {}], ["norm=batch", "norm=none"]),
        ([{"data.limit": 100}, {}], ["limit=100", "limit=null"]),
        ([{"train.lr_milestones": [0.5], "train.schedule": "step"}, {}], ["schedule=cosine", "schedule=step"]),
        ([{"model": "vgg16"}, {"model": "resnet34"}], ["resnet34", "vgg16"]),
        ([{"model": "resnet34"}, {"model": "resnet50"}], ["resnet34", "resnet50"]),
        ([{"model": "resnet_cifar"}, {"model": "shake26"}, {}], ["resnet20", "resnet34", "shake26_2x32d"]),
        ([{"model": "shake26"}, {"model": "shake26", "model.width": 96}], ["shake26_2x32d", "shake26_2x96d"]),
        ([{"data": "cifar10"}, {}], ["data=cifar10", "data=digits"]),
        (
            [{"data": "cifar10", "data.limit": 100}, {}],
            ["data=cifar10 limit=100", "data=digits limit=null"],
        ),
        (
            [{"model": "plain34", "model.width": 8}, {"model": "resnet34", "model.width": 16}],
            ["plain34 width=8", "resnet34 width=16"],
        ),
        (
            [{"model": "plain34", "train.learning_rate": 0.1}, {"train.learning_rate": 0.01}],
            ["plain34 learning_rate=0.1", "resnet34 learning_rate=0.01"],
        ),
        (
            [{"model.shortcut": "identity_pad"}, {}, {"model": "vgg16"}],
            ["resnet34 shortcut=identity_pad", "resnet34 shortcut=projection", "vgg16"],
        ),
        (
            [{"model.repeats": [4, 4, 5, 3]}, {}],
            ["repeats=[3,4,6,3]", "repeats=[4,4,5,3]"],
        ),
        (
            [{"model": "resnet18", "model.repeats": [2, 2, 2, 3]}, {"model": "resnet_cifar"}, {"model": "plain18"}],
            ["plain18 family=resnet", "resnet20 family=resnet", "resnet20 family=resnet_cifar"],
        ),
        ([{"model.stride_in": "first"}, {}], ["stride_in=first", "stride_in=null"]),
    ],
)
def test_a_label_is_what_differs_and_nothing_else(tmp_path, configs, expected):
    for keys in configs:
        write(tmp_path, config(**keys))
    assert names(tmp_path) == expected


def test_runs_that_differ_in_their_images_alone_are_told_apart(tmp_path):
    write(tmp_path / "a", config(), **{"data.digest": "a" * 64})
    write(tmp_path / "b", config(), **{"data.digest": "b" * 64})
    assert names(tmp_path) == ["digest=aaaaaaaa", "digest=bbbbbbbb"]


def test_labels_are_unique_even_where_their_texts_are_not(tmp_path):
    write(tmp_path / "a", config(), **{"config.train.clipnorm": 1})
    write(tmp_path / "b", config(), **{"config.train.clipnorm": "1"})
    write(tmp_path / "c", config(), **{"data.digest": "a" * 64})
    write(tmp_path / "d", config(), **{"data.digest": "a" * 63 + "b"})
    got = names(tmp_path)
    assert len(set(got)) == 4


def test_what_goes_with_the_family_is_not_in_the_label_but_said(tmp_path, compare, undrawn):
    for model in ("vgg16", "resnet34"):
        write(tmp_path / "outputs", config(model))
    _, rows, out, _ = compare(tmp_path / "outputs")
    assert list(rows) == ["resnet34", "vgg16"]
    assert "variants of another network family also differ in conv_bias, head, norm." in out


def test_shortened_labels_are_short_and_unique():
    long = [f"{'x' * 200}{i}{'y' * 200}" for i in range(3)]
    short = text.shorten(["resnet34", *long])
    assert short[0] == "resnet34" and len(set(short)) == 4 and max(map(len, short)) < 50


# ---------------------------------------------------------------- what it measures


def test_summary_csv_has_the_contract_s_columns_and_numbers(tmp_path, compare, undrawn):
    accuracies = [0.5, 0.625, 0.875]
    for seed, accuracy in enumerate(accuracies):
        rows = history(accuracy=accuracy)
        rows[2]["val_accuracy"] = 0.9  # the best epoch is not the last
        write(tmp_path / "outputs", config(seed=seed), rows, **{"timings.seconds": 10.0 + seed})
    _, rows, _, _ = compare(tmp_path / "outputs")
    text = (tmp_path / "comparison" / "summary.csv").read_text()
    assert text.splitlines()[0].startswith(f"{COLUMNS},")
    row = rows["resnet34"]
    tests = [accuracy - 0.01 for accuracy in accuracies]
    expected = {
        "n": 3,
        "val_accuracy_final_mean": statistics.mean(accuracies),
        "val_accuracy_final_std": statistics.stdev(accuracies),
        "val_accuracy_best_mean": 0.9,
        "test_accuracy_mean": statistics.mean(tests),
        "test_accuracy_std": statistics.stdev(tests),
        "trainable_parameters": 335114,
        "macs": 1211264,
        "seconds_mean": 11.0,
        "loss_final_mean": 0.1,
    }
    assert {k: float(row[k]) for k in expected} == pytest.approx(expected)
    assert (row["trainable_parameters"], row["macs"]) == ("335114", "1211264")


def test_one_seed_has_no_deviation(tmp_path, compare, undrawn):
    write(tmp_path / "outputs", config(), history(accuracy=0.9))
    code, rows, out, _ = compare(tmp_path / "outputs")
    assert (code, rows["resnet34"]["val_accuracy_final_std"], rows["resnet34"]["test_accuracy_std"]) == (0, "", "")
    assert "±" not in out and "Too few seeds for a verdict: resnet34 has 1." in out


def test_too_few_seeds_names_the_variants_that_have_too_few(tmp_path, compare, undrawn):
    sweep(tmp_path / "outputs", {"resnet34": 0.9}, seeds=3)
    sweep(tmp_path / "outputs", {"plain34": 0.5}, seeds=2)
    out = compare(tmp_path / "outputs")[2]
    assert "Too few seeds for a verdict: plain34 has 2." in out


def test_the_metric_is_test_accuracy_where_all_have_one(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    metric = made(tmp_path).metric
    assert metric.name == "test accuracy"
    assert metric.caption == "Test accuracy of the last weights, on 360 images."


def test_the_metric_is_validation_accuracy_where_one_run_has_no_test(tmp_path, compare, undrawn):
    sweep(tmp_path / "outputs", {"plain34": 0.5}, seeds=3)
    sweep(tmp_path / "outputs", {"resnet34": 0.9}, seeds=3, data="cats_vs_dogs")
    _, rows, out, _ = compare(tmp_path / "outputs")
    assert "Validation accuracy of the last epoch, on 360 to 5,000 images; not every run has a test split." in out
    assert "The variants were not all trained on the same data." in out
    assert "resnet34 data=cats_vs_dogs has the highest validation accuracy: 0.900 ± 0.025 (3 seeds)" in out
    assert rows["resnet34 data=cats_vs_dogs"]["test_accuracy_mean"] == ""


def test_validation_on_the_test_split_is_said(tmp_path):
    changes = {"metrics.test": None, "selected_on": "test", "data.test": None}
    write(tmp_path, config(**{"data.validation": "test"}), **changes)
    assert "test split's (data.validation=test)" in made(tmp_path).metric.caption


@pytest.mark.parametrize(
    ("accuracies", "losses", "sentence"),
    [
        ((0.8, 0.8), (0.1, 0.2), "plain34 and resnet34 share the highest test accuracy: 0.790 (1 seed)."),
        ((0.8, 0.9), (0.2, 0.1), "Training loss agrees: in the last epoch it is lowest for resnet34, 0.100."),
        ((0.8, 0.9), (0.1, 0.2), "disagrees: in the last epoch it is lowest for plain34, 0.100; resnet34 has 0.200."),
        ((0.8, 0.9), (0.1, 0.1), "does not separate them: in the last epoch it is lowest for resnet34 and plain34,"),
        ((0.9, 0.9001), (0.1, 0.1), "0.0001 above plain34 (0.890)"),
    ],
)
def test_the_sentences_say_what_the_table_shows(tmp_path, accuracies, losses, sentence):
    for model, accuracy, loss in zip(("plain34", "resnet34"), accuracies, losses, strict=True):
        write(tmp_path, config(model), history(accuracy=accuracy, loss=loss))
    assert sentence in " ".join(findings.sentences(made(tmp_path)))


def test_a_lead_within_the_spread_of_seeds_is_called_so(tmp_path):
    sweep(tmp_path, {"plain34": 0.900, "resnet34": 0.901})
    said = findings.sentences(made(tmp_path))
    assert "Its lead over plain34 is smaller than one standard deviation over seeds (SD 0.010)." in said


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (335114, "335k"), (999_900, "1.00M"), (21.3e6, "21.3M"), (3.88e9, "3.88G")],
)
def test_counts_have_three_digits_and_a_unit(number, text):
    assert number_format.count(int(number)) == text


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_table_keeps_to_the_terminal(tmp_path, monkeypatch, width):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    write(tmp_path, config(**{"model.width": 8, "model.activation": "leaky_relu"}))
    screen = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.show(build_table(made(tmp_path)), [])
    lines = screen.getvalue().splitlines()
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines) <= width
    assert "…" not in screen.getvalue() and ("Time" in screen.getvalue()) == (width >= 80)


def test_without_a_baseline_the_best_row_is_bold_and_a_verdict_is_a_word_away(tmp_path, compare, undrawn, monkeypatch):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    screen = type("Terminal", (io.StringIO,), {"isatty": lambda self: True})()
    for name, value in {"COLUMNS": "100", "TERM": "xterm", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", screen)
    terminal.show(build_table(made(tmp_path)), [])
    rows = {line.split("34")[0][-6:]: line for line in screen.getvalue().splitlines() if "0.0" in line and "34" in line}
    assert rows["resnet"].startswith("\x1b[1m") and "\x1b[1m" not in rows[" plain"[1:]]
    assert findings.sentences(made(tmp_path))[-1].endswith("--baseline plain34")
    said = findings.sentences(made(tmp_path, metric="val_loss"))
    assert said[0].startswith("resnet34 has the lowest validation loss: 0.100 (3 seeds), 0.400 below plain34")


def test_what_is_piped_is_plain_and_unbroken(tmp_path, compare, undrawn, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    out = compare(tmp_path / "outputs")[2]
    assert "\x1b" not in out
    assert [line.split()[:2] for line in out.splitlines() if line.startswith(("plain34 ", "resnet34  "))] == [
        ["plain34", "3"],
        ["resnet34", "3"],
    ]


# ---------------------------------------------------------------- what it leaves out


@pytest.mark.parametrize("status", ["running", "interrupted", "failed", "diverged"])
def test_what_did_not_complete_is_named_and_left_out(tmp_path, compare, undrawn, status):
    sweep(tmp_path / "outputs", {"resnet34": 0.9})
    other = write(tmp_path / "outputs", config("plain34"), status=status)
    with claim.claim(other.parent, other.name) if status == "running" else nullcontext():
        code, rows, _, err = compare(tmp_path / "outputs")
    assert (code, rows["resnet34"]["n"]) == (2, "3")
    assert status == "diverged" or list(rows) == ["resnet34"]
    assert err.startswith("ablate-compare: Excluded 1, compared 3:") and err.count("\n") == 1
    assert f"{other} ({status})" in err


def test_a_run_whose_process_is_gone_is_interrupted(tmp_path, compare, undrawn):
    sweep(tmp_path / "outputs", {"resnet34": 0.9})
    other = write(tmp_path / "outputs", config("plain34"), status="running")
    assert f"{other} (interrupted)" in compare(tmp_path / "outputs")[3]


def test_nothing_comparable_left_is_code_1(tmp_path, compare):
    run = write(tmp_path / "outputs", config(), status="failed")
    code, rows, out, err = compare(tmp_path / "outputs")
    assert (code, rows, out) == (1, {}, "")
    assert err.startswith("ablate-compare: Nothing to compare.") and f"{run} (failed)" in err


def summaries(found):
    return [run_summary(variant.label, variant.runs) for variant in found]


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


def test_a_torn_run_is_named_by_the_command(tmp_path, compare, undrawn):
    sweep(tmp_path / "outputs", {"resnet34": 0.9})
    torn = write(tmp_path / "outputs", config("plain34"))
    (torn / "run.json").write_bytes((torn / "run.json").read_bytes()[:100])
    code, rows, _, err = compare(tmp_path / "outputs")
    assert (code, list(rows)) == (2, ["resnet34"])
    assert f"{torn} (run.json is not JSON)" in err


def leaves(node, path=()):
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    yield path


@pytest.mark.parametrize("value", [None, True, -1, 10**30, 0.5, "x", [], {}, [{}]], ids=repr)
def test_a_record_of_wrong_types_is_left_out_or_read_but_never_raises(tmp_path, monkeypatch, value):
    monkeypatch.setattr(os, "fsync", lambda file: None)
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
        terminal.show(build_table(made(tmp_path)), [])
        assert len({summary.variant for summary in summaries(variants)}) == len(variants)


@pytest.mark.parametrize("kind", ["table", None, 1])
def test_a_record_of_another_kind_is_left_out(tmp_path, kind):
    run = write(tmp_path, config())
    record = read_json(run)
    assert record["kind"] == "run" and len(record["fingerprint"]) == 64
    changed = {**record, "kind": kind}
    (run / "run.json").write_text(json.dumps({**changed, "checksum": rundir_files.record_checksum(changed)}))
    assert load.load([tmp_path]).excluded == [(run, "run.json is not of kind run")]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        history()[1:],
        [*history(), history()[-1]],
        [{**row, "loss": float("nan")} for row in history()],
        [{**row, "val_accuracy": 7.0} for row in history()],
    ],
    ids=["empty", "late", "twice", "nan", "beyond 1"],
)
def test_a_history_without_its_epochs_is_left_out(tmp_path, rows):
    run = write(tmp_path, config())
    made = rundir_record.read_record(run)
    rundir_history.write_history(run, rows)
    rundir_record.write_record(run, made)
    ((path, reason),) = load.load([tmp_path]).excluded
    assert path == run and reason.startswith("history.csv")


# ---------------------------------------------------------------- the command itself


@pytest.mark.parametrize("place", ["file", "file/below", "readonly/new"])
def test_a_place_that_cannot_be_written_is_one_paragraph(tmp_path, compare, undrawn, place):
    write(tmp_path / "outputs", config())
    (tmp_path / "file").write_text("")
    (tmp_path / "readonly").mkdir(mode=0o555)
    if place.startswith("readonly") and os.access(tmp_path / "readonly", os.W_OK):
        pytest.skip("root may write anywhere")
    code, _, out, err = compare(tmp_path / "outputs", out=tmp_path / place)
    assert (code, out) == (1, "")
    assert err.startswith("ablate-compare: Cannot write the comparison:") and err.count("\n") == 1
    assert f"Received --out {tmp_path / place}." in err and "Type for example --out" in err


@pytest.mark.parametrize("argv", [[], ["outputs", "--fast"], ["outputs", "--ou", "x"]])
def test_a_mistyped_command_is_one_paragraph(argv, capsys):
    with pytest.raises(SystemExit) as stopped:
        ablate_compare.main(argv)
    err = capsys.readouterr().err
    assert stopped.value.code == 2 and err.startswith("ablate-compare: ") and err.count("\n") == 1


HEAVY = "{'tensorflow', 'keras', 'jax'}"


@pytest.mark.integration
def test_it_imports_no_tensorflow_and_help_nothing_heavy(tmp_path):
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9}, seeds=1)
    program = f"""
import sys
from ablation.cli import ablate_compare
try:
    ablate_compare.main(["--help"])
except SystemExit as stopped:
    assert stopped.code == 0
assert not {{"pandas", "matplotlib", "numpy", "rich"}} & set(sys.modules), "--help imports too much"
assert ablate_compare.main([{str(tmp_path / "outputs")!r}, "--out", {str(tmp_path / "out")!r}]) == 0
assert not {HEAVY} & set(sys.modules), {HEAVY} & set(sys.modules)
"""
    root = str(Path(ablate_compare.__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "PATH" in done.stdout and "--out" in done.stdout


# ---------------------------------------------------------------- names and figures

ODD = [
    "$x^$",
    "_hidden",
    "[red]name[/red]",
    ":smile:",
    "學習 é ✨",
    "a\x1b[2Jb\nc",
    "<b>&amp;",
    "x" * 300,
    "\ud800",
    "--> ]]>",
]


@pytest.mark.parametrize("many", [False, True], ids=["labelled", "legend"])
def test_odd_names_are_shown_as_they_are_and_drawn(tmp_path, compare, many, recwarn):
    odd = ODD if many else ODD[:6]
    for i, name in enumerate(odd):
        write(tmp_path, config(**{"model.width": i + 1}), **{"network.name": name, "data.name": name})
    code, rows, out, err = compare(tmp_path)
    assert (code, len(rows), err) == (0, len(odd), "")
    sentence = next(line for line in out.splitlines() if line.startswith("Too few seeds"))
    assert "\x1b" not in out and all(word in sentence for word in ("[red]name[/red]", ":smile:"))
    svg = (tmp_path / "comparison" / "overlay.svg").read_text()
    drawn = {element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")}
    assert any("$x^$" in text for text in drawn if text) and any("_hidden" in text for text in drawn if text)
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_a_record_of_another_program_is_no_run(compare, tmp_path, undrawn):
    sweep(tmp_path / "outputs", {"plain34": 0.5})
    (tmp_path / "outputs" / "other").mkdir()
    (tmp_path / "outputs" / "other" / "run.json").write_text('{"a": 1}')
    code, rows, _, err = compare(tmp_path / "outputs")
    assert (code, rows["plain34"]["n"], err) == (0, "3", "")


def test_a_record_s_own_path_is_its_run(compare, tmp_path, undrawn):
    runs = sweep(tmp_path / "outputs", {"plain34": 0.5})
    code, rows, _, _ = compare(*(run / "run.json" for run in runs))
    assert (code, rows["plain34"]["n"]) == (0, "3")


def test_a_diverged_run_is_drawn_as_far_as_it_came_and_is_in_no_mean(compare, tmp_path):
    outputs = tmp_path / "outputs"
    sweep(outputs, {"plain34": 0.7, "resnet34": 0.9})
    rows = history(accuracy=0.5)[:3]
    rows[-1]["loss"] = 5e7  # on its way to infinity
    write(outputs, config("plain34", seed=7), rows, status="diverged")
    at_once = outputs / "at_once"
    at_once.mkdir()
    fake_runs.write_json(at_once, fake_runs.record(config("plain34", seed=8), [], status="diverged"))
    code, table, _, err = compare(outputs)
    assert code == 2 and err.count("(diverged)") == 2
    assert table["plain34"]["n"] == "3" and float(table["plain34"]["val_accuracy_final_mean"]) == pytest.approx(0.7)
    drawn = (tmp_path / "comparison" / "overlay.svg").read_text()
    for told in ("plain34 seed 7", "plain34 seed 8", "Cross: a run that diverged; no mean includes it."):
        assert told in drawn


def test_figures_of_an_earlier_comparison_go_and_other_files_stay(tmp_path, compare):
    for seed in range(3):
        write(tmp_path / "outputs", config("plain34", seed=seed))
        write(tmp_path / "outputs", config("resnet34", seed=seed))
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.png").write_bytes(b"mine")
    compare(tmp_path / "outputs", "--baseline", "resnet34", out=out)
    assert (out / "forest.png").exists() and (out / "difference.svg").exists()
    compare(tmp_path / "outputs", out=out)
    assert {path.name for path in out.iterdir()} == {
        *(f"overlay.{kind}" for kind in ("png", "svg", "pdf")),
        *("report.html", "summary.csv", "table.json", "table.md", "table.tex", "mine.png"),
    }


def test_any_column_of_the_history_can_be_drawn(tmp_path, compare):
    write(tmp_path / "outputs", config("plain34"))
    code, *_ = compare(tmp_path / "outputs", "--curve", "learning_rate", out=tmp_path / "out")
    assert code == 0 and ">Learning rate<" in (tmp_path / "out" / "overlay.svg").read_text()


def test_what_to_be_careful_of_is_said_once(tmp_path, compare, undrawn):
    for seed, (plain, residual) in enumerate(zip([0.2, 0.5, 0.8], [0.9, 0.901, 0.899], strict=True)):
        write(tmp_path, config("plain34", seed=seed), history(accuracy=plain))
        write(tmp_path, config("resnet34", seed=seed), history(accuracy=residual))
    _, _, said, _ = compare(tmp_path, "--baseline", "resnet34")
    assert said.count("the standard deviation of plain34 is ") == 1
