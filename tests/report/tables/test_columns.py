"""Which columns the table has, and what is in their cells."""

import math
from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, diverged, factorial, row, run, sequential, study
from support.finished_studies import CALM, lower
from support.tables import cells, column, markdown, terminal_text

from ablation.comparison.analysis.comparison import (
    Comparability,
    Comparison,
    Difference,
    Metric,
    NumberStyle,
    Reached,
    Threshold,
)
from ablation.report.tables import columns
from ablation.report.tables.build import build_table


def without_baseline(comparison: Comparison) -> Comparison:
    variants = tuple(replace(variant, result=None, reference=None) for variant in comparison.variants)
    return replace(comparison, baseline=None, variants=variants)


def test_the_cells_of_a_study():
    rows = {cells_of_row[0]: cells_of_row for cells_of_row in cells(study())}
    assert rows["Variant"] == [
        *("Variant", "Also changed", "n", "Diverged", "Test accuracy", "Difference", "p", "p, Holm", "Verdict"),
        *("Params", "MACs", "Time", "Paired by seed", "r"),
    ]
    assert rows["baseline"][2:9] == ["5", "0 of 5", "0.960 ± 0.004", "–", "", "", "baseline"]
    assert rows["-shortcut"][5:9] == ["-0.405 ± 0.013", "9e-09", "6e-08", "worse ¹"]
    assert rows["-shortcut"][12:] == ["-0.405 ± 0.018", "-0.93"]
    assert rows["-norm"][1:9] == [
        *(r"train.learning\_rate=0.01", "3 of 5 ²", "2 of 5 (p = 0.444)", "0.940 ± 0.023", "-0.020 ± 0.020", "0.050"),
        *("0.250", "inconclusive"),
    ]
    assert rows["-augment"][2:9] == [
        *("2 of 5", "0 of 2", "0.905 ± 0.064", "-0.055 ± 0.067", "0.061", "", "incomplete (3 of 5 runs missing)")
    ]
    assert rows["-data"][4:9] == ["0.810 ± 0.025", "–", "", "", "not comparable (2 of 5 runs missing) ³"]
    assert rows["-dropout"][2:] == ["0 of 5", "–", "–", "–", "", "", "no completed run", "–", "–", "–", "", ""]


def test_what_diverged_has_its_share_and_a_p_beside_it():
    lost = tuple(diverged("b", seed) for seed in (3, 4, 5))
    trained = [0.99, 0.991, 0.992]
    comparison = compare([row("a", CALM), row("b", trained, diverged=lost), row("c", trained)])
    found = column(comparison, "diverged")
    assert [cell.full_text for cell in found.cells] == ["0 of 5", "3 of 6 (p = 0.182)", "0 of 3"]
    verdict = column(comparison, "verdict").cells[1]
    assert verdict.full_text == "higher where it trained (3 of 6 diverged)"
    assert "diverged" not in [
        each.key for each in build_table(compare([row("a", CALM), row("b", CALM)])).variants.columns
    ]


def test_of_a_sequential_study_the_look_stands_beside_its_p():
    comparison = sequential([row("a", CALM), row("b", lower(0.1)), row("c", CALM[::-1])])
    result = comparison.variant("b").result
    look = column(comparison, "look")
    assert look.title == "Look (level)" and look.cells[1].full_text == f"3 ({result.look.level:.3f})"
    assert column(comparison, "p").cells[1].value == result.look.p and look.cells[0].full_text == ""
    assert "p_adjusted" not in [each.key for each in build_table(comparison).variants.columns]


def test_the_paired_interval_and_r_stand_in_every_table():
    rows = [row("a", CALM), row("b", [0.88, 0.885, 0.879, 0.882, 0.88])]
    for comparison in (compare(rows), sequential(rows)):
        paired = comparison.variants[1].result.paired
        low, high = paired.interval
        assert column(comparison, "paired").cells[1].full_text == f"{paired.difference:+.3f} ± {(high - low) / 2:.3f}"
        assert column(comparison, "correlation").cells[1].full_text == f"{paired.correlation:.2f}"
    once = compare(rows, paired=True)
    assert "paired" not in [each.key for each in build_table(once).variants.columns]
    low, high = once.variants[1].result.paired.interval
    assert column(once, "difference").cells[1].full_text.endswith(f"± {(high - low) / 2:.3f}")
    assert column(once, "correlation").cells[1].full_text == f"{paired.correlation:.2f}"


def test_where_only_effects_are_judged_no_variant_has_a_p():
    keys = {each.key for each in build_table(factorial()).variants.columns}
    assert not keys & {"p", "p_adjusted", "look"}


def test_a_column_without_anything_in_it_is_left_out():
    comparison = compare([row("plain34", [0.5, 0.51, 0.52]), row("resnet34", [0.95, 0.96, 0.97])])
    assert cells(comparison)[0] == [
        *("Variant", "n", "Test accuracy", "Difference", "p", "Verdict", "Params", "MACs", "Time"),
        *("Paired by seed", "r"),
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
    assert list(extra) == [*("p_permutation", "prob_improvement", "hedges_g")]
    row_of = {cell.text: i for i, cell in enumerate(grid.columns[0].cells)}
    result = study().variants[row_of["-shortcut"]].result
    assert extra["p_permutation"].cells[row_of["-shortcut"]].value == result.p_permutation
    assert extra["hedges_g"].cells[row_of["-shortcut"]].value == result.hedges_g
    assert extra["p_permutation"].cells[row_of["baseline"]].full_text == ""


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


def test_of_a_single_comparison_p_is_the_one_of_its_verdict():
    clear = compare([row("a", CALM), row("b", lower(0.1))])
    (column_of_p,) = (each for each in build_table(clear).variants.columns if each.title.startswith("p"))
    assert column_of_p.title == "p" and column_of_p.cells[1].value == clear.variants[1].result.p_holm
    few = compare([row("a", CALM[:2]), row("b", lower(0.1)[:2])])
    assert [each.title for each in build_table(few).variants.columns if each.title.startswith("p")] == ["p"]
    assert "p, Holm" not in terminal_text(clear, 240)
    assert " p  " in terminal_text(clear, 80)  # as p, Holm of several comparisons


def test_a_variant_whose_runs_all_diverged_has_fishers_p():
    lost = tuple(diverged("b", seed) for seed in range(5))
    comparison = compare([row("a", CALM), row("b", [], diverged=lost)])
    assert column(comparison, "diverged").cells[1].full_text == "5 of 5 (p = 0.008)"
    assert column(comparison, "verdict").cells[1].text == "no completed run"


def test_in_percent_accuracies_and_differences_have_their_units_in_the_headings():
    """And a loss beside them stays as it is."""
    comparison = compare([row("a", CALM), row("b", lower(0.1))], metric=replace(TEST, largest=1.0))
    grid = build_table(replace(comparison, numbers=NumberStyle(percent=True))).variants
    found = {each.key: (each.title, each.cells[1].full_text, each.cells[1].value) for each in grid.columns}
    assert found["metric"] == ("Test accuracy (%)", "80.0 ± 0.2", pytest.approx(0.8))
    assert found["difference"][:2] == ("Difference (pp)", "-10.0 ± 0.4")
    assert found["paired"][:2] == ("Paired by seed (pp)", "-10.0 ± 0.5")
    assert found["p_adjusted"][1] == column(comparison, "p_adjusted").cells[1].text
    alone = Comparison(replace(TEST, largest=1.0), (row("a", [0.9]), row("b", [0.8])))
    others = build_table(replace(alone, numbers=NumberStyle(percent=True))).variants
    assert [each.title for each in others.columns][2:4] == ["Test accuracy (%)", "Train loss"]


def test_a_label_that_the_user_chose_needs_no_column_of_removals():
    comparison = compare([row("a", CALM), row("w/o x", CALM, removed=("x",), own_label="-x")])
    assert "removed" not in {each.key for each in build_table(comparison).variants.columns}
