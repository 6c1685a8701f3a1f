"""A pair of arms by seed or over seeds, against SciPy."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair

ARM = Arm("arm", {5: 0.70, 0: 0.91, 2: 0.95, 1: 0.90})
REFERENCE = Arm("reference", {1: 0.88, 2: 0.89, 0: 0.90, 7: 0.20, 9: 0.30})


@given(st.integers(0, 2**32), st.integers(2, 12))
def test_the_paired_test_is_scipys(seed, n):
    rng = np.random.default_rng(seed)
    luck = rng.normal(0, 1, n)
    arm, reference = luck + rng.normal(0.3, 0.5, n), luck + rng.normal(0, 2, n)
    estimate = Pair(Arm("a", dict(enumerate(arm))), Arm("b", dict(enumerate(reference))), paired=True).estimate
    expected = stats.ttest_rel(arm, reference)
    assert (estimate.freedom, estimate.p_value()) == (n - 1, pytest.approx(expected.pvalue))
    assert tuple(estimate.interval()) == pytest.approx(tuple(expected.confidence_interval()))


def test_only_common_seeds_are_paired_and_each_with_its_own():
    pair = Pair(ARM, REFERENCE, paired=True)
    assert pair.seeds == [0, 1, 2] and pair.n == 3
    assert pair.gaps == pytest.approx([0.01, 0.02, 0.06])
    assert pair.difference == pair.estimate.value == pytest.approx(0.03)
    expected = stats.ttest_rel([0.91, 0.90, 0.95], [0.90, 0.88, 0.89])
    assert pair.estimate.p_value() == pytest.approx(expected.pvalue)


def test_over_seeds_all_runs_of_both_sides_count():
    pair = Pair(ARM, REFERENCE)
    expected = stats.ttest_ind(list(ARM.values.values()), list(REFERENCE.values.values()), equal_var=False)
    assert pair.n == 4
    assert (pair.estimate.freedom, pair.estimate.p_value()) == pytest.approx((expected.df, expected.pvalue))
    assert pair.difference == pytest.approx(ARM.mean - REFERENCE.mean)


def test_the_first_pairs_are_those_of_the_lowest_common_seeds():
    pair = Pair(ARM, REFERENCE, True, diverged=1, reference_diverged=2)
    first = pair.first(2)
    assert first.arm == Arm("arm", {0: 0.91, 1: 0.90}) and first.reference == Arm("reference", {0: 0.90, 1: 0.88})
    assert (first.paired, first.diverged, first.reference_diverged) == (True, 1, 2)


def test_gaps_vary_by_one_step_of_each_side_at_least():
    """Gaps that are all equal do not prove an SD of 0, because each side is counted in images."""
    arm, reference = (Arm(name, dict.fromkeys(range(4), value), 0.01) for name, value in (("a", 0.9), ("b", 0.7)))
    estimate = Pair(arm, reference, paired=True).estimate
    assert estimate.standard_error == pytest.approx(sqrt((0.01**2 + 0.01**2) / 4))
    assert estimate.p_value() == pytest.approx(2 * stats.t.sf(0.2 / estimate.standard_error, 3))


@pytest.mark.parametrize("paired", [True, False])
def test_what_the_runs_cannot_tell_is_unknown(paired):
    none, one, three = Arm("none", {}), Arm("one", {0: 0.5}), Arm("three", {0: 0.1, 1: 0.2, 2: 0.4})
    assert isnan(Pair(none, three, paired).difference) and isnan(Pair(three, none, paired).estimate.value)
    single = Pair(one, three, paired).estimate
    assert single.value == pytest.approx(0.4 if paired else 0.5 - 0.7 / 3) and isnan(single.standard_error)
    equal = Pair(Arm("a", {0: 0.5, 1: 0.5}), Arm("b", {0: 0.25, 1: 0.25}), paired).estimate
    assert equal.value == 0.25 and isnan(equal.standard_error) and isnan(equal.p_value())


def test_without_common_seeds_nothing_is_paired():
    pair = Pair(Arm("a", {0: 1.0, 1: 2.0}), Arm("b", {2: 1.0, 3: 2.0}), paired=True)
    assert pair.n == 0 and isnan(pair.difference) and isnan(pair.estimate.p_value())
