"""Welch's test and Holm's correction against SciPy and by hand."""

from math import isnan, nan

import numpy as np
import pytest
from scipy import stats

from ablation.statistics import welch
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import Family

ONE, TWO = np.random.default_rng(5).normal([[0.9], [0.95]], [[0.01], [0.05]], (2, 5))


def arm(values, resolution=0.0) -> Arm:
    return Arm("a", dict(enumerate(values)), resolution)


def test_holms_steps():
    """By hand: 4 of 0.005, 3 of 0.01, 2 of 0.03; the last is no smaller than the one before it."""
    assert welch.holm([0.01, 0.04, 0.03, 0.005], 4) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert welch.holm([0.01, nan], 3) == pytest.approx([0.03, 1.0])
    assert welch.holm([0.4, 0.5], 2) == pytest.approx([0.8, 0.8]) and welch.holm([], 5) == []


def test_the_test_and_its_interval_are_scipys():
    expected = stats.ttest_ind(ONE, TWO, equal_var=False)
    found = welch.estimate(arm(ONE), arm(TWO))
    assert (found.p_value(), found.freedom) == pytest.approx((expected.pvalue, expected.df))
    assert welch.difference(arm(ONE), arm(TWO)) == found.value == pytest.approx(ONE.mean() - TWO.mean())
    assert tuple(found.interval(0.9)) == pytest.approx(tuple(expected.confidence_interval(0.9)))


def test_half_widths_are_those_of_the_interval_at_each_point():
    rng = np.random.default_rng(6)
    values, reference = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    values[:, 2], reference[:, 2] = 0.5, 0.5
    found = welch.half_widths(values, reference)
    for i in range(2):
        assert found[i] == pytest.approx(welch.estimate(arm(values[:, i]), arm(reference[:, i])).interval().half_width)
    assert found[2] == 0


@pytest.mark.parametrize("sd", [0.05, 0.5])
def test_an_arm_that_varies_little_has_no_more_freedom_than_one_that_varies_as_usual(sd):
    """Its own error stays. Equal variances give the most degrees of freedom, so that these may not rise."""
    plain, careful = welch.estimate(arm(ONE), arm(TWO)), welch.guarded_estimate(arm(ONE), arm(TWO), sd**2)
    usual = welch.estimate(arm((ONE - ONE.mean()) * sd / ONE.std(ddof=1)), arm(TWO))
    assert careful.standard_error == plain.standard_error
    assert careful.freedom == pytest.approx(min(plain.freedom, usual.freedom))
    assert (usual.freedom < plain.freedom) == (sd > 0.1)


def test_a_single_comparison_has_welchs_freedom():
    pair = Pair(arm(ONE), arm(TWO))
    assert pair.estimate == Family([pair], 1).estimates[0] == welch.estimate(arm(ONE), arm(TWO))


def sized(n: int):
    """Arms of n runs with equal means and SDs, so that the sizes alone decide."""
    return arm(stats.zscore(np.arange(float(n)), ddof=1))


@pytest.mark.parametrize(("n", "m"), [(3, 10), (10, 3), (3, 30), (3, 6), (6, 3)])
def test_a_comparison_of_unequal_sizes_has_the_freedom_of_the_smaller_side(n, m):
    guarded, plain = welch.guarded_estimate(sized(n), sized(m)), welch.estimate(sized(n), sized(m))
    assert guarded.freedom == min(n, m) - 1 < plain.freedom and guarded.standard_error == plain.standard_error


@pytest.mark.parametrize(("n", "m"), [(6, 10), (10, 6), (5, 5), (3, 5)])
def test_a_comparison_of_similar_sizes_has_welchs_freedom(n, m):
    expected = stats.ttest_ind(sized(n).array, sized(m).array, equal_var=False)
    assert welch.guarded_estimate(sized(n), sized(m)).freedom == pytest.approx(expected.df)


def test_of_several_comparisons_too_unequal_sizes_cost_freedom():
    assert welch.guarded_estimate(sized(10), sized(3), 1.0).freedom == 2
    assert welch.guarded_estimate(sized(3), sized(10), 1.0).freedom == 2


def test_welchs_freedom_stays_where_it_is_below_that_of_the_smaller_side():
    """A guard only ever takes degrees of freedom away."""
    few, many = arm([0.0, 9.0, -9.0]), arm(np.linspace(-0.01, 0.01, 30))
    assert welch.guarded_estimate(few, many).freedom <= welch.estimate(few, many).freedom == pytest.approx(2)


def test_equal_values_differ_by_a_step_of_the_metric():
    step = 0.01
    one, two = arm([0.9] * 3, step), arm([0.8] * 3, step)
    error = np.sqrt(2 * step**2 / 3)
    found = welch.estimate(one, two)
    assert found.p_value() == pytest.approx(2 * stats.t.sf(0.1 / error, 4))
    assert found.interval().half_width == pytest.approx(error * stats.t.isf(0.025, 4))


def test_single_runs_have_a_difference_and_no_test():
    three = arm(TWO[:3])
    assert not isnan(welch.estimate(arm(ONE[:2]), three).p_value())
    single = welch.estimate(arm(ONE[:1]), three)
    assert single.value == pytest.approx(ONE[0] - TWO[:3].mean()) and isnan(single.p_value())
    assert isnan(welch.guarded_estimate(arm(ONE[:1]), three).p_value())
    assert isnan(welch.difference(arm([]), three)) and isnan(welch.estimate(three, arm([])).value)
    assert isnan(welch.estimate(arm([0.9] * 3), arm([0.8] * 3)).p_value())  # a metric without a least step


def test_each_arm_counts_once_in_the_usual_variance():
    calm, loud, single = arm([0.0, 2.0]), arm([0.0, 6.0]), arm([9.0])  # of variance 2 and 18
    assert welch.geometric_mean_variance([calm, calm, calm, loud, single]) == pytest.approx(6)
    assert welch.median_variance([loud, calm, single]) == pytest.approx(2)
    assert welch.geometric_mean_variance([single]) == welch.median_variance([]) == 0


def test_an_arm_that_does_not_vary_is_no_part_of_the_geometric_mean_unless_its_metric_has_steps():
    loud, equal, stepped = arm([0.0, 6.0]), arm([0.5, 0.5]), arm([0.5, 0.5], 0.5)
    assert welch.geometric_mean_variance([loud, equal]) == pytest.approx(18)
    assert welch.geometric_mean_variance([loud, stepped]) == pytest.approx(np.sqrt(18 * 0.25))
    assert welch.geometric_mean_variance([equal]) == 0
