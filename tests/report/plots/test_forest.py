"""The forest plot's data: which differences, in which order, from what, and with which intervals."""

from dataclasses import replace
from math import isnan

import pytest
from support.curves import comparison, diverged, forest, several, variant, with_metric

from ablation.report.plots import forest as plots_forest
from ablation.report.plots.build import plot_data
from ablation.report.plots.plot_data import ALONE, BONFERRONI, EQUIVALENCE
from ablation.statistics.verdict import INCOMPLETE


def test_a_row_is_a_variants_result():
    made = comparison(variant("a"), variant("gone", 0), variant("b", 3, 0.6), margin=0.02)
    plot = forest(made)
    (row,) = plot.rows
    assert (row.variant, row.name, row.result) == (2, "b", made.variants[2].result)
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
    plot = forest(comparison(variant("a", 5), variant("b", 5, 0.3), variant("c", 5, 0.801)))
    for row in plot.rows:
        assert (row.thick, row.thin) == (row.result.simultaneous, row.result.interval)
        assert row.thick.low < row.thin.low < row.thin.high < row.thick.high
        assert (row.interval, row.kind, plot.remark(row)) == (row.thick, BONFERRONI, "")
    assert plot.kind == BONFERRONI


def test_of_one_comparison_there_is_one_interval():
    plot = forest(comparison(variant("a", 5), variant("b", 5, 0.3)))
    (row,) = plot.rows
    assert row.thick == pytest.approx(row.result.interval) and isnan(row.thin.low) and plot.kind == ALONE


def test_an_equivalent_variant_has_the_interval_of_its_test():
    made = comparison(variant("a", 5, 0.8), variant("b", 5, 0.3), variant("same", 5, 0.8005), margin=0.1)
    plot = forest(made)
    worse, same = plot.rows
    assert same.thick == same.result.equivalence_interval and isnan(same.thin.low)
    assert same.drawn == [same.thick] and same.kind == EQUIVALENCE
    assert (plot.kind, plot.remark(worse), plot.remark(same)) == (BONFERRONI, "", "90 %")
    first, second, third = made.variants
    assert third.result is not None
    incomplete = replace(third, result=replace(third.result, verdict=INCOMPLETE))
    row = forest(replace(made, variants=(first, second, incomplete))).rows[1]
    assert row.thick == row.result.simultaneous and row.verdict == "incomplete"
    only = forest(comparison(variant("a", 5, 0.8), variant("same", 5, 0.8005), margin=0.1))
    assert only.kind == EQUIVALENCE and only.remark(only.rows[0]) == ""


def test_too_few_seeds_have_only_the_interval_of_their_own():
    plot = forest(comparison(variant("a", 5), variant("b", 5, 0.3), variant("c", 2, 0.6)))
    few = plot.rows[1]
    assert isnan(few.thick.low) and few.interval == few.thin == few.result.interval
    assert plot.remark(few) == "alone"


def test_a_cell_without_a_verdict_has_a_single_interval():
    made = comparison(variant("a", 5), variant("b", 5, 0.3), variant("c", 5, 0.6))
    variants = tuple(replace(one, result=one.result and replace(one.result, verdict="")) for one in made.variants)
    for row in forest(replace(made, variants=variants)).rows:
        assert row.thick == row.result.interval and isnan(row.thin.low) and row.kind == ALONE


def test_rows_say_what_stands_in_place_of_a_verdict():
    lost = (diverged("b", 7, []), diverged("b", 8, []))
    made = comparison(
        variant("a", 5, planned_seeds=5),
        variant("b", 4, 0.95, diverged=lost, planned_seeds=6),
        variant("c", 4, 0.3, planned_seeds=5),
    )
    texts = [(row.verdict, row.detail) for row in forest(made).rows]
    assert texts == [("higher where it trained", "(2 of 6 diverged)"), ("incomplete", "(1 of 5 runs missing)")]
