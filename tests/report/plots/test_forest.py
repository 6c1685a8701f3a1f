"""The forest plot's data: which differences, in which order, from what, and with which intervals."""

from dataclasses import replace
from math import isnan

import pytest
from support.curves import comparison, diverged, forest, several, variant, with_metric

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.plots import forest as plots_forest
from ablation.report.plots.build import plot_data
from ablation.report.plots.forest_data import ALONE, BONFERRONI, EQUIVALENCE, ForestRow
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import INCOMPLETE, PairResult


def result_of(made: Comparison, row: ForestRow) -> PairResult:
    result = made.variants[row.place].result
    assert result is not None
    return result


def test_a_row_is_a_variants_result():
    made = comparison(variant("a"), variant("gone", 0), variant("b", 3, 0.6), margin=0.02)
    plot = forest(made)
    (row,) = plot.rows
    result = made.variants[2].result
    assert result is not None
    assert (row.place, row.name, row.difference, row.outcome) == (2, "b", result.difference, result.verdict)
    assert (plot.reference, plot.margin, plot.left, plot.right) == ("a", 0.02, "worse", "better")
    assert plot.label("a") == "Difference in test accuracy: variant − a"


def test_where_less_is_better_the_sides_change():
    plot = forest(with_metric(several(2), "val_loss"))
    assert (plot.left, plot.right) == ("better", "worse")


def test_variants_with_different_references_are_named_with_them():
    made = comparison(variant("a"), variant("b", accuracy=0.7), variant("c", accuracy=0.6))
    first, second, third = made.variants
    assert second.result is not None and third.result is not None
    third = replace(third, result=replace(third.result, pair=replace(third.result.pair, reference=second.arm)))
    plot = forest(replace(made, variants=(first, second, third)))
    assert [row.name for row in plot.rows] == ["b − a", "c − b"] and plot.reference == "its reference"


def test_of_very_many_differences_the_largest_are_shown_in_their_order():
    plot = forest(several(plots_forest.MAX_ROWS + 11, 3))
    assert [row.name for row in plot.rows] == [f"arm{i}" for i in range(11, 71)]
    assert f"Only the {plots_forest.MAX_ROWS} largest of 70 differences are shown." in plot.notes


def test_without_a_difference_there_is_no_forest():
    assert plot_data(several(1)).forest is None


def test_beside_a_verdict_stands_the_interval_of_all_comparisons():
    made = comparison(variant("a", 5), variant("b", 5, 0.3), variant("c", 5, 0.801))
    plot = forest(made)
    for row in plot.rows:
        assert (row.thick, row.thin) == (result_of(made, row).simultaneous, result_of(made, row).interval)
        assert row.thick.low < row.thin.low < row.thin.high < row.thick.high
        assert (row.interval, row.kind, plot.remark(row)) == (row.thick, BONFERRONI, "")
    assert plot.kind == BONFERRONI


def test_of_one_comparison_there_is_one_interval():
    made = comparison(variant("a", 5), variant("b", 5, 0.3))
    plot = forest(made)
    (row,) = plot.rows
    assert row.thick == pytest.approx(result_of(made, row).interval) and isnan(row.thin.low) and plot.kind == ALONE


def test_an_equivalent_variant_has_the_interval_of_its_test():
    made = comparison(variant("a", 5, 0.8), variant("b", 5, 0.3), variant("same", 5, 0.8005), margin=0.1)
    plot = forest(made)
    worse, same = plot.rows
    assert same.thick == result_of(made, same).equivalence_interval and isnan(same.thin.low)
    assert same.drawn == [same.thick] and same.kind == EQUIVALENCE
    assert (plot.kind, plot.remark(worse), plot.remark(same)) == (BONFERRONI, "", "90 %")
    first, second, third = made.variants
    assert third.result is not None
    incomplete = replace(third, result=replace(third.result, verdict=INCOMPLETE))
    row = forest(replace(made, variants=(first, second, incomplete))).rows[1]
    assert row.thick == result_of(made, row).simultaneous and row.verdict == "incomplete"
    only = forest(comparison(variant("a", 5, 0.8), variant("same", 5, 0.8005), margin=0.1))
    assert only.kind == EQUIVALENCE and only.remark(only.rows[0]) == ""


def test_too_few_seeds_have_only_the_interval_of_their_own():
    made = comparison(variant("a", 5), variant("b", 5, 0.3), variant("c", 2, 0.6))
    plot = forest(made)
    few = plot.rows[1]
    assert isnan(few.thick.low) and few.interval == few.thin == result_of(made, few).interval
    assert plot.remark(few) == "alone"


def test_a_cell_without_a_verdict_has_a_single_interval():
    made = comparison(variant("a", 5), variant("b", 5, 0.3), variant("c", 5, 0.6))
    variants = tuple(replace(one, result=one.result and replace(one.result, verdict="")) for one in made.variants)
    for row in forest(replace(made, variants=variants)).rows:
        assert row.thick == result_of(made, row).interval and isnan(row.thin.low) and row.kind == ALONE


def test_rows_say_what_stands_in_place_of_a_verdict():
    lost = (diverged("b", 7, []), diverged("b", 8, []))
    made = comparison(
        variant("a", 5, planned_seeds=5),
        variant("b", 4, 0.95, diverged=lost, planned_seeds=6),
        variant("c", 4, 0.3, planned_seeds=5),
    )
    texts = [(row.verdict, row.detail) for row in forest(made).rows]
    assert texts == [("higher where it trained", "(2 of 6 diverged)"), ("incomplete", "(1 of 5 runs missing)")]


def test_dots_are_the_runs_minus_the_references_mean():
    made = comparison(variant("a", 5, 0.8), variant("b", 5, 0.7))
    (row,) = forest(made).rows
    a, b = (one.arm for one in made.variants)
    assert row.dots == pytest.approx(b.array - a.mean) and not row.paired and row.seeds == "5"
    assert sum(row.dots) / 5 == pytest.approx(row.difference)


def test_dots_of_a_paired_verdict_are_the_pairs():
    reference = Arm("a", {0: 0.8, 1: 0.9, 2: 0.7})
    arm = Arm("b", {1: 0.85, 2: 0.75, 3: 0.6})
    assert plots_forest.dots(Pair(arm, reference, paired=True)) == pytest.approx([-0.05, 0.05])
    assert plots_forest.dots(Pair(arm, reference)) == pytest.approx([0.05, -0.05, -0.2])
    assert plots_forest.dots(Pair(Arm("b", {1: 0.5}), reference)) == ()


def test_too_many_dots_are_none(monkeypatch):
    made = comparison(variant("a", 3), variant("b", 3, 0.7), variant("c", 3, 0.6))
    monkeypatch.setattr(plots_forest, "MAX_DOTS", 6)
    assert [len(row.dots) for row in forest(made).rows] == [3, 3]
    monkeypatch.setattr(plots_forest, "MAX_DOTS", 5)
    assert [len(row.dots) for row in forest(made).rows] == [0, 0] and "Dots" not in " ".join(forest(made).notes)
