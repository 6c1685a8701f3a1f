"""`--threshold`: when arms reach it, of which curve, in which units, and what stands where some runs never do."""

import json
from dataclasses import replace

import pytest
from matplotlib.text import Text
from support import curves, tables
from support.comparisons import TEST, facts, row, run
from support.fake_runs import history
from support.tables import check

from ablation.comparison.analysis import time_to_threshold
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Reached
from ablation.comparison.reading.run import Run
from ablation.errors import AblateError
from ablation.report.tables import export, latex, markdown
from ablation.report.tables.build import build_table
from ablation.statistics.arm import Arm

PER_EPOCH, TRAIN, MACS = 10, 1000, 500


def rising(seed: int, ends: float, has_facts: bool = True):
    """A run whose validation accuracy rises evenly to its end in ten epochs of two seconds, and whose loss falls."""
    epochs = [float(epoch) for epoch in range(1, 11)]
    columns = {"epoch": epochs, "seconds": [2.0] * 10, "val_accuracy": [ends * e / 10 for e in epochs]}
    columns |= {"loss": [11 - e for e in epochs], "val_loss": [11 - e for e in epochs], "accuracy": [0.5] * 10}
    told = facts({"per_epoch": PER_EPOCH, "total": 100}, train=TRAIN) if has_facts else facts()
    columns = {name: tuple(values) for name, values in columns.items()}
    return run("a", seed, ends, history=columns, facts=told, macs=MACS)


def comparison(*ends: tuple[float, ...]) -> Comparison:
    rows = []
    for i, each in enumerate(ends):
        runs = tuple(rising(seed, end) for seed, end in enumerate(each))
        rows.append(replace(row(f"arm{i}", each), runs=runs))
    return Comparison(TEST, tuple(rows))


def column(made: Comparison) -> tuple[str, tuple[str, ...]]:
    found = tables.column(made, "threshold")
    return found.title, tuple(cell.full_text for cell in found.cells)


def test_a_median_over_all_runs_never_over_those_that_get_there():
    made = comparison((1.0, 0.9, 0.8), (1.0, 1.0, 0.4), (1.0, 0.4, 0.4), (0.4, 0.4), (1.0, 0.4), (0.9, 0.8), ())
    made = time_to_threshold.reach(made, "0.7", "epoch")
    assert column(made) == ("Epochs to 0.7", ("8", "7 (2 of 3)", "– (1 of 3)", "– (0 of 2)", "– (1 of 2)", "8.5", "–"))
    assert made.threshold.reached["arm1"] == Reached(7.0, 2, 3, 0)
    told = build_table(made).variants.caption
    assert "Epochs to 0.7: until validation accuracy rises to it, median over runs; (2 of 3) is the number of" in told
    assert "is the number of" not in build_table(time_to_threshold.reach(made, "0.1", "epoch")).variants.caption


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
    runs = (made.variants[0].runs[0], rising(1, 1.0, has_facts=False))
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
    with pytest.raises(AblateError, match="a number above 0, because the curve is validation loss"):
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
    assert write(slower) != file.read_text() and check(slower, file) == []
    epochs = {text: build_table(time_to_threshold.reach(one, text, "epoch")) for text in ("0.7", "0.5")}
    file.write_text(write(epochs["0.7"]))
    assert check(epochs["0.7"], file) == []
    assert check(epochs["0.5"], file) and check(build_table(one), file)


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


def test_epochs_to_a_threshold_count_who_never_gets_there_as_latest():
    def rising(seed: int, ends: float) -> Run:
        return curves.run(seed=seed, rows=[{**row, "val_accuracy": ends * row["epoch"] / 6} for row in history(6)])

    runs = tuple(rising(s, ends) for s, ends in enumerate((0.6, 0.6, 0.3)))
    row = ComparedVariant("a", runs, Arm("a", {}), diverged=(curves.diverged("a", 9, []),))
    shown = curves.comparison(row, baseline=False)
    assert time_to_threshold.epochs_to(shown, 0.39) == {"a": Reached(4.0, 2, 3, 1)}
    assert time_to_threshold.epochs_to(shown, 0.55)["a"] == Reached(6.0, 2, 3, 1)
    assert time_to_threshold.epochs_to(shown, 0.7)["a"] == Reached(None, 0, 3, 1)
    assert time_to_threshold.epochs_to(shown, 0.19)["a"].median == 2.0
    few = curves.comparison(replace(row, runs=runs[1:]), baseline=False)
    assert time_to_threshold.epochs_to(few, 0.39)["a"] == Reached(None, 1, 2, 1)  # between a number and never
    assert time_to_threshold.epochs_to(shown, 1.0, "loss")["a"].reached == 3  # a loss falls to it
    assert time_to_threshold.epochs_to(shown, 0.39, "val_accuracy", "step")["a"].median == 4 * 17
