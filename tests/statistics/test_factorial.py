"""Effects of factorial designs against regression and SciPy."""

from itertools import combinations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import factorial
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Design
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


def full(labels, cells, diverged=()) -> Design:
    """A full design of components with one removal each."""
    return Design([[label] for label in labels], cells, len(labels) + 1, dict.fromkeys(diverged, 1))


@given(st.integers(1, 3), st.integers(3, 5), st.integers(0, 2**32))
def test_effects_of_a_factorial_are_what_a_regression_says(parts, seeds, seed):
    rng = np.random.default_rng(seed)
    levels = list(np.ndindex(*[2] * parts))
    cells = {at: arm(str(at), rng.normal(0.9 - 0.1 * sum(at), 0.01, seeds)) for at in levels}
    found = factorial.effects(full([f"p{i}" for i in range(parts)], cells), parts, True)
    means = np.array([cells[at].mean for at in levels])
    signs = np.array([[1 - 2 * level for level in at] for at in levels])  # + where the part is there
    columns = [np.ones(len(levels))] + [
        signs[:, list(s)].prod(1) for n in range(1, parts + 1) for s in combinations(range(parts), n)
    ]
    fitted = np.linalg.solve(np.array(columns).T, means)
    main = [effect.difference for effect in found if effect.kind == factorial.MAIN]
    assert main == pytest.approx(-2 * fitted[1 : 1 + parts])
    both = [effect.difference for effect in found if effect.kind == factorial.INTERACTION]
    assert both == pytest.approx(4 * fitted[1 + parts : 1 + parts + len(both)])
    shares = [effect.difference for effect in found if effect.kind == factorial.SHAPLEY]
    if parts > 1:
        assert sum(shares) == pytest.approx(cells[(0,) * parts].mean - cells[(1,) * parts].mean)
    gaps = [effect.difference for effect in found if effect.kind == factorial.GAP]
    if parts == 2:
        assert gaps == pytest.approx([both[0]] * 2)
    assert all(low <= e.difference <= high for e in found for low, high in [e.interval])


def test_a_cell_that_stands_for_two_counts_once():
    one, two = arm("a", [1.0, 1.2, 0.8]), arm("b", [0.0, 0.1, -0.1])
    found = factorial.contrast({(0,): 0.5, (1,): 0.5, (2,): -1.0}, {(0,): one, (1,): one, (2,): two})
    welch = stats.ttest_ind([1.0, 1.2, 0.8], [0.0, 0.1, -0.1], equal_var=False)
    numbers = (found.value, *found.interval(), found.p_value())
    assert numbers == pytest.approx((1.0, *welch.confidence_interval(), welch.pvalue))
    assert isnan(factorial.contrast({(0,): 1.0}, {(0,): arm("none", [])}).value)


def by_hand(weights, samples) -> tuple[float, float, float]:
    """A contrast's value, standard error and degrees of freedom, as a textbook writes them."""
    value = sum(weight * np.mean(sample) for weight, sample in zip(weights, samples, strict=True))
    shares = [weight**2 * np.var(sample, ddof=1) / len(sample) for weight, sample in zip(weights, samples, strict=True)]
    denominator = sum(share**2 / (len(sample) - 1) for share, sample in zip(shares, samples, strict=True))
    return value, np.sqrt(sum(shares)), sum(shares) ** 2 / denominator


LEVELS = [(0, 0), (0, 1), (1, 0), (1, 1)]


@given(st.integers(0, 2**32))
def test_effects_of_cells_with_unequal_sizes_and_variances_are_contrasts_of_their_means(seed):
    """Each cell's mean counts alike, however many runs it has, and each has its own variance."""
    rng = np.random.default_rng(seed)
    samples = [rng.normal(0, 10.0 ** rng.integers(-1, 2), rng.integers(3, 12)) for _ in LEVELS]
    cells = {levels: arm(str(levels), sample) for levels, sample in zip(LEVELS, samples, strict=True)}
    first, second, both, *rest = factorial.effects(full("ab", cells), 2, True)
    for effect, weights in ((first, [-0.5, -0.5, 0.5, 0.5]), (second, [-0.5, 0.5, -0.5, 0.5]), (both, [1, -1, -1, 1])):
        value, error, freedom = by_hand(weights, samples)
        assert (effect.difference, effect.estimate.standard_error) == pytest.approx((value, error))
        assert effect.estimate.freedom == pytest.approx(freedom)
        assert effect.p == pytest.approx(2 * stats.t.sf(abs(value) / error, freedom))
    gap, shapley = rest[0], rest[2]
    assert gap.kind == factorial.GAP and shapley.kind == factorial.SHAPLEY
    assert gap.estimate.standard_error == pytest.approx(by_hand([1, -1, -1, 1], samples)[1])
    assert shapley.difference == pytest.approx(by_hand([0.5, 0.5, -0.5, -0.5], samples)[0])


def two_by_two(effect: float, runs: int = 4, labels="ab", diverged=()) -> Design:
    """A design in which only the removal of the first component has an effect."""
    shape = np.array([-1.0, 1.0, 2.0, -2.0, 0.0])[:runs]
    cells = {levels: arm(str(levels), 0.9 + effect * levels[0] + 0.001 * shape) for levels in LEVELS}
    return full(labels, cells, diverged)


@pytest.mark.parametrize(
    ("effect", "higher", "expected"), [(0.1, True, BETTER), (0.1, False, WORSE), (-0.1, True, WORSE)]
)
def test_a_main_effect_is_judged_by_its_direction(effect, higher, expected):
    first, second = factorial.effects(two_by_two(effect), 2, higher)[:2]
    assert (first.verdict, second.verdict) == (expected, INCONCLUSIVE)
    assert first.p_holm / first.p == pytest.approx(2) and second.p_holm == pytest.approx(1.0)


def test_main_effects_are_corrected_over_those_that_were_planned():
    first = factorial.effects(two_by_two(0.1), 50, True)[0]
    assert first.p_holm / first.p == pytest.approx(50)


@pytest.mark.parametrize("lost", LEVELS)
@pytest.mark.parametrize(("effect", "found", "favoured"), [(0.1, BETTER, 1), (-0.1, WORSE, 0)])
def test_diverged_runs_withdraw_a_verdict_that_favours_their_side(lost, effect, found, favoured):
    """Better favours the cells without the component, level 1; worse those that keep it."""
    first, second = factorial.effects(two_by_two(effect, diverged={lost}), 2, True)[:2]
    assert first.verdict == (WHERE_TRAINED if lost[0] == favoured else found)
    assert second.verdict == INCONCLUSIVE and first.p_holm <= 0.05


def test_one_cell_with_too_few_runs_leaves_no_verdict():
    design = two_by_two(0.1, runs=3)
    cells = {**design.cells, (1, 1): arm("few", [1.0, 1.01])}
    found = factorial.effects(full("ab", cells), 2, True)
    assert [each.verdict for each in found[:2]] == [TOO_FEW, TOO_FEW] and isnan(found[0].p_holm)
    assert not isnan(found[0].p)


def test_a_cell_that_lost_one_of_three_runs_by_divergence_still_counts():
    design = two_by_two(-0.1, runs=3)
    cells = {**design.cells, (1, 1): arm("two left", [0.8, 0.801])}
    assert factorial.effects(full("ab", cells, [(1, 1)]), 2, True)[0].verdict == WORSE
    cells = {**design.cells, (1, 1): arm("one left", [0.8])}
    assert factorial.effects(full("ab", cells, [(1, 1)]), 2, True)[0].verdict == TOO_FEW


def test_a_fraction_has_no_interactions_that_are_aliased():
    """Half of a 2 x 2 x 2 design: resolution 3, where each interaction is a main effect's alias."""
    half = {levels: arm(str(levels), [0.1, 0.2, 0.3]) for levels in np.ndindex(2, 2, 2) if sum(levels) % 2 == 0}
    design = Design([["a"], ["b"], ["c"]], half, 3)
    assert {each.kind for each in factorial.effects(design, 3, True)} == {factorial.MAIN}
