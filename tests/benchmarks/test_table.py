"""The table: goal beside figure, and what was missed or not measured is said."""

import pytest

from benchmarks.bench import table
from benchmarks.bench.figures import Goal, Row, Summary

MISSED = Row("C/B", 1.234, Goal(1.4, 1.6), {"C": Summary(491.2, 500.4, 510.0, 4), "B": Summary(1, 1, 1, 1)}, "images/s")


def test_a_missed_goal_is_printed_as_missed():
    cells = table.cells(MISSED)
    assert cells == ("C/B", "1.23", "≥ 1.4", "≥ 1.6", "missed", "C 500 (491 – 510), B 1 images/s")
    assert "| missed" in table.markdown([MISSED])


def test_a_row_that_was_not_measured_keeps_its_goal_and_gives_the_reason():
    row = Row("C/A", None, Goal(0.25, 1 / 6, at_least=False), note="needs CIFAR-10")
    assert table.cells(row) == ("C/A", "", "≤ 0.25", "≤ 0.167", "not measured", "needs CIFAR-10")


def test_a_ratio_without_a_goal_is_only_reported():
    row = Row("C/D", 1.0, None, {"C": Summary(1, 1, 1, 1)}, "s", note="channels_last")
    assert table.cells(row) == ("C/D", "1.00", "", "", "as measured", "C 1 s; channels_last")


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1234"), (99.96, "100"), (12.34, "12.3"), (0.5678, "0.568"), (0.0, "0")]
)
def test_numbers_have_three_significant_digits_and_no_exponent(value, text):
    assert table.significant(value) == text


def test_the_page_names_the_command_the_machine_and_every_row():
    page = table.page([MISSED, Row("C/A", None)], "make bench", "CIFAR-10", 600)
    for part in ("    make bench\n", "Python 3", "CIFAR-10; 10 minutes", "C/B", "C/A"):
        assert part in page


def test_the_command_is_the_one_that_was_typed():
    assert table.command([]) == "make bench"
    assert table.command(["--only", "sweep"]).endswith("-m benchmarks.bench --only sweep")
