"""`--threshold`: when arms reach it, of which curve, in which units, and what stands where some runs never do."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.text import Text
from support import curves
from support.comparisons import TEST, row, run
from support.fake_runs import config, history, write

from ablation.cli import ablate_compare
from ablation.comparison.analysis import compare, learning_curves, metrics, time_to_threshold
from ablation.comparison.analysis.comparison import Comparison, Reached
from ablation.comparison.reading import load
from ablation.errors import AblateError
from ablation.report.tables import export, latex, markdown, stale_check
from ablation.report.tables.build import build_table

PER_EPOCH, TRAIN, MACS = 10, 1000, 500


def rising(seed: int, ends: float, facts: bool = True):
    """A run whose validation accuracy rises evenly to its end in ten epochs of two seconds, and whose loss falls."""
    epochs = [float(epoch) for epoch in range(1, 11)]
    columns = {"epoch": epochs, "seconds": [2.0] * 10, "val_accuracy": [ends * e / 10 for e in epochs]}
    columns |= {"loss": [11 - e for e in epochs], "val_loss": [11 - e for e in epochs], "accuracy": [0.5] * 10}
    told = {"steps": {"per_epoch": PER_EPOCH, "total": 100}, "data": {"train": TRAIN}} if facts else {}
    columns = {name: tuple(values) for name, values in columns.items()}
    return run("a", seed, ends, history=columns, facts=told, macs=MACS)


def comparison(*ends: tuple[float, ...]) -> Comparison:
    rows = []
    for i, each in enumerate(ends):
        runs = tuple(rising(seed, end) for seed, end in enumerate(each))
        rows.append(replace(row(f"arm{i}", each), runs=runs))
    return Comparison(TEST, tuple(rows))


def column(made: Comparison) -> tuple[str, tuple[str, ...]]:
    found = build_table(made).variants.column("threshold")
    return found.title, tuple(cell.full_text for cell in found.cells)


def test_a_median_over_all_runs_never_over_those_that_get_there():
    made = comparison((1.0, 0.9, 0.8), (1.0, 1.0, 0.4), (1.0, 0.4, 0.4), (0.4, 0.4), (1.0, 0.4), (0.9, 0.8), ())
    made = time_to_threshold.reach(made, "0.7", "epoch")
    assert column(made) == ("Epochs to 0.7", ("8", "7 (2 of 3)", "– (1 of 3)", "– (0 of 2)", "– (1 of 2)", "8.5", "–"))
    assert made.threshold.reached["arm1"] == Reached(7.0, 2, 3, 0)
    told = build_table(made).variants.caption
    assert "Epochs to 0.7: until validation accuracy rises to it, median over runs; (2 of 3) says how many" in told
    assert "says how many" not in build_table(time_to_threshold.reach(made, "0.1", "epoch")).variants.caption


@pytest.mark.parametrize(
    ("against", "title", "cell"),
    [
        ("epoch", "Epochs to 0.7", "7"),
        ("step", "Steps to 0.7", "70"),
        ("images", "Images to 0.7", "7,000"),
        ("seconds", "Time to 0.7", "14 s"),
        ("macs", "MACs to 0.7", "10.5M"),
    ],
)
def test_in_units_of_the_axis(against, title, cell):
    made = time_to_threshold.reach(comparison((1.0, 1.0)), "0.7", against)
    assert column(made) == (title, (cell,))
    table = build_table(made)
    assert f"| {title} |" in " ".join(markdown.markdown(table).split()) and title in latex.latex(table)


def test_a_run_without_a_place_on_the_axis_is_not_one_that_never_gets_there():
    made = comparison((1.0, 1.0))
    runs = (made.variants[0].runs[0], rising(1, 1.0, facts=False))
    made = time_to_threshold.reach(replace(made, variants=(replace(made.variants[0], runs=runs),)), "0.7", "step")
    assert made.threshold.reached == {"arm0": None} and column(made)[1] == ("–",)
    assert export.frame(build_table(made))[["step_to_threshold", "reached_threshold"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("metric", "curve", "text", "epochs"),
    [
        ("test_accuracy", "val_accuracy", "0.5", 5.0),
        ("val_accuracy", "val_accuracy", "0.5", 5.0),
        ("test_loss", "val_loss", "3.5", 8.0),
        ("val_loss", "val_loss", "3.5", 8.0),
        ("loss", "loss", "3.5", 8.0),
        ("accuracy", "accuracy", "0.5", 1.0),
    ],
)
def test_of_the_curve_that_goes_with_the_metric(metric, curve, text, epochs):
    made = comparison((1.0, 1.0))
    made = replace(made, metric=replace(TEST, key=metric, higher="loss" not in metric))
    reached = time_to_threshold.reach(made, text, "epoch").threshold
    assert (reached.metric, reached.reached["arm0"].median) == (curve, epochs)


def test_what_is_just_reached_is_reached():
    """The accuracy of the fifth epoch, and the loss of the third."""
    made = comparison((1.0,))
    assert time_to_threshold.epochs_to(made, 0.5, "val_accuracy")["arm0"].median == 5
    assert time_to_threshold.epochs_to(made, 8.0, "val_loss")["arm0"].median == 3


@pytest.mark.parametrize("text", ["90", "0", "-0.5", "nan", "inf", "abc", "", "1.01", "\x1b[2J"])
def test_what_no_accuracy_is_is_one_paragraph(text):
    with pytest.raises(AblateError) as refusal:
        time_to_threshold.reach(comparison((1.0,)), text, "epoch")
    said = str(refusal.value)
    assert "Received --threshold" in said and "validation accuracy" in said and "--threshold 0.9" in said
    assert refusal.value.code == 1 and said.isprintable()


def test_what_no_loss_is_and_what_is_no_axis_is_one_paragraph():
    made = replace(comparison((1.0,)), metric=replace(TEST, key="val_loss"))
    assert time_to_threshold.reach(made, "90", "epoch").threshold.value == 90
    with pytest.raises(AblateError, match="a number above 0, for the curve is validation loss"):
        time_to_threshold.reach(made, "-1", "epoch")
    with pytest.raises(AblateError, match="--x-axis step"):
        time_to_threshold.reach(made, "1", "hours")


def test_machine_columns_stand_behind_the_others():
    plain = comparison((1.0, 1.0, 0.4), (0.4,))
    made = time_to_threshold.reach(plain, "0.7", "epoch")
    table = export.frame(build_table(made))
    names = ["threshold_metric", "threshold", "epoch_to_threshold", "reached_threshold"]
    assert list(table.columns) == [*export.frame(build_table(plain)).columns, *names]
    assert list(table["epoch_to_threshold"])[0] == 7.0 and table["epoch_to_threshold"].isna().tolist() == [False, True]
    assert list(table["reached_threshold"]) == [2, 0] and table["reached_threshold"].dtype == "Int64"
    told = json.loads(export.json(build_table(made)))["variants"]
    assert [(r["threshold"], r["epoch_to_threshold"], r["reached_threshold"]) for r in told] == [
        (0.7, 7, 2),
        (0.7, None, 0),
    ]


@pytest.mark.parametrize(
    ("suffix", "write"),
    [(".md", markdown.markdown), (".tex", latex.latex), (".csv", export.csv), (".json", export.json)],
)
def test_a_changed_median_is_stale_unless_it_is_time(tmp_path, suffix, write):
    one = comparison((1.0, 1.0), (0.8, 0.8))
    rows = [
        replace(r, runs=tuple(replace(x, history={**x.history, "seconds": (3.0,) * 10}) for x in r.runs))
        for r in one.variants
    ]
    slower = build_table(time_to_threshold.reach(replace(one, variants=tuple(rows)), "0.7", "seconds"))
    file = tmp_path / f"table{suffix}"
    file.write_text(write(build_table(time_to_threshold.reach(one, "0.7", "seconds"))))
    assert write(slower) != file.read_text() and stale_check.check(slower, file) == []
    epochs = {text: build_table(time_to_threshold.reach(one, text, "epoch")) for text in ("0.7", "0.5")}
    file.write_text(write(epochs["0.7"]))
    assert stale_check.check(epochs["0.7"], file) == []
    assert stale_check.check(epochs["0.5"], file) and stale_check.check(build_table(one), file)


# ---------------------------------------------------------------- figures and the command


@pytest.mark.parametrize("arms_", [2, 40])
def test_a_dashed_line_crosses_the_panel_of_its_curve_alone(arms_):
    made = comparison(*[(1.0, 0.9)] * arms_)
    figure = curves.draw_overlay(time_to_threshold.reach(made, "0.95", "epoch"))
    levels = [
        [line for line in axes.get_lines() if list(line.get_ydata()) == [0.95, 0.95] and line.get_linestyle() == "--"]
        for axes in figure.axes
    ]
    half = len(levels) // 2
    assert not any(levels[:half]) and all(len(lines) == 1 for lines in levels[half:])
    assert "Dashed: the threshold of 0.95." in " ".join(text.get_text() for text in figure.findobj(Text))
    assert not [
        x for axes in curves.draw_overlay(made).axes for x in axes.get_lines() if list(x.get_ydata()) == [0.95] * 2
    ]


def test_a_dashed_line_crosses_each_facet_of_its_curve_alone():
    made = time_to_threshold.reach(comparison(*[(1.0, 0.9)] * 13), "0.95", "epoch")
    crossing = [
        sum(len(lines.get_segments()) for lines in axes.collections if lines.get_linestyle()[0][1])
        for axes in curves.draw_overlay(made).axes
    ]
    assert crossing == [0, 13]


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
    made = compare.compare(load.load([outputs]), metric=metric)
    assert learning_curves.METRICS[curve] in [panel.title for panel in curves.overlay(made).panels]
