"""`ablate-compare`: what it finds, says, writes and refuses."""

import csv
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from support import curves, fake_runs, mutations
from support.comparisons import compared
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, finish

from ablation.cli import ablate_compare
from ablation.cli.compare import output
from ablation.comparison.analysis import learning_curves, metrics
from ablation.comparison.experiments import grouping
from ablation.comparison.reading import load
from ablation.report.figures import files
from ablation.rundir import claim, discovery

pytestmark = pytest.mark.integration  # whole commands

COLUMNS = (
    "variant,n,val_accuracy_final_mean,val_accuracy_final_std,val_accuracy_best_mean,test_accuracy_mean,"
    "test_accuracy_std,trainable_parameters,macs,seconds_mean,loss_final_mean,name"
)
HEAVY = "{'tensorflow', 'keras', 'jax'}"
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


def test_two_variants_of_three_seeds(tmp_path, compare):
    sweep(tmp_path / "outputs", {"plain34": 0.56, "resnet34": 0.97})
    code, rows, out, err = compare(tmp_path / "outputs")
    assert (code, list(rows), err) == (0, ["plain34", "resnet34"], "")
    assert "resnet34 has the highest test accuracy: 0.960 ± 0.025 (3 seeds), 0.410 above plain34" in out
    assert "Training loss in the last epoch: resnet34 0.030" in out
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


def test_the_order_of_paths_changes_nothing(tmp_path, compare, undrawn):
    runs = sweep(tmp_path / "outputs", {"plain50": 0.5, "resnet50": 0.9, "resnet101": 0.8, "resnet18": 0.7})
    _, rows, out, _ = compare(*runs)
    assert list(rows) == ["plain50", "resnet18", "resnet50", "resnet101"]
    assert compare(*reversed(runs))[1:3] == (rows, out)


def test_what_goes_with_the_family_is_not_in_the_label_but_said(tmp_path, compare, undrawn):
    for model in ("vgg16", "resnet34"):
        write(tmp_path / "outputs", config(model))
    _, rows, out, _ = compare(tmp_path / "outputs")
    assert list(rows) == ["resnet34", "vgg16"]
    assert "variants of another network family also differ in conv_bias, head, norm." in out


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


def test_the_metric_is_validation_accuracy_where_one_run_has_no_test(tmp_path, compare, undrawn):
    sweep(tmp_path / "outputs", {"plain34": 0.5}, seeds=3)
    sweep(tmp_path / "outputs", {"resnet34": 0.9}, seeds=3, data="cats_vs_dogs")
    _, rows, out, _ = compare(tmp_path / "outputs", "--together")
    metric = (
        "Validation accuracy of the last epoch, on 360 to 5,000 images of digits and cats_vs_dogs; not every run has"
    )
    assert f"{metric} a test split." in out
    assert "The variants were not all trained on the same data." in out
    assert "resnet34 data=cats_vs_dogs has the highest validation accuracy: 0.900 ± 0.025 (3 seeds)" in out
    assert rows["resnet34 data=cats_vs_dogs"]["test_accuracy_mean"] == ""


def test_what_is_piped_is_plain_and_unbroken(tmp_path, compare, undrawn, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9})
    out = compare(tmp_path / "outputs")[2]
    assert "\x1b" not in out
    assert [line.split()[:2] for line in out.splitlines() if line.startswith(("plain34 ", "resnet34  "))] == [
        ["plain34", "3"],
        ["resnet34", "3"],
    ]


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


def test_a_torn_run_is_named_by_the_command(tmp_path, compare, undrawn):
    sweep(tmp_path / "outputs", {"resnet34": 0.9})
    torn = write(tmp_path / "outputs", config("plain34"))
    (torn / "run.json").write_bytes((torn / "run.json").read_bytes()[:100])
    code, rows, _, err = compare(tmp_path / "outputs")
    assert (code, list(rows)) == (2, ["resnet34"])
    assert f"{torn} (run.json is not JSON)" in err


def test_the_command_lists_each_bad_directory_and_compares_the_rest(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(files, "files", lambda comparison, **_: {})
    mutations.compare(60, 11, tmp_path)
    assert ablate_compare.main([str(tmp_path / "outputs"), "--out", str(tmp_path / "comparison")]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err and "\x1b" not in said.err and "plain34" in said.out
    left_out = [path for path, _ in load.load([tmp_path / "outputs"]).excluded]
    assert left_out and all(path.name in said.err for path in left_out)


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


def test_a_label_that_begins_as_an_option_does_is_told_how_to_be_typed(capsys):
    with pytest.raises(SystemExit):
        ablate_compare.main(["outputs", "--baseline", "-shortcut"])
    assert "--baseline=-shortcut" in capsys.readouterr().err


def run_command(folder: Path) -> str:
    """The command that ran the study, as its page shows it."""
    (experiment,) = grouping.find(load.load([folder]))
    (line,) = output._run_commands(experiment)
    return line


def test_the_study_s_command_is_told_as_words_of_a_shell(quick, tmp_path):
    plan = finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM, "-init": CALM}, seeds=3)
    study = replace(plan.frozen.study, typed=("model.repeats=[1,1]", "name=$(touch x); y"))
    plan.place.write_text(json.dumps(replace(plan.frozen, study=study).with_hash().to_json()))
    line = run_command(tmp_path)
    assert shlex.split(line) == ["ablate", "-m", "+study=mine", "model.repeats=[1,1]", "name=$(touch x); y"]
    typed = ("--config-dir", "my files", "-m", "+study=mine", "study.seeds=3")
    plan.place.write_text(json.dumps(replace(plan.frozen, command=typed).to_json()))
    line = run_command(tmp_path)
    assert shlex.split(line) == ["ablate", *typed]


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ({"baseline": CALM, "-shortcut": CALM, "-init": CALM}, 0),
        ({"baseline": CALM, "-shortcut": CALM}, 2),
        ({"-shortcut": CALM, "-init": CALM}, 2),
    ],
    ids=["all", "a variant without runs", "a baseline without runs"],
)
def test_a_planned_comparison_without_a_completed_run_on_one_side_is_code_2(quick, tmp_path, undrawn, scores, code):
    """Although nothing is excluded: no run of the cell has begun."""
    finish(quick, tmp_path / "runs", scores)
    assert ablate_compare.main([str(tmp_path / "runs"), "--out", str(tmp_path / "out")]) == code


@pytest.mark.parametrize("word", ["much", "-1", "0", "nan", "inf"])
def test_a_margin_that_is_none_is_one_paragraph(capsys, word):
    with pytest.raises(SystemExit):
        ablate_compare.main(["outputs", f"--margin={word}"])
    said = capsys.readouterr().err
    assert f"received '{word}'" in said and "0.01" in said and "_" not in said


def test_watching_goes_on_where_a_run_goes_away(monkeypatch, tmp_path):
    """Between looking for it and looking at it."""
    monkeypatch.setattr(discovery, "find", lambda paths: [tmp_path / "gone"])
    monkeypatch.setattr(ablate_compare.time, "sleep", lambda seconds: (_ for _ in ()).throw(KeyboardInterrupt))
    looked = []
    with pytest.raises(KeyboardInterrupt):
        ablate_compare.watch([tmp_path], lambda: looked.append(1))
    assert looked


@pytest.mark.parametrize("many", [False, True], ids=["labelled", "legend"])
def test_odd_names_are_shown_as_they_are_and_drawn(tmp_path, compare, many, recwarn):
    odd = ODD if many else ODD[:6]
    for name in odd:
        write(tmp_path, config(**{"model.initializer": name}))
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
        *(f"{name}.{kind}" for name in ("overlay", "means") for kind in ("png", "svg", "pdf")),
        *("report.html", "summary.csv", "table.json", "table.md", "table.tex", "methods.md", "methods.tex"),
        *("captions.md", "mine.png"),
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


@pytest.fixture
def outputs(tmp_path) -> Path:
    for model, accuracy in (("plain34", 0.5), ("resnet34", 0.9)):
        for seed in range(3):
            score = {"loss": 0.1, "accuracy": accuracy - seed / 100}
            write(tmp_path / "outputs", config(model, seed=seed), history(10, accuracy), **{"metrics.test": score})
    return tmp_path / "outputs"


def test_the_command_tells_it_everywhere(outputs, tmp_path, capsys):
    assert ablate_compare.main([str(outputs), "--out", str(tmp_path / "out"), "--threshold", "0.7"]) == 0
    said, out = capsys.readouterr().out, tmp_path / "out"
    reached = next(e + 1 for e, r in enumerate(history(10, 0.9)) if r["val_accuracy"] >= 0.7)
    assert "Epochs to 0.7" in said and "– (0 of 3)" in said
    rows = {r["variant"]: r for r in csv.DictReader((out / "summary.csv").read_text().splitlines())}
    assert (rows["resnet34"]["epoch_to_threshold"], rows["resnet34"]["reached_threshold"]) == (str(reached), "3")
    assert (rows["plain34"]["epoch_to_threshold"], rows["plain34"]["reached_threshold"]) == ("", "0")
    for name in ("table.md", "table.tex", "report.html"):
        assert "Epochs to 0.7" in (out / name).read_text(), name
    assert "Dashed: the threshold of 0.7." in (out / "overlay.svg").read_text()
    assert ablate_compare.main([str(outputs), "--threshold", "0.7", "--check", str(out / "table.md")]) == 0
    assert ablate_compare.main([str(outputs), "--threshold", "0.6", "--check", str(out / "table.md")]) == 2
    assert ablate_compare.main([str(outputs), "--out", str(tmp_path / "none"), "--threshold", "70"]) == 1
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("metric", metrics.METRICS)
def test_a_named_metric_is_what_is_drawn(outputs, tmp_path, metric):
    assert ablate_compare.main([str(outputs), "--out", str(tmp_path), "--metric", metric]) == 0
    drawn, curve = (tmp_path / "overlay.svg").read_text(), learning_curves.validation_column(metric)
    assert {key for key, title in learning_curves.METRICS.items() if f">{title}<" in drawn} == {curve}
    made = compared(outputs, metric=metric)
    assert learning_curves.METRICS[curve] in [panel.title for panel in curves.overlay(made).panels]


STYLE = ("--percent", "--decimals=2", "--rename=plain34=w/o shortcuts", "--caption=Mine.", "--label=tab:mine")
STYLE += ("--columns=metric,difference,verdict", "--sort=effect")


@pytest.fixture
def written_in_style(tmp_path, compare, undrawn):
    """Two variants, compared in a style; returns the folder of the comparison, and what was said."""
    sweep(tmp_path / "outputs", {"plain34": 0.5, "resnet34": 0.9}, seeds=4)
    code, _, said, err = compare(tmp_path / "outputs", "--baseline=resnet34", *STYLE)
    assert (code, err) == (0, "")
    return tmp_path / "comparison", said


def test_the_options_of_a_table_are_seen_everywhere(written_in_style):
    folder, said = written_in_style
    assert said.startswith("Mine.\n\nExploratory: no study planned this comparison. Test accuracy")
    row = r"w/o shortcuts +49\.50 ± 2\.05 +-40\.00 ± 2\.23 +worse"
    assert re.search(row, said) and re.search(r"Variant +Test accuracy \(%\) +Difference \(pp\) +Verdict *\n", said)
    assert "w/o shortcuts is worse: -40.00 pp test accuracy (95 % CI -42.23 to -37.77 pp" in said
    latex = (folder / "table.tex").read_text()
    assert r"\caption{Mine.}" in latex and r"\label{tab:mine}" in latex and r"49.50 $\pm$ 2.05" in latex
    page = (folder / "report.html").read_text()
    assert ">w/o shortcuts<" in page and ">plain34<" not in re.sub("<dd>plain34</dd>", "", page)  # the network's name
    assert "w/o shortcuts" in (folder / "methods.md").read_text()
    rows = csv.DictReader((folder / "summary.csv").read_text().splitlines())
    (renamed,) = [row for row in rows if row["variant"] == "w/o shortcuts"]
    assert float(renamed["mean"]) == pytest.approx(0.495) and renamed["trainable_parameters"]


@pytest.mark.parametrize("name", ["table.md", "table.tex", "table.json", "summary.csv"])
def test_a_table_is_checked_as_it_was_written(written_in_style, tmp_path, compare, name):
    """Without the options, except those of a CSV, which has no place for them."""
    folder, _ = written_in_style
    typed = STYLE if name == "summary.csv" else ()
    assert compare(tmp_path / "outputs", "--baseline=resnet34", f"--check={folder / name}", *typed)[0] == 0
    assert compare(tmp_path / "outputs", "--baseline=plain34", f"--check={folder / name}", *typed)[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--decimals=7"], "Received --decimals 7. Allowed: 0 to 6."),
        (["--columns=nope"], "Unknown column. Received --columns nope. Allowed: each of variant, removed"),
        (["--columns=look"], "Received --columns look, and nothing to show for look. Allowed here: variant, n"),
        (["--sort=size"], "Unknown order. Received --sort size. Allowed: declared and effect."),
        (["--label=a b"], "LaTeX does not take this label. Received --label a b."),
        (["--rename=nope=x"], "Unknown variant or component. Received --rename=nope. Allowed: resnet34."),
        (["--percent", "--metric=val_loss"], "Received --percent with the metric val_loss."),
    ],
)
def test_an_option_that_no_table_can_have_is_one_paragraph_and_writes_nothing(tmp_path, compare, words, said):
    write(tmp_path / "outputs", config())
    code, rows, out, err = compare(tmp_path / "outputs", *words)
    assert (code, rows, out, err.count("\n")) == (1, {}, "", 1) and said in err
    assert not (tmp_path / "comparison").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--decimals=x"], "received 'x', allowed is a whole number, such as 1"),
        (["--rename", "-shortcut=x"], "--rename=-shortcut='no shortcuts'"),
    ],
)
def test_an_option_of_a_table_that_is_mistyped_is_one_paragraph(capsys, words, said):
    with pytest.raises(SystemExit):
        ablate_compare.main(["outputs", *words])
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
