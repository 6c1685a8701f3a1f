"""The judge against SciPy and plain NumPy on random studies, and what it may never say."""

from itertools import combinations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import factorial, verdict, welch
from ablation.statistics.arm import Arm
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE

values = st.lists(st.integers(0, 360).map(lambda k: k / 360), min_size=0, max_size=7)
arms = st.tuples(values, st.integers(0, 3)).map(lambda made: dict(enumerate(made[0], made[1])))


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


def test_a_thousand_random_studies_are_what_scipy_says():
    rng = np.random.default_rng(0)
    for _ in range(1000):
        base = rng.normal(0.9, 10 ** rng.uniform(-4, -1), rng.integers(3, 7))
        parts = [rng.normal(0.9, 10 ** rng.uniform(-4, -1), rng.integers(3, 6)) for _ in range(rng.integers(1, 5))]
        other = arm("base", base)
        found = verdict.judge([(arm(str(i), part), other) for i, part in enumerate(parts)])
        noise = np.mean([part.var(ddof=1) for part in parts])
        ps = []
        for part, one in zip(parts, found, strict=True):
            welch = stats.ttest_ind(part, base, equal_var=False)
            assert one.p == pytest.approx(welch.pvalue, rel=1e-9)
            assert one.interval == pytest.approx(tuple(welch.confidence_interval()), rel=1e-9)
            assert one.difference == pytest.approx(part.mean() - base.mean())
            both = stats.mannwhitneyu(part, base).statistic / len(part) / len(base)
            assert one.prob_improvement == pytest.approx(both)
            a, b = max(part.var(ddof=1), noise) / len(part), base.var(ddof=1) / len(base)
            freedom = min(welch.df, (a + b) ** 2 / (a**2 / (len(part) - 1) + b**2 / (len(base) - 1)))
            ps.append((welch.pvalue, 2 * stats.t.sf(abs(welch.statistic), freedom)))
        for one, plain, counted in zip(found, *map(steps, zip(*ps, strict=True)), strict=True):
            assert (one.p_holm, one.p_holm_pooled) == pytest.approx((plain, counted), rel=1e-9)
            assert one.verdict == (INCONCLUSIVE if counted > 0.05 else BETTER if one.difference > 0 else WORSE)
            assert any("unusually little" in text for text in one.warnings) == (plain <= 0.05 < counted)


def steps(ps):
    """Holm's adjusted p values."""
    order = np.argsort(ps)
    adjusted = np.maximum.accumulate([min(1, (len(ps) - k) * ps[i]) for k, i in enumerate(order)])
    return adjusted[np.argsort(order)]


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


@given(st.lists(arms, min_size=1, max_size=4), arms)
def test_below_three_seeds_there_is_no_verdict(parts, base):
    other = arm("base", base, 1 / 360)
    for found in verdict.judge([(arm(str(i), part, 1 / 360), other) for i, part in enumerate(parts)], margin=0.01):
        assert (found.verdict == TOO_FEW) == (min(found.arm.n, found.reference.n) < 3)
        assert isnan(found.p) or 0 <= found.p <= found.p_holm <= 1 or found.verdict == TOO_FEW


@given(arms, arms)
def test_the_verdict_turns_round_with_the_arms(one, two):
    a, b = arm("a", one, 1 / 360), arm("b", two, 1 / 360)
    ((there,), (back,)) = verdict.judge([(a, b)]), verdict.judge([(b, a)])
    turned = {BETTER: WORSE, WORSE: BETTER}
    assert (
        turned.get(there.verdict, there.verdict) == back.verdict or min(a.n, b.n) < 4
    )  # freedom takes the arm's noise
    lower = verdict.judge([(a, b)], higher=False)[0]
    assert turned.get(there.verdict, there.verdict) == lower.verdict


@given(arms)
def test_an_arm_is_no_better_than_itself(one):
    (found,) = verdict.judge([(arm("a", one, 1 / 360), arm("b", one, 1 / 360))])
    assert found.verdict in (INCONCLUSIVE, TOO_FEW)


def test_a_warning_names_the_arm_that_is_calm():
    """By Holm's order one arm's p counts for more where another's counts for less."""
    rng, named = np.random.default_rng(0), set()
    for _ in range(4000):
        arms = [arm(label, rng.normal(mean, spread, 4)) for label, mean, spread in PARTS]
        found = verdict.judge([(part, arms[0]) for part in arms[1:]])
        shown = welch.mean_variance(arms[1:])
        for one in found:
            if one.p_holm <= 0.05 < one.p_holm_pooled:
                own = one.arm.variance < shown and welch.welch_p_pooled(one.arm, arms[0], shown) > one.p
                named.add(own)
                (warning,) = (text for text in one.warnings if "varies unusually little" in text)
                assert warning.startswith(f"{one.arm.label} varies" if own else "another variant varies")
    assert named == {True, False}


PARTS = (("base", 0.9, 0.004), ("steady", 0.89, 0.001), ("noisy", 0.87, 0.02))


def test_below_three_seeds_there_is_no_p_of_a_verdict():
    (found,) = verdict.judge([(arm("a", [0.9, 0.91]), arm("b", [0.1, 0.11, 0.12]))])
    assert found.p < 0.01 and isnan(found.p_holm) and isnan(found.p_holm_pooled) and found.verdict == TOO_FEW


@pytest.mark.parametrize("images", [360, 10_000])
def test_ties_and_one_image_are_no_evidence(images):
    step = 1 / images
    for gap, told in ((0, INCONCLUSIVE), (1, INCONCLUSIVE), (30, BETTER)):
        (found,) = verdict.judge([(arm("a", [0.9 + gap * step] * 3, step), arm("b", [0.9] * 3, step))])
        assert found.verdict == told and isnan(found.interval[0])
    (found,) = verdict.judge([(arm("a", [0.91] * 3), arm("b", [0.9] * 3))])  # a metric without a least step
    assert found.verdict == INCONCLUSIVE and isnan(found.p)


def test_what_is_within_the_margin_is_equivalent():
    one, two = [0.900, 0.901, 0.902, 0.899], [0.901, 0.900, 0.901, 0.900]
    assert verdict.judge([(arm("a", one), arm("b", two))], margin=0.01)[0].verdict == EQUIVALENT
    assert verdict.judge([(arm("a", one), arm("b", two))], margin=0.0001)[0].verdict == INCONCLUSIVE
    assert verdict.judge([(arm("a", one), arm("b", two))])[0].verdict == INCONCLUSIVE


def test_planned_comparisons_that_are_not_there_yet_count():
    one, two = arm("a", [0.95, 0.951, 0.952]), arm("b", [0.94, 0.943, 0.941])
    alone, among = verdict.judge([(one, two)])[0], verdict.judge([(one, two)], comparisons=60)[0]
    assert among.p_holm == pytest.approx(60 * alone.p_holm) and (alone.verdict, among.verdict) == (BETTER, INCONCLUSIVE)
    assert (
        among.assumes_normality
        and verdict.judge([(arm("a", range(8)), arm("b", range(8)))])[0].assumes_normality is False
    )


def test_a_collapsed_run_and_a_tenfold_deviation_are_told():
    calm = arm("calm", [0.9, 0.901, 0.899, 0.9002])
    (found,) = verdict.judge([(arm("lost", [0.9, 0.901, 0.1, 0.899]), calm)])
    assert any("seed 2 of lost" in warning for warning in found.warnings)
    assert any("the standard deviation of lost" in warning for warning in found.warnings)
    assert verdict.judge([(arm("fine", [0.9, 0.903, 0.897, 0.9]), calm)])[0].warnings == ()


@pytest.mark.parametrize("others", [[[0.97, 0.975, 0.972]], [[0.97, 0.975, 0.972], [0.93, 0.1, 0.94]]])
def test_one_collapsed_run_of_three_is_told(others):
    """Its own variance is no measure of how far it lies."""
    lost, base = arm("lost", [0.9, 0.905, 0.1], 1 / 360), arm("base", [0.95, 0.953, 0.951], 1 / 360)
    found = verdict.judge([(lost, base), *((arm("other", values, 1 / 360), base) for values in others)])
    assert any("seed 2 of lost" in warning for warning in found[0].warnings)
    assert not any("of base lies" in warning for each in found for warning in each.warnings)


def test_three_runs_that_differ_by_luck_have_not_collapsed():
    rng, told = np.random.default_rng(0), 0
    for _ in range(300):
        pair = arm("a", rng.normal(0.9, 0.01, 3)), arm("b", rng.normal(0.9, 0.01, 3))
        told += any("lies" in warning for warning in verdict.judge([pair])[0].warnings)
    assert told < 6  # of 300 studies


@given(st.integers(1, 3), st.integers(3, 5), st.integers(0, 2**32))
def test_effects_of_a_factorial_are_what_a_regression_says(parts, seeds, seed):
    rng = np.random.default_rng(seed)
    levels = list(np.ndindex(*[2] * parts))
    cells = {at: arm(str(at), rng.normal(0.9 - 0.1 * sum(at), 0.01, seeds)) for at in levels}
    found = factorial.effects([[f"p{i}"] for i in range(parts)], cells, parts + 1, parts, True)
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
