"""Intervals against SciPy."""

from math import isnan

import numpy as np
import pytest
from scipy import stats

from ablation.statistics import intervals


def test_the_interval_of_a_mean_is_scipys():
    values = np.random.default_rng(0).normal(0.9, 0.01, 5)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    found = intervals.mean_interval(values)
    assert tuple(found) == pytest.approx((expected.low, expected.high))
    assert found.half_width == pytest.approx((expected.high - expected.low) / 2)


@pytest.mark.parametrize("values", [[], [0.9], [0.9, 0.9, 0.9]])
def test_without_spread_there_is_no_interval_and_no_variance(values):
    assert all(map(isnan, intervals.mean_interval(values)))
    assert intervals.variance(np.array(values)) == 0.0


def test_the_interval_of_an_sd_covers_it_in_95_percent_of_samples():
    samples = np.random.default_rng(0).normal(0, 2, (2000, 4))
    found = [intervals.sd_interval(float(sd), 4) for sd in samples.std(1, ddof=1)]
    assert np.mean([each.low <= 2 <= each.high for each in found]) == pytest.approx(0.95, abs=0.02)
