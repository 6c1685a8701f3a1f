"""How numbers are written."""

import math

import pytest

from ablation.report.wording import number_format
from ablation.statistics.intervals import Interval


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.0004, "-0.0004"),
        (0.5, "0.500"),
        (-0.5, "-0.500"),
        (2.5e12, "2.5e+12"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0.0, "0.000"),
        (-1e-16, "0.000"),
    ],
)
def test_a_number_keeps_a_digit_of_what_its_decimals_would_hide(value, text):
    assert number_format.number(value, 3) == text


def test_a_sign_is_written_where_it_is_wanted_and_zero_has_none():
    signed = [number_format.number(value, 3, sign=True) for value in (0.0, 1e-16, -0.0006, 0.02)]
    assert signed == ["0.000", "0.000", "-0.001", "+0.020"]


def test_in_a_column_all_numbers_have_the_same_decimals():
    aligned = [number_format.aligned(value, 3, sign=True) for value in (-0.0004, 0.0, -0.0006, math.nan)]
    assert aligned == ["0.000", "0.000", "-0.001", "–"]


def test_an_interval_is_written_with_both_ends_or_as_half_its_width():
    assert number_format.interval(Interval(-0.1, 0.00004), 3) == "[-0.100, +4e-05]"
    assert number_format.confidence_interval(Interval(-0.672, -0.323), 3) == "95 % CI -0.672 to -0.323"
    assert number_format.plus_minus(Interval(0.5, 0.526), 3) == "± 0.013"


@pytest.mark.parametrize("ends", [(math.nan, 1), (0, math.inf), (math.nan, math.nan)])
def test_an_interval_with_an_unknown_end_is_not_written(ends):
    ends = Interval(*ends)
    assert number_format.interval(ends, 3) == ""
    assert number_format.confidence_interval(ends, 3) == number_format.plus_minus(ends, 3) == ""


@pytest.mark.parametrize(("p", "text"), [(0.5, "0.500"), (0.0004, "0.0004"), (1.0, "1.000"), (math.nan, "–")])
def test_a_p_value(p, text):
    assert number_format.p_value(p) == text


@pytest.mark.parametrize(("amount", "text"), [(12, "12"), (999, "999"), (999.6, "1.00k"), (335_114, "335k")])
def test_a_count_has_three_digits_and_a_unit(amount, text):
    assert number_format.count(amount) == text


def test_a_true_minus():
    assert number_format.typeset("-0.5 ± 0.1") == "−0.5 ± 0.1"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (335114, "335k"), (999_900, "1.00M"), (21.3e6, "21.3M"), (3.88e9, "3.88G")],
)
def test_counts_have_three_digits_and_a_unit(number, text):
    assert number_format.count(int(number)) == text
