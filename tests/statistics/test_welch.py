"""Welch's test and Holm's correction against SciPy and by hand."""

from math import isnan, nan

import numpy as np
import pytest
from scipy import stats

from ablation.statistics import welch
from ablation.statistics.arm import Arm

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
    assert welch.welch_p(arm(ONE), arm(TWO)) == pytest.approx(expected.pvalue)
    assert welch.difference(arm(ONE), arm(TWO)) == pytest.approx(ONE.mean() - TWO.mean())
    found = welch.interval(arm(ONE), arm(TWO), 0.9)
    assert tuple(found) == pytest.approx(tuple(expected.confidence_interval(0.9)))


def test_half_widths_are_those_of_the_interval_at_each_point():
    rng = np.random.default_rng(6)
    values, reference = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    values[:, 2], reference[:, 2] = 0.5, 0.5
    found = welch.half_widths(values, reference)
    for i in range(2):
        assert found[i] == pytest.approx(welch.interval(arm(values[:, i]), arm(reference[:, i])).half_width)
    assert found[2] == 0


@pytest.mark.parametrize("sd", [0.05, 0.5])
def test_an_arm_that_varies_little_has_no_more_freedom_than_one_that_varies_as_usual(sd):
    """Its own error stays. Equal variances give the most degrees of freedom, so that these may not rise."""
    plain, careful = (welch.estimate(arm(ONE), arm(TWO), least) for least in (0.0, sd**2))
    usual = welch.estimate(arm((ONE - ONE.mean()) * sd / ONE.std(ddof=1)), arm(TWO))
    assert careful.standard_error == plain.standard_error
    assert careful.freedom == pytest.approx(min(plain.freedom, usual.freedom))
    assert (usual.freedom < plain.freedom) == (sd > 0.1)


def test_equal_values_differ_by_a_step_in_the_test_and_not_in_the_interval():
    step = 0.01
    one, two = arm([0.9] * 3, step), arm([0.8] * 3, step)
    error = np.sqrt(2 * step**2 / 3)
    assert welch.welch_p(one, two) == pytest.approx(2 * stats.t.sf(0.1 / error, 4))
    assert all(map(isnan, welch.interval(one, two)))


def test_below_three_runs_there_is_no_p_of_a_verdict():
    two, three = arm(ONE[:2]), arm(TWO[:3])
    assert isnan(welch.welch_p_pooled(two, three)) and isnan(welch.tost_p(three, two, 0.1, 0.0))
    assert not isnan(welch.welch_p(two, three)) and isnan(welch.welch_p(arm(ONE[:1]), three))
    assert isnan(welch.difference(arm([]), three))


def test_each_arm_counts_once_in_the_usual_variance():
    calm, loud, single = arm([0.0, 2.0]), arm([0.0, 6.0]), arm([9.0])  # of variance 2 and 18
    assert welch.mean_variance([calm, calm, calm, loud, single]) == pytest.approx(10)
    assert welch.median_variance([loud, calm, single]) == pytest.approx(2)
    assert welch.mean_variance([single]) == welch.median_variance([]) == 0
