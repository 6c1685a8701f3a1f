"""What stands beside a verdict: permutations, pairs and effect sizes, against SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import verdict
from ablation.statistics.arm import Arm
from ablation.statistics.verdict import INCONCLUSIVE


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


@given(st.integers(0, 2**32))
def test_permutations_pairs_and_effect_sizes_are_what_scipy_says(seed):
    rng = np.random.default_rng(seed)
    one, two = rng.normal(0.9, 0.05, (2, rng.integers(3, 6)))
    (found,) = verdict.judge([(arm("a", one), arm("b", two))])
    exact = stats.permutation_test(
        (one, two), lambda x, y, axis: np.abs(x.mean(axis) - y.mean(axis)), alternative="greater", n_resamples=np.inf,
        vectorized=True,
    )  # fmt: skip
    assert found.exhaustive and found.p_permutation == pytest.approx(exact.pvalue)
    paired = stats.ttest_rel(one, two)
    if np.ptp(one - two) > 1e-12:
        assert found.paired.interval == pytest.approx(tuple(paired.confidence_interval()))
    if np.ptp(one) and np.ptp(two):
        assert found.paired.correlation == pytest.approx(stats.pearsonr(one, two).statistic)
        g = (one.mean() - two.mean()) / np.sqrt((one.var(ddof=1) + two.var(ddof=1)) / 2) * (1 - 3 / (8 * len(one) - 9))
        assert found.hedges_g == pytest.approx(g)


def test_of_thousands_of_seeds_regroupings_are_taken_to_be_normal():
    one, two = (Arm(name, {i: (i * 7919 % 100) / 100 for i in range(5000)}) for name in "ab")
    (found,) = verdict.judge([(one, two)])
    assert not found.exhaustive and found.p_permutation == pytest.approx(1) and found.verdict == INCONCLUSIVE
