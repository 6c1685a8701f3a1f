"""Levels of interim looks: what they spend in simulated one-sample t tests, which know nothing of their derivation."""

import numpy as np
import pytest
from scipy import stats

from ablation.statistics.alpha_spending import looks, nominal_levels

PATHS = 200_000
MOST = 30
DESIGNS = [(max_seeds, level) for max_seeds in (6, 12, MOST) for level in (0.05, 0.05 / 8)]


def spent(max_seeds: int, level: float) -> np.ndarray:
    """float64 (looks,): what the spending function allows up to each look (Lan & DeMets 1983; Kim & DeMets 1987)."""
    return np.array([level * n / max_seeds for n in looks(max_seeds)])


@pytest.fixture(scope="module")
def t_statistics() -> np.ndarray:
    """float64 (paths, looks): |t| of the first 3, 4, … of normal values with mean 0."""
    values = np.random.default_rng(14).normal(size=(PATHS, MOST))
    counts = np.array(looks(MOST))
    sums, squares = values.cumsum(axis=1)[:, 2:], (values**2).cumsum(axis=1)[:, 2:]
    variances = (squares - sums**2 / counts) / (counts - 1)
    return np.abs(sums / counts) / np.sqrt(variances / counts)


def stopped_at(t_statistics: np.ndarray, max_seeds: int, level: float) -> np.ndarray:
    """float64 (looks,): the share of paths that each look is the first to stop."""
    levels = np.array(nominal_levels(max_seeds, level))
    bounds = stats.t.isf(levels / 2, np.array(looks(max_seeds)) - 1)
    crossed = t_statistics[:, : len(levels)] >= bounds
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), len(levels))
    return np.bincount(first, minlength=len(levels) + 1)[:-1] / PATHS


@pytest.mark.parametrize(("max_seeds", "level"), DESIGNS)
def test_all_looks_together_stop_the_level_of_paths_without_a_difference(t_statistics, max_seeds, level):
    error = np.sqrt(level * (1 - level) / PATHS)
    assert stopped_at(t_statistics, max_seeds, level).sum() == pytest.approx(level, abs=3.5 * error)


@pytest.mark.parametrize(("max_seeds", "level"), DESIGNS)
def test_each_look_spends_what_the_spending_function_allows(t_statistics, max_seeds, level):
    increments = np.diff(spent(max_seeds, level), prepend=0.0)
    errors = np.sqrt(increments / PATHS)
    assert (np.abs(stopped_at(t_statistics, max_seeds, level) - increments) <= 4 * errors).all()


@pytest.mark.parametrize(("max_seeds", "level"), DESIGNS)
def test_the_first_look_has_the_level_of_a_plain_test(max_seeds, level):
    """Nothing was spent before it: two-sided p of three values at its bound."""
    first = nominal_levels(max_seeds, level)[0]
    bound = stats.t.isf(level * 3 / max_seeds / 2, 2)
    assert first == pytest.approx(2 * stats.t.sf(bound, 2))


@pytest.mark.parametrize("level", [0.05, 0.004])
def test_a_single_look_has_the_whole_level(level):
    assert nominal_levels(3, level) == pytest.approx((level,))


def test_looks_are_at_each_number_from_three():
    assert looks(6) == (3, 4, 5, 6) and looks(2) == () and nominal_levels(2) == ()
    assert len(nominal_levels(12)) == len(looks(12)) == 10


@pytest.mark.parametrize("max_seeds", [4, 12, 24])
def test_no_look_has_the_whole_level_and_a_stricter_study_stricter_looks(max_seeds):
    whole, shared = np.array(nominal_levels(max_seeds, 0.05)), np.array(nominal_levels(max_seeds, 0.01))
    assert (0 < shared).all() and (shared < whole).all() and (whole < 0.05).all()


@pytest.mark.parametrize(("max_seeds", "comparisons"), [(6, 1), (12, 8), (12, 30), (30, 12)])
def test_the_second_look_spends_its_share_by_integration(max_seeds, comparisons):
    """Backwards in time: over the direction of four values, and how much of its length the last of them has.

    The direction's cosine with that of equal values is half of |r| of all four. The sine is spread over a sphere, on
    which the share of the last value is uniform.
    """
    level = 0.05 / comparisons
    first, second = (
        ratio_of(stats.t.isf(nominal / 2, n - 1), n)
        for n, nominal in zip((3, 4), nominal_levels(max_seeds, level), strict=False)
    )
    angles = np.arccos(second / 2) * midpoints(400)
    cosines, sines, positions = np.cos(angles)[:, None], np.sin(angles)[:, None], 2 * midpoints(20_000) - 1
    last = cosines / 2 + sines * positions * np.sqrt(3) / 2
    earlier_ratios = (2 * cosines - last) / np.sqrt(1 - last**2)
    not_stopped_before = (np.abs(earlier_ratios) < first).mean(axis=1)
    density = 2 / np.pi * sines[:, 0] ** 2
    stopped = 2 * np.mean(density * not_stopped_before) * np.arccos(second / 2)
    assert stopped == pytest.approx(np.diff(spent(max_seeds, level))[0], rel=3e-3)


def ratio_of(statistic: float, n: int) -> float:
    """Sum over root of the sum of squares, of n values with this t statistic."""
    mean = statistic / np.sqrt(n)  # with a variance of 1
    return float(n * mean / np.sqrt(n - 1 + n * mean**2))


def midpoints(number: int) -> np.ndarray:
    """float64 (number,): the middle of each cell of a grid over 0 to 1."""
    return (np.arange(number) + 0.5) / number
