"""Estimates and Satterthwaite's degrees of freedom against SciPy."""

from math import isnan, sqrt

import numpy as np
import pytest
from scipy import stats

from ablation.statistics.estimate import Estimate, satterthwaite


def test_welchs_test_is_scipys():
    a, b = np.random.default_rng(1).normal([[0.0], [0.5]], [[1.0], [3.0]], (2, 6))
    own, other = a.var(ddof=1) / 6, b.var(ddof=1) / 6
    share = own / (own + other)
    found = Estimate(a.mean() - b.mean(), sqrt(own + other), satterthwaite((share, 1 - share), (6, 6)))
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert (found.freedom, found.p_value()) == pytest.approx((expected.df, expected.pvalue))
    assert tuple(found.interval()) == pytest.approx(tuple(expected.confidence_interval()))


def test_equivalence_is_the_larger_of_two_one_sided_tests():
    values = np.random.default_rng(2).normal(0.1, 1, 20)
    found = Estimate(float(values.mean()), float(values.std(ddof=1)) / sqrt(20), 19)
    below = stats.ttest_1samp(values, 0.5, alternative="less").pvalue
    above = stats.ttest_1samp(values, -0.5, alternative="greater").pvalue
    assert found.equivalence_p(0.5) == pytest.approx(max(below, above))


@pytest.mark.parametrize("error", [float("nan"), 0.0])
def test_without_an_error_nothing_is_known_but_the_value(error):
    unknown = Estimate(0.5, error, 4)
    assert all(map(isnan, (*unknown.interval(), unknown.p_value(), unknown.equivalence_p(1))))
