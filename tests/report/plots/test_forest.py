"""The forest plot's data: which differences, in which order, from what."""

from dataclasses import replace

from support.curves import comparison, forest, several, variant, with_metric

from ablation.report.plots import forest as plots_forest
from ablation.report.plots.build import plot_data


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
    third = replace(third, result=replace(third.result, reference=second.arm))
    plot = forest(replace(made, variants=(first, second, third)))
    assert [row.name for row in plot.rows] == ["b − a", "c − b"] and plot.reference == "its reference"


def test_of_very_many_differences_the_largest_are_shown_in_their_order():
    plot = forest(several(plots_forest.MAX_ROWS + 11, 3))
    assert [row.name for row in plot.rows] == [f"arm{i}" for i in range(11, 71)]
    assert f"Only the {plots_forest.MAX_ROWS} largest of 70 differences are shown." in plot.notes


def test_without_a_difference_there_is_no_forest():
    assert plot_data(several(1)).forest is None
