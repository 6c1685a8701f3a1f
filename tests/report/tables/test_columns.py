"""Which columns the table has, and what is in their cells."""

import math
from dataclasses import replace

from support.comparisons import TEST, compare, row, run, study
from support.tables import cells, column, markdown, terminal_text

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference, Metric, Reached, Threshold
from ablation.report.tables import columns
from ablation.report.tables.build import build_table


def without_baseline(comparison: Comparison) -> Comparison:
    variants = tuple(replace(variant, result=None, reference=None) for variant in comparison.variants)
    return replace(comparison, baseline=None, variants=variants)


def test_the_cells_of_a_study():
    rows = {cells_of_row[0]: cells_of_row for cells_of_row in cells(study())}
    assert rows["Variant"] == [
        *("Variant", "Also changed", "n", "Test accuracy", "Difference", "Verdict", "Params", "MACs", "Time")
    ]
    assert rows["baseline"][2:6] == ["5", "0.960 ± 0.004", "–", "baseline"]
    assert rows["-shortcut"][4:6] == ["-0.405 ± 0.013", "worse ¹"]
    assert rows["-norm"][1:6] == [
        *(r"train.learning\_rate=0.01", "3 of 5 ²", "0.940 ± 0.023", "-0.020 ± 0.020", "inconclusive")
    ]
    assert rows["-augment"][2:6] == ["2 of 5", "0.905 ± 0.064", "-0.055 ± 0.045", "too few seeds"]
    assert rows["-data"][3:6] == ["0.810 ± 0.025", "–", "not comparable ³"]
    assert rows["-dropout"][2:] == ["0 of 5", "–", "–", "no completed run", "–", "–", "–"]


def test_a_column_without_anything_in_it_is_left_out():
    comparison = compare([row("plain34", [0.5, 0.51, 0.52]), row("resnet34", [0.95, 0.96, 0.97])])
    assert cells(comparison)[0] == [
        *("Variant", "n", "Test accuracy", "Difference", "Verdict", "Params", "MACs", "Time")
    ]
    titles = ["Variant", "n", "Test accuracy", "Train loss", "Params", "MACs", "Time"]
    described = without_baseline(comparison)
    assert cells(described)[0] == titles  # the validation accuracy is the test accuracy here
    assert "Welch" not in markdown(described)


def test_without_a_baseline_other_metrics_stand_beside_the_metric():
    runs = tuple(run("a", seed, 0.9, val_accuracy=0.8 + seed / 100, best_val_accuracy=0.95) for seed in range(3))
    comparison = Comparison(TEST, (replace(row("a", [0.9] * 3), runs=runs), row("b", [0.8, 0.8, 0.8])))
    table = cells(comparison)
    assert table[0][2:6] == ["Test accuracy", "Val last", "Val best", "Train loss"]
    assert table[2][2:6] == ["0.900", "0.810", "0.950", "0.100"]


def test_what_was_removed_has_a_column_where_the_label_does_not_say_it():
    named = compare([row("full", [0.9] * 3), row("small", [0.5, 0.6, 0.7], removed=("norm", "shortcut"))])
    assert cells(named)[3][:2] == ["small", "norm, shortcut"]
    assert "Removed" not in markdown(compare([row("full", [0.9] * 3), row("-norm", [0.5], removed=("norm",))]))


def test_rows_compared_with_another_variant_than_the_baseline_name_it():
    chain = compare([row("a", [0.9, 0.8, 0.7]), row("b", [0.5, 0.6, 0.7]), row("c", [0.1, 0.2, 0.3])])
    chain = replace(chain, variants=(*chain.variants[:2], replace(chain.variants[2], reference="b")))
    assert [cells_of_row[3] for cells_of_row in cells(chain)] == ["Compared with", ":----------------", "", "a", "b"]


def test_the_name_that_a_user_gave_stands_beside_the_label():
    named = compare([row("a", [0.5]), replace(row("b", [0.6]), runs=(run("b", name="first try"),))])
    assert "b (first try)" in markdown(named) and "b (first try)" in terminal_text(named)


def test_a_spread_that_is_not_known_is_not_written():
    comparison = compare([row("a", [0.5]), row("b", [0.5, 0.5, 0.5])])
    assert all("±" not in cell for cells_of_row in cells(comparison) for cell in cells_of_row)


def test_decimals_are_as_many_as_one_image_changes():
    large = Metric("test accuracy", "test_accuracy", "Test accuracy, on 5,000 images.", images=5000)
    comparison = replace(compare([row("a", [0.91234, 0.91236, 0.9124]), row("b", [0.5] * 3)]), metric=large)
    assert cells(comparison)[2][2] == "0.9124 ± 0.0001"
    loss = Metric("loss", "loss", "Training loss.", higher=False)
    comparison = replace(compare([row("a", [210.0, 215.0, 220.0]), row("b", [0.5] * 3)]), metric=loss)
    assert cells(comparison)[2][2] == "215 ± 12"


def test_when_a_threshold_is_reached_has_a_column():
    threshold = Threshold("val_accuracy", 0.9, "epoch", {"a": Reached(4.0, 2, 3, 0), "b": None})
    comparison = Comparison(TEST, tuple(row(label, [0.9, 0.8, 0.7]) for label in "ab"), threshold=threshold)
    found = column(comparison, "threshold")
    assert found.title == "Epochs to 0.9"
    assert [cell.full_text for cell in found.cells] == ["4 (2 of 3)", "–"]
    assert found.cells[0].value == 4 and math.isnan(found.cells[1].value)


def test_the_numbers_that_never_decide_are_supplementary():
    grid = build_table(study()).variants
    extra = {column.key: column for column in grid.columns if column.supplementary}
    assert list(extra) == [
        *("p", "p_adjusted", "p_permutation", "paired", "correlation", "prob_improvement", "hedges_g")
    ]
    row_of = {cell.text: i for i, cell in enumerate(grid.columns[0].cells)}
    result = study().variants[row_of["-shortcut"]].result
    assert extra["p"].cells[row_of["-shortcut"]].value == result.p
    assert extra["paired"].cells[row_of["-shortcut"]].value == result.paired.difference
    assert extra["p"].cells[row_of["baseline"]].full_text == ""


def test_what_is_compared_is_judged():
    assert columns.is_judged(study()) and not columns.is_judged(Comparison(TEST, (row("a", [0.9]),)))
    compared = compare([row("a", [0.9]), row("b", [0.8])])
    assert columns.is_judged(compared) and not columns.is_judged(without_baseline(compared))
    assert columns.is_judged(Comparison(TEST, (row("a", [0.9]),), baseline="a"))
    refused = replace(row("a", [0.9]), comparability=Comparability((Difference("steps", "1", "2"),)))
    assert columns.is_judged(Comparison(TEST, (refused,)))


def test_another_metric_stands_once():
    """Validation accuracy of the last and of the best epoch are equal here, and differ from test accuracy."""
    runs = tuple(run("a", seed, 0.5, val_accuracy=0.6, best_val_accuracy=0.6) for seed in range(2))
    comparison = Comparison(TEST, (replace(row("a", [0.5, 0.5]), runs=runs), row("b", [])))
    last, loss = columns.other_metric_columns(comparison)
    assert (last.key, loss.key) == ("last", "loss")
    assert [(cell.text, cell.value) for cell in last.cells][0] == ("0.600", 0.6) and last.cells[1].text == "–"


def test_each_column_has_a_cell_of_each_variant_and_a_key_of_its_own():
    grid = build_table(study()).variants
    assert {len(column.cells) for column in grid.columns} == {len(study().variants)}
    keys = [column.key for column in grid.columns]
    assert len(set(keys)) == len(keys) and keys[:3] == ["variant", "co_changes", "n"]
