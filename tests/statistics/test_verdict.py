"""The judge against SciPy on random studies, and what it may never say."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import verdict, welch
from ablation.statistics.arm import Arm
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE

values = st.lists(st.integers(0, 360).map(lambda k: k / 360), min_size=0, max_size=7)


arms = st.tuples(values, st.integers(0, 3)).map(lambda made: dict(enumerate(made[0], made[1])))


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


@pytest.mark.integration
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


@pytest.mark.integration
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
