"""What stands beside a verdict: permutations, pairs and effect sizes, against SciPy."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import effect_size, verdict
from ablation.statistics.arm import Arm
from ablation.statistics.effect_size import (
    Permutation,
    Share,
    fisher_p,
    hedges_g,
    paired_difference,
    permutation_test,
    probability_of_improvement,
    randomization_test,
    sign_flip_test,
    smallest_p,
    smallest_permutation_p,
    smallest_sign_flip_p,
)
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import INCONCLUSIVE


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


@given(st.integers(0, 2**32))
def test_permutations_pairs_and_effect_sizes_are_what_scipy_says(seed):
    rng = np.random.default_rng(seed)
    one, two = rng.normal(0.9, 0.05, (2, rng.integers(3, 6)))
    (found,) = verdict.judge([Pair(arm("a", one), arm("b", two))])
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
    (found,) = verdict.judge([Pair(one, two)])
    assert not found.exhaustive and found.p_permutation == pytest.approx(1) and found.verdict == INCONCLUSIVE


def test_three_runs_that_lie_apart_are_two_of_twenty_divisions():
    low, high = np.array([1.0, 2, 3]), np.array([4.0, 5, 6])
    assert permutation_test(low, high) == Permutation(0.1, True)
    assert permutation_test(low, low) == Permutation(1.0, True)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (3, 3), (4, 3), (5, 5)])
def test_no_permutation_p_is_below_that_of_arms_that_lie_apart(n, m):
    apart = permutation_test(np.arange(n, dtype=float), 100.0 + np.arange(m))
    assert smallest_permutation_p(n, m) == pytest.approx(apart.p)


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=8))
def test_sign_flips_are_scipys(gaps):
    found = sign_flip_test(np.array(gaps, float))
    exact = stats.permutation_test(
        (np.array(gaps, float),), lambda values, axis: np.abs(values.sum(axis)), permutation_type="samples",
        alternative="greater", n_resamples=np.inf, vectorized=True,
    )  # fmt: skip
    assert found.exhaustive and found.p == pytest.approx(exact.pvalue)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10])
def test_no_sign_flip_p_is_below_that_of_gaps_that_agree(n):
    assert smallest_sign_flip_p(n) == pytest.approx(sign_flip_test(np.arange(1.0, n + 1)).p)


def test_of_many_pairs_the_normal_law_is_near_all_sign_flips(monkeypatch):
    gaps = np.random.default_rng(3).uniform(-1, 1.5, 16)
    every = sign_flip_test(gaps)
    monkeypatch.setattr(effect_size, "MAX_PERMUTATIONS", 1)
    near = sign_flip_test(gaps)
    assert every.exhaustive and not near.exhaustive and near.p == pytest.approx(every.p, abs=0.02)
    assert sign_flip_test(np.zeros(3)) == Permutation(1.0, False)


def test_the_test_without_an_assumption_flips_signs_of_pairs_and_regroups_runs():
    """Three equal gaps: two of eight signs. Six runs of which one regrouping in ten is as far apart."""
    arms = arm("a", [1.0, 2, 3]), arm("b", [11.0, 12, 13])
    by_seed, over_seeds = Pair(*arms, paired=True), Pair(*arms)
    assert randomization_test(by_seed).p == smallest_p(by_seed) == pytest.approx(0.25)
    assert randomization_test(over_seeds).p == smallest_p(over_seeds) == pytest.approx(0.1)
    assert isnan(randomization_test(Pair(arm("a", []), arm("b", [1.0]), paired=True)).p)


def test_a_side_without_runs_has_no_p():
    found = permutation_test(np.array([]), np.array([1.0, 2]))
    assert isnan(found.p) and isnan(probability_of_improvement(np.array([]), np.array([1.0]), True))


def test_of_many_runs_the_normal_law_is_near_all_permutations(monkeypatch):
    values = np.random.default_rng(3).normal([[0.0], [0.7]], 1, (2, 9))
    every = permutation_test(*values)
    monkeypatch.setattr(effect_size, "MAX_PERMUTATIONS", 1)
    near = permutation_test(*values)
    assert every.exhaustive and not near.exhaustive and near.p == pytest.approx(every.p, abs=0.02)


def test_runs_are_paired_by_the_seeds_that_both_sides_have():
    values, reference = {0: 0.9, 1: 0.7, 2: 0.8, 9: 0.1}, {2: 0.75, 0: 0.8, 1: 0.65, 5: 0.2}
    found = paired_difference(Pair(Arm("a", values), Arm("b", reference)))
    wanted = stats.ttest_rel([0.9, 0.7, 0.8], [0.8, 0.65, 0.75])
    assert (found.n, found.difference) == (3, pytest.approx(0.2 / 3))
    assert tuple(found.interval) == pytest.approx(tuple(wanted.confidence_interval()))
    assert found.correlation == pytest.approx(np.corrcoef([0.9, 0.7, 0.8], [0.8, 0.65, 0.75])[0, 1])


def test_two_common_seeds_are_no_pairs_and_equal_values_do_not_correlate():
    rising, shifted = Arm("a", {0: 0.1, 1: 0.2, 2: 0.3}), Arm("b", {1: 0.1, 2: 0.2, 3: 0.3})
    assert paired_difference(Pair(rising, shifted)) is None
    assert isnan(paired_difference(Pair(rising, Arm("c", dict.fromkeys(range(3), 0.5)))).correlation)


def test_pairs_are_compared_beside_either_test():
    one, two = np.random.default_rng(6).normal(0.9, 0.1, (2, 5))
    over_seeds, by_seed = (Pair(arm("a", one), arm("b", two), paired) for paired in (False, True))
    assert paired_difference(over_seeds) == paired_difference(by_seed)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_the_probability_of_improvement_is_mann_and_whitneys(values, reference):
    one, two = np.array(values, float), np.array(reference, float)
    shares = stats.mannwhitneyu(one, two, method="asymptotic").statistic / len(one) / len(two)
    found = probability_of_improvement(one, two, higher=True)
    assert found == pytest.approx(shares)
    assert probability_of_improvement(one, two, higher=False) == pytest.approx(1 - found)
    assert probability_of_improvement(two, one, higher=False) == pytest.approx(found)


def test_hedges_g_is_that_of_the_textbook():
    """Borenstein et al. 2009, Introduction to Meta-Analysis, ch. 4: means 103 and 100, SD 5.5 and 4.5, 50 each."""
    shape = stats.zscore(np.arange(50.0), ddof=1)
    assert hedges_g(103 + 5.5 * shape, 100 + 4.5 * shape) == pytest.approx(0.5924, abs=5e-5)


def test_hedges_g_has_no_unit():
    one, two = np.random.default_rng(4).normal(0.9, 0.1, (2, 5))
    assert hedges_g(100 * one + 7, 100 * two + 7) == pytest.approx(hedges_g(one, two))
    assert hedges_g(two, one) == pytest.approx(-hedges_g(one, two))


@pytest.mark.parametrize(("values", "reference"), [([0.5, 0.5], [0.4, 0.4]), ([], [0.1, 0.2]), ([0.1, 0.2], [0.3])])
def test_without_spread_or_runs_there_is_no_effect_size(values, reference):
    assert isnan(hedges_g(np.array(values), np.array(reference)))


# ---------------------------------------------------------------- shares of diverged runs

shares = st.integers(1, 12).flatmap(lambda runs: st.builds(Share, st.integers(0, runs), st.just(runs)))


def test_three_of_six_against_none_by_hand():
    """Of the C(12, 3) = 220 ways to draw three diverged runs, 20 are all on one side and 20 on the other."""
    assert fisher_p(Share(3, 6), Share(0, 6)) == fisher_p(Share(0, 6), Share(3, 6)) == pytest.approx(40 / 220)


@given(shares, shares)
def test_p_is_the_probability_of_all_tables_that_are_no_more_probable(arm, reference):
    total, diverged = arm.runs + reference.runs, arm.diverged + reference.diverged
    law = stats.hypergeom(total, diverged, arm.runs)
    probabilities = [law.pmf(number) for number in range(arm.runs + 1)]
    observed = law.pmf(arm.diverged)
    expected = sum(probability for probability in probabilities if probability <= observed * (1 + 1e-9))
    assert fisher_p(arm, reference) == pytest.approx(expected)


@given(st.integers(1, 20), st.integers(1, 20))
def test_equal_shares_are_no_evidence(runs, reference_runs):
    assert fisher_p(Share(0, runs), Share(0, reference_runs)) == pytest.approx(1)
    assert fisher_p(Share(runs, runs), Share(reference_runs, reference_runs)) == pytest.approx(1)
