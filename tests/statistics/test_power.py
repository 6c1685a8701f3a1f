"""Power and sample sizes against SciPy's noncentral t and published tables."""

from math import inf, isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from ablation.statistics import power
from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate
from ablation.statistics.pair import Pair
from ablation.statistics.power import SeedRange

CALM = [0.9, 0.91, 0.92, 0.93, 0.94]


def arm(values, resolution=0.0) -> Arm:
    return Arm("a", dict(enumerate(values)), resolution)


@pytest.mark.parametrize("difference", [0.2, 1.0, 1.5])
@pytest.mark.parametrize(("n", "level"), [(3, 0.05), (5, 0.05 / 7), (40, 0.01)])
def test_power_is_scipys(difference, n, level):
    freedom, shift = 2 * n - 2, difference * sqrt(n / 2)
    bound = stats.t.isf(level / 2, freedom)
    expected = stats.nct.sf(bound, freedom, shift) + stats.nct.cdf(-bound, freedom, shift)
    assert power.power(difference, n, level) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("n", [3, 10])
def test_power_by_seed_is_that_of_simulated_pairs(n):
    """Of runs that do not correlate: differences with twice the variance, and n - 1 degrees of freedom."""
    gaps = np.random.default_rng(9).normal(1.5, np.sqrt(2), (20_000, n))
    simulated = (stats.ttest_1samp(gaps, 0, axis=1).pvalue <= 0.05).mean()
    assert power.power(1.5, n, paired=True) == pytest.approx(simulated, abs=0.012)
    assert power.power(power.minimum_detectable_effect(n, paired=True), n, paired=True) == pytest.approx(0.8)


def test_pairs_of_runs_that_do_not_correlate_need_more_seeds():
    needed = power.seeds_needed(1.0, paired=True)
    assert power.power(1.0, needed, paired=True) >= 0.8 > power.power(1.0, needed - 1, paired=True)
    assert needed > power.seeds_needed(1.0)


@pytest.mark.parametrize("n", [2, 3, 30])
def test_without_a_difference_power_is_the_level_and_with_a_huge_one_certain(n):
    assert power.power(0.0, n, 0.05) == pytest.approx(0.05, rel=1e-4)
    assert power.power(1e4, n, 0.05) == pytest.approx(1.0)


@pytest.mark.parametrize(("difference", "n"), [(0.2, 393), (0.5, 64), (0.8, 26)])
def test_seeds_needed_are_those_of_cohens_table(difference, n):
    """Cohen 1992, A power primer, table 2: two-sided at 5 %, a power of 80 %; at 393 it is 79.96 %."""
    assert power.power(difference, n) >= 0.7995
    assert power.seeds_needed(difference, target=0.7995) == n


def test_no_difference_and_too_small_a_one_need_more_seeds_than_can_be_named():
    assert power.seeds_needed(0.0) is power.seeds_needed(0.01) is power.seeds_needed(-0.01) is None
    assert power.seeds_needed(100.0) == 3  # fewer have no verdict
    assert power.seeds_needed(-1.0) == power.seeds_needed(1.0)


@pytest.mark.parametrize("n", [2, 5, 100])
def test_the_minimum_detectable_effect_has_the_target_power(n):
    effect = power.minimum_detectable_effect(n, target=0.9)
    assert power.power(effect, n) == pytest.approx(0.9)


def test_one_run_detects_nothing():
    assert power.minimum_detectable_effect(1) == inf


def test_the_range_of_seeds_is_that_of_the_common_sd():
    """Two arms of five and equal variance: eight degrees of freedom."""
    arms = [arm(CALM), arm([value - 0.3 for value in CALM])]
    sd, quantiles = stats.tstd(CALM), stats.chi2.ppf([0.975, 0.025], 8)
    wanted = [power.seeds_needed(0.02 / (sd * sqrt(8 / quantile))) for quantile in quantiles]
    found = power.seeds_for_common_sd(0.02, [*arms, arm([0.1])], 0.05)
    assert list(found) == wanted and found.fewest < found.most


def test_a_more_careful_level_needs_more_seeds():
    plain, careful = (power.seeds_for_common_sd(0.02, [arm(CALM)], level) for level in (0.05, 0.05 / 8))
    assert plain.fewest < careful.fewest and plain.most < careful.most


def test_equal_values_have_the_spread_of_one_step_or_none():
    equal = [0.9] * 4
    assert power.seeds_for_common_sd(0.02, [arm(equal)], 0.05) == SeedRange(3, 3)
    stepped = power.seeds_for_common_sd(0.02, [arm(equal, resolution=0.02)], 0.05)
    assert stepped == SeedRange(power.seeds_needed(1.0), power.seeds_needed(1.0))


def test_single_runs_say_nothing_about_seeds():
    with pytest.raises(ValueError, match="two runs"):
        power.seeds_for_common_sd(0.02, [arm([0.9]), arm([])], 0.05)


@pytest.mark.parametrize("shift", [0.0, 1.0, 4.0, -4.0])
@pytest.mark.parametrize(("freedom", "level"), [(2, 0.05), (3.7, 0.05 / 8), (29, 0.01)])
def test_the_power_of_any_t_test_is_scipys(shift, freedom, level):
    bound = stats.t.isf(level / 2, freedom)
    expected = stats.nct.sf(bound, freedom, shift) + stats.nct.cdf(-bound, freedom, shift)
    assert power.t_power(shift, freedom, level) == pytest.approx(expected, rel=1e-3)


def test_where_scipys_noncentral_t_fails_the_power_is_that_of_a_simulation():
    """A shift of 60 standard errors, with two degrees of freedom and a level of 0.05 / 60."""
    rng, level = np.random.default_rng(7), 0.05 / 60
    ratios = np.abs(rng.normal(60.0, 1, 200_000)) / np.sqrt(rng.chisquare(2, 200_000) / 2)
    simulated = (ratios >= stats.t.isf(level / 2, 2)).mean()
    assert power.t_power(60.0, 2, level) == pytest.approx(simulated, abs=0.005)


@pytest.mark.parametrize(("freedom", "level"), [(2, 0.05), (7.5, 0.05 / 8), (29, 0.05)])
def test_a_detectable_difference_is_detected_with_the_target_power(freedom, level):
    difference = power.detectable_difference(Estimate(0.3, 0.02, freedom), level, target=0.9)
    assert power.t_power(difference / 0.02, freedom, level) == pytest.approx(0.9)
    assert power.detectable_difference(Estimate(-9.0, 0.04, freedom), level, 0.9) == pytest.approx(2 * difference)


def test_a_detectable_difference_is_found_in_the_share_of_studies_that_it_promises():
    n, sd = 5, 2.0
    difference = power.detectable_difference(Estimate(0.0, sd / sqrt(n), n - 1), 0.05)
    gaps = np.random.default_rng(8).normal(difference, sd, (20_000, n))
    assert (stats.ttest_1samp(gaps, 0, axis=1).pvalue <= 0.05).mean() == pytest.approx(0.8, abs=0.012)


@pytest.mark.parametrize("error", [nan, 0.0])
def test_without_an_error_nothing_is_known_about_seeds(error):
    unknown = Estimate(0.5, error, 4)
    assert isnan(power.detectable_difference(unknown, 0.05)) and power.seeds_to_detect(0.1, unknown, 5, 0.05) is None
    assert power.seeds_to_detect(0.1, Estimate(0.5), 1, 0.05) is None


@pytest.mark.parametrize("m", [4, 12, 60])
@pytest.mark.parametrize("level", [0.05, 0.05 / 8])
def test_seeds_to_detect_a_difference_are_those_at_which_it_is_detectable(m, level):
    """At one end of the SD's interval: just detectable with m seeds, so m are needed, and no fewer."""
    sd, n = 0.03, 6
    quantiles = stats.chi2.ppf([0.975, 0.025], n - 1) / (n - 1)
    estimate = Estimate(0.1, sd / sqrt(n), n - 1)
    for end, quantile in enumerate(quantiles):
        with_m_seeds = Estimate(0.0, sd / sqrt(quantile) / sqrt(m), m - 1)
        difference = power.detectable_difference(with_m_seeds, level)
        assert power.seeds_to_detect(difference * 1.0001, estimate, n, level)[end] == m
        assert power.seeds_to_detect(difference * 0.9999, estimate, n, level)[end] == m + 1


def test_seeds_to_detect_with_two_equal_arms_are_those_of_the_plain_t_test():
    """Two arms of five with equal variance have eight degrees of freedom, as the common SD has."""
    arms = [arm(CALM), arm([value - 0.3 for value in CALM])]
    found = power.seeds_to_detect(0.02, Pair(*arms).estimate, 5, 0.05)
    assert found == power.seeds_for_common_sd(0.02, arms, 0.05) and found.fewest < found.most


def test_more_seeds_than_can_be_named_are_none():
    small = power.seeds_to_detect(0.002, Estimate(0.1, 0.05, 4), 5, 0.05)
    assert small.fewest is not None and small.most is None
    assert power.seeds_to_detect(0.0, Estimate(0.1, 0.05, 4), 5, 0.05) == SeedRange(None, None)
    assert power.seeds_to_detect(9.0, Estimate(0.1, 0.05, 4), 5, 0.05) == SeedRange(3, 3)
