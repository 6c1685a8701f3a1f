"""Medians, quartiles, goals and the rows that join them."""

import pytest

from benchmarks.bench.figures import Goal, Summary, ratio_row, summarize


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7.0], Summary(7.0, 7.0, 7.0, 1)),
        ([1.0, 3.0], Summary(1.5, 2.0, 2.5, 2)),
        ([5.0, 1.0, 4.0, 2.0, 3.0], Summary(2.0, 3.0, 4.0, 5)),
        ([1.0, 1.0, 100.0], Summary(1.0, 1.0, 50.5, 3)),
    ],
)
def test_the_summary_has_the_median_and_quartiles_of_the_values(values, expected):
    assert summarize(values) == expected


def test_no_value_has_no_summary():
    with pytest.raises(ValueError, match="at least one"):
        summarize([])


@pytest.mark.parametrize(
    ("goal", "ratio", "outcome"),
    [
        (Goal(1.4, 1.6), 1.39, "missed"),
        (Goal(1.4, 1.6), 1.4, "met"),
        (Goal(1.4, 1.6), 1.6, "stretch met"),
        (Goal(1.4), 9.0, "met"),
        (Goal(1.05, 1.02, at_least=False), 1.06, "missed"),
        (Goal(1.05, 1.02, at_least=False), 1.05, "met"),
        (Goal(1.05, 1.02, at_least=False), 1.0, "stretch met"),
        (Goal(1.05, at_least=False), 0.5, "met"),
    ],
)
def test_a_ratio_misses_meets_or_exceeds_its_goal(goal, ratio, outcome):
    assert goal.outcome(ratio) == outcome


def test_a_row_divides_the_median_of_the_first_arm_by_that_of_the_second():
    row = ratio_row("C/B", ("C", [10.0, 30.0, 20.0]), ("B", [40.0]), Goal(1.0), "images/s")
    assert row.ratio == 0.5
    assert row.arms == {"C": Summary(15.0, 20.0, 25.0, 3), "B": Summary(40.0, 40.0, 40.0, 1)}
