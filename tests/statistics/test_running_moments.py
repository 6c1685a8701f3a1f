"""Means and variances of the first n values against NumPy's of each slice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablation.statistics.running_moments import running_moments

values = st.lists(st.integers(-1000, 1000).map(lambda number: number / 360), min_size=1, max_size=12)


@given(values, st.sampled_from([0.0, 1e6]))
def test_moments_of_each_slice_are_numpys(numbers, offset):
    """Also far from 0, where the difference of two sums of squares would have lost its digits."""
    array = np.array(numbers) + offset
    moments = running_moments(array)
    for n in range(1, len(array) + 1):
        assert moments.means[n - 1] == pytest.approx(array[:n].mean(), rel=1e-12, abs=1e-12)
        expected = np.var(array[:n], ddof=1) if n > 1 else 0.0
        assert moments.variances[n - 1] == pytest.approx(expected, rel=1e-6, abs=1e-14)


@given(st.floats(-1e3, 1e3), st.integers(1, 10))
def test_equal_values_have_a_variance_of_exactly_0(value, n):
    """Even where the mean is rounded."""
    moments = running_moments(np.array([value] * n + [value + 1.0]))
    assert (moments.variances[:n] == 0).all() and moments.variances[n] > 0


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_later_values_change_no_moment_by_a_bit(seed, n):
    values = np.random.default_rng(seed).normal(0.9, 0.1, 40)
    first, all_of_them = running_moments(values[:n]), running_moments(values)
    assert (first.means == all_of_them.means[:n]).all() and (first.variances == all_of_them.variances[:n]).all()


def test_without_values_there_are_no_moments():
    moments = running_moments(np.array([]))
    assert len(moments.means) == len(moments.variances) == 0
