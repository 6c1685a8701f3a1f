"""Fisher's exact test of the rates of divergence, against the hypergeometric distribution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics.divergence import Rate, fisher_p

rates = st.integers(1, 12).flatmap(lambda runs: st.builds(Rate, st.integers(0, runs), st.just(runs)))


def test_three_of_six_against_none_by_hand():
    """Of the C(12, 3) = 220 ways to draw three diverged runs, 20 are all on one side and 20 on the other."""
    assert fisher_p(Rate(3, 6), Rate(0, 6)) == fisher_p(Rate(0, 6), Rate(3, 6)) == pytest.approx(40 / 220)


@given(rates, rates)
def test_p_is_the_probability_of_all_tables_that_are_no_more_probable(arm, reference):
    total, diverged = arm.runs + reference.runs, arm.diverged + reference.diverged
    law = stats.hypergeom(total, diverged, arm.runs)
    probabilities = [law.pmf(number) for number in range(arm.runs + 1)]
    observed = law.pmf(arm.diverged)
    expected = sum(probability for probability in probabilities if probability <= observed * (1 + 1e-9))
    assert fisher_p(arm, reference) == pytest.approx(expected)


@given(st.integers(1, 20), st.integers(1, 20))
def test_equal_rates_are_no_evidence(runs, reference_runs):
    assert fisher_p(Rate(0, runs), Rate(0, reference_runs)) == pytest.approx(1)
    assert fisher_p(Rate(runs, runs), Rate(reference_runs, reference_runs)) == pytest.approx(1)
