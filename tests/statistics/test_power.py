"""Power and sample sizes against SciPy's noncentral t and published tables."""

from math import inf, sqrt

import pytest
from scipy import stats

from ablation.statistics import power
from ablation.statistics.arm import Arm
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
    assert power.seeds_needed(0.0) is power.seeds_needed(-1.0) is power.seeds_needed(0.01) is None
    assert power.seeds_needed(100.0) == 3  # fewer have no verdict


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
    found = power.seeds_to_detect(0.02, [*arms, arm([0.1])], 0.05)
    assert list(found) == wanted and found.fewest < found.most


def test_a_more_careful_level_needs_more_seeds():
    plain, careful = (power.seeds_to_detect(0.02, [arm(CALM)], level) for level in (0.05, 0.05 / 8))
    assert plain.fewest < careful.fewest and plain.most < careful.most


def test_equal_values_have_the_spread_of_one_step_or_none():
    equal = [0.9] * 4
    assert power.seeds_to_detect(0.02, [arm(equal)], 0.05) == SeedRange(3, 3)
    stepped = power.seeds_to_detect(0.02, [arm(equal, resolution=0.02)], 0.05)
    assert stepped == SeedRange(power.seeds_needed(1.0), power.seeds_needed(1.0))


def test_single_runs_say_nothing_about_seeds():
    with pytest.raises(ValueError, match="two runs"):
        power.seeds_to_detect(0.02, [arm([0.9]), arm([])], 0.05)
