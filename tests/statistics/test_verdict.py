"""Verdicts against SciPy on random studies, their intervals, and what they may never say."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import verdict, welch
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE, Family

values = st.lists(st.integers(0, 360).map(lambda k: k / 360), min_size=0, max_size=7)
arms = st.tuples(values, st.integers(0, 3)).map(lambda made: dict(enumerate(made[0], made[1])))
diverged_runs = st.integers(0, 2)


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


@st.composite
def families(draw) -> list[Pair]:
    """One to six arms against one reference: effects from none to huge, SDs up to 1:30, Welch's test or paired."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    resolution = draw(st.sampled_from([0.0, 1 / 360]))
    luck = rng.normal(0, 0.01, 6)

    def runs(label: str) -> Arm:
        n, sd = rng.integers(3, 7), 10 ** rng.uniform(-3, -1.5)
        noise = luck[:n] * rng.choice([0, 1]) + rng.normal(0, sd, n)
        return Arm(label, dict(enumerate(0.8 + rng.choice([0, 0, 1, -2, 4]) * 0.02 + noise)), resolution)

    reference = runs("reference")
    return [Pair(runs(f"arm{i}"), reference, bool(rng.integers(0, 2))) for i in range(draw(st.integers(1, 6)))]


extra_comparisons = st.sampled_from([0, 0, 1, 5])


def excludes_0(interval) -> bool:
    return interval.low > 0 or interval.high < 0


# ---------------------------------------------------------------- the test, its correction and its direction


def steps(ps) -> np.ndarray:
    """Holm's adjusted p values, as the largest of the products so far."""
    order = np.argsort(ps)
    return np.minimum(np.maximum.accumulate(np.array(ps)[order] * np.arange(len(ps), 0, -1)), 1)[np.argsort(order)]


def test_hundreds_of_random_studies_are_what_scipy_says():
    rng = np.random.default_rng(0)
    for _ in range(300):
        base = rng.normal(0.9, 10 ** rng.uniform(-4, -1), 6)
        parts = [rng.normal(0.9, 10 ** rng.uniform(-4, -1), rng.integers(4, 7)) for _ in range(rng.integers(2, 5))]
        other = arm("base", base)
        found = verdict.judge([Pair(arm(str(i), part), other) for i, part in enumerate(parts)])
        noise = np.exp(np.mean(np.log([part.var(ddof=1) for part in parts])))
        ps = []
        for part, one in zip(parts, found, strict=True):
            plain = stats.ttest_ind(part, base, equal_var=False)
            assert one.p == pytest.approx(plain.pvalue, rel=1e-9)
            assert tuple(one.interval) == pytest.approx(tuple(plain.confidence_interval()), rel=1e-9)
            assert one.difference == pytest.approx(part.mean() - base.mean())
            both = stats.mannwhitneyu(part, base).statistic / len(part) / len(base)
            assert one.prob_improvement == pytest.approx(both)
            a, b = max(part.var(ddof=1), noise) / len(part), base.var(ddof=1) / len(base)
            freedom = min(plain.df, (a + b) ** 2 / (a**2 / (len(part) - 1) + b**2 / (len(base) - 1)))
            ps.append(2 * stats.t.sf(abs(plain.statistic), freedom))
        for one, counted in zip(found, steps(ps), strict=True):
            assert one.p_holm == pytest.approx(counted, rel=1e-9)
            assert one.verdict == (INCONCLUSIVE if counted > 0.05 else BETTER if one.difference > 0 else WORSE)


@given(st.integers(0, 2**32))
def test_paired_comparisons_are_scipys_with_holms_steps(seed):
    rng = np.random.default_rng(seed)
    luck = rng.normal(0, 1, 10)
    base, parts = luck + rng.normal(0, 0.1, 10), luck + rng.normal(rng.choice([0, 0.3], (4, 1)), 0.4, (4, 10))
    found = verdict.judge([Pair(arm(str(i), part), arm("base", base), paired=True) for i, part in enumerate(parts)])
    expected = [stats.ttest_rel(part, base).pvalue for part in parts]
    assert [one.p for one in found] == pytest.approx(expected)
    assert [one.p_holm for one in found] == pytest.approx(steps(expected))
    assert [one.verdict in (BETTER, WORSE) for one in found] == [p <= 0.05 for p in steps(expected)]


@given(families(), extra_comparisons)
def test_better_and_worse_are_what_holms_p_shows(pairs, extra):
    comparisons = len(pairs) + extra
    for found in verdict.judge(pairs, comparisons):
        assert (found.verdict in (BETTER, WORSE)) == (found.p_holm <= 0.05)
        if found.verdict in (BETTER, WORSE):
            tested = found.pair.first(6) if found.pair.paired else found.pair
            assert (found.verdict == BETTER) == (tested.arm.mean > tested.reference.mean)


@given(st.lists(arms, min_size=1, max_size=4), arms)
def test_below_three_seeds_there_is_no_verdict(parts, base):
    other = arm("base", base, 1 / 360)
    pairs = [Pair(arm(str(i), part, 1 / 360), other, paired=i % 2 == 1) for i, part in enumerate(parts)]
    for found in verdict.judge(pairs, margin=0.01):
        common = len(found.arm.values.keys() & found.reference.values.keys())
        enough = common if found.pair.paired else min(found.arm.n, found.reference.n)
        assert (found.verdict == TOO_FEW) == (enough < 3)
        assert found.verdict == TOO_FEW or isnan(found.p) or 0 <= found.p <= found.p_holm <= 1


@given(arms, arms, st.booleans())
def test_the_verdict_turns_round_with_the_arms(one, two, paired):
    a, b = arm("a", one, 1 / 360), arm("b", two, 1 / 360)
    ((there,), (back,)) = verdict.judge([Pair(a, b, paired)]), verdict.judge([Pair(b, a, paired)])
    turned = {BETTER: WORSE, WORSE: BETTER}
    assert turned.get(there.verdict, there.verdict) == back.verdict
    lower = verdict.judge([Pair(a, b, paired)], higher=False)[0]
    assert turned.get(there.verdict, there.verdict) == lower.verdict


@given(arms, st.booleans())
def test_an_arm_is_no_better_than_itself(one, paired):
    (found,) = verdict.judge([Pair(arm("a", one, 1 / 360), arm("b", one, 1 / 360), paired)])
    assert found.verdict in (INCONCLUSIVE, TOO_FEW)


def test_below_three_seeds_there_is_no_p_of_a_verdict():
    (found,) = verdict.judge([Pair(arm("a", [0.9, 0.91]), arm("b", [0.1, 0.11, 0.12]))], margin=0.5)
    assert found.p < 0.01 and isnan(found.p_holm) and isnan(found.p_equivalence) and found.verdict == TOO_FEW
    assert not found.within_margin and not found.by_later_step


@pytest.mark.parametrize("images", [360, 10_000])
@pytest.mark.parametrize("paired", [True, False])
def test_ties_and_one_image_are_no_evidence(images, paired):
    step = 1 / images
    for gap, told in ((0, INCONCLUSIVE), (1, INCONCLUSIVE), (30, BETTER)):
        pair = Pair(arm("a", [0.9 + gap * step] * 3, step), arm("b", [0.9] * 3, step), paired)
        (found,) = verdict.judge([pair])
        assert found.verdict == told and excludes_0(found.interval) == (told == BETTER)
    (found,) = verdict.judge([Pair(arm("a", [0.91] * 3), arm("b", [0.9] * 3), paired)])  # without a least step
    assert found.verdict == INCONCLUSIVE and isnan(found.p) and isnan(found.interval.low)


def test_planned_comparisons_that_are_not_there_yet_count():
    pair = Pair(arm("a", [0.95, 0.951, 0.952]), arm("b", [0.94, 0.943, 0.941]))
    alone, among = verdict.judge([pair])[0], verdict.judge([pair], comparisons=60)[0]
    assert among.p_holm == pytest.approx(min(1, 60 * alone.p_holm))
    assert (alone.verdict, among.verdict) == (BETTER, INCONCLUSIVE)
    assert verdict.judge([pair, pair], comparisons=1)[0].p_holm == verdict.judge([pair, pair])[0].p_holm


def test_a_verdict_rests_on_normality_where_no_randomization_reaches_it():
    """Six seeds: signs reach 2 of 64, regroupings 2 of 924."""
    pair = Pair(arm("a", range(6)), arm("b", range(6)))
    by_seed = Pair(arm("a", range(6)), arm("b", range(6)), paired=True)
    assert not verdict.judge([pair])[0].assumes_normality and verdict.judge([pair], 60)[0].assumes_normality
    assert not verdict.judge([by_seed])[0].assumes_normality and verdict.judge([by_seed], 2)[0].assumes_normality


# ---------------------------------------------------------------- intervals beside verdicts


@given(families(), extra_comparisons)
def test_intervals_agree_with_the_ps_beside_them(pairs, extra):
    comparisons = len(pairs) + extra
    for found in verdict.judge(pairs, comparisons):
        estimate = found.estimate
        p_of_verdict = 2 * stats.t.sf(abs(estimate.value) / estimate.standard_error, estimate.freedom)
        assert excludes_0(found.simultaneous) == (p_of_verdict * comparisons < 0.05)
        assert excludes_0(found.interval) == (found.p < 0.05)
        half_width = estimate.standard_error * stats.t.isf(0.025 / comparisons, estimate.freedom)
        assert found.simultaneous.half_width == pytest.approx(half_width)


@given(families(), extra_comparisons)
def test_a_verdict_beside_an_interval_that_includes_0_is_flagged_as_a_later_step(pairs, extra):
    for found in verdict.judge(pairs, len(pairs) + extra):
        decided = found.verdict in (BETTER, WORSE)
        assert found.by_later_step == (decided and not excludes_0(found.simultaneous))
        assert decided or not excludes_0(found.simultaneous)


def test_only_a_later_step_of_holm_decides_the_second_of_two():
    """With 2 comparisons: p of the first below 0.025, of the second between 0.025 and 0.05."""
    shape = np.array([-1.0, 1.0, 2.0, -2.0, 0.0])
    error = np.sqrt(np.var(shape, ddof=1) / 5)
    gaps = {p: shape + error * stats.t.isf(p / 2, 4) for p in (0.001, 0.03)}
    zero = arm("base", [0.0] * 5)
    first, second = verdict.judge([Pair(arm(str(p), gap), zero, paired=True) for p, gap in gaps.items()])
    assert (first.verdict, second.verdict) == (BETTER, BETTER)
    assert (first.p_holm, second.p_holm) == pytest.approx((0.002, 0.03))
    assert not first.by_later_step and second.by_later_step
    assert excludes_0(first.simultaneous) and not excludes_0(second.simultaneous)
    alone = verdict.judge([second.pair], comparisons=2)[0]
    assert alone.verdict == INCONCLUSIVE and not alone.by_later_step


# ---------------------------------------------------------------- equivalence


def test_what_is_within_the_margin_is_equivalent():
    pair = Pair(arm("a", [0.900, 0.901, 0.902, 0.899]), arm("b", [0.901, 0.900, 0.901, 0.900]))
    assert verdict.judge([pair], margin=0.01)[0].verdict == EQUIVALENT
    assert verdict.judge([pair], margin=0.0001)[0].verdict == INCONCLUSIVE
    assert verdict.judge([pair])[0].verdict == INCONCLUSIVE and isnan(verdict.judge([pair])[0].p_equivalence)


@pytest.mark.parametrize("margin", [0.012, 1.0])
def test_a_significant_difference_within_the_margin_stays_a_difference(margin):
    pair = Pair(arm("a", [0.892, 0.8921, 0.8919, 0.8922]), arm("b", [0.900, 0.9001, 0.8999, 0.9002]))
    (found,) = verdict.judge([pair], margin=margin)
    assert (found.verdict, found.outcome, found.within_margin) == (WORSE, WORSE, True)
    assert not verdict.judge([pair], margin=0.007)[0].within_margin


@given(families(), extra_comparisons, st.sampled_from([0.002, 0.01, 0.04, 1.0]))
def test_equivalent_is_never_said_of_a_significant_difference(pairs, extra, margin):
    comparisons = len(pairs) + extra
    for found, plain in zip(verdict.judge(pairs, comparisons, margin), verdict.judge(pairs, comparisons), strict=True):
        if found.p_holm <= 0.05:
            assert found.verdict in (BETTER, WORSE)
        else:
            assert found.verdict == (EQUIVALENT if found.within_margin else INCONCLUSIVE)
        assert (found.p_holm, found.by_later_step) == (plain.p_holm, plain.by_later_step)


@given(families(), extra_comparisons, st.sampled_from([0.002, 0.01, 0.04, 1.0]))
def test_within_the_margin_lies_the_whole_90_percent_interval(pairs, extra, margin):
    comparisons = len(pairs) + extra
    results = verdict.judge(pairs, comparisons, margin)
    ps = []
    for found in results:
        estimate = found.estimate
        below = stats.t.cdf((estimate.value - margin) / estimate.standard_error, estimate.freedom)
        above = stats.t.sf((estimate.value + margin) / estimate.standard_error, estimate.freedom)
        ps.append(max(below, above))
        inside = -margin <= found.equivalence_interval.low and found.equivalence_interval.high <= margin
        assert inside or not found.within_margin
        assert inside == (ps[-1] <= 0.05)
    adjusted = steps([*ps, *[1.0] * extra])[: len(ps)]
    assert [found.p_equivalence for found in results] == pytest.approx(list(adjusted), rel=1e-9)
    assert [found.within_margin for found in results] == [p <= 0.05 for p in adjusted]


# ---------------------------------------------------------------- diverged runs


@given(families(), diverged_runs, diverged_runs, st.sampled_from([None, 0.01, 1.0]), st.booleans())
def test_diverged_runs_withdraw_every_verdict_that_favours_their_side(pairs, lost, lost_of_reference, margin, higher):
    marked = [Pair(each.arm, each.reference, each.paired, lost, lost_of_reference) for each in pairs]
    all_runs_completed = verdict.judge(pairs, margin=margin, higher=higher)
    for found, plain in zip(verdict.judge(marked, margin=margin, higher=higher), all_runs_completed, strict=True):
        assert (found.outcome, found.p_holm, found.difference) == (plain.verdict, plain.p_holm, plain.difference)
        assert not (lost and found.verdict in (BETTER, EQUIVALENT))
        assert not (lost_of_reference and found.verdict in (WORSE, EQUIVALENT))
        assert found.verdict in (plain.verdict, WHERE_TRAINED)


EQUAL, LOW, HIGH = [0.9, 0.901, 0.899, 0.9], [0.7, 0.701, 0.699, 0.7], [0.95, 0.951, 0.949, 0.95]


@pytest.mark.parametrize(
    ("values", "outcome", "with_lost_runs", "with_lost_runs_of_reference"),
    [
        (HIGH, BETTER, WHERE_TRAINED, BETTER),
        (LOW, WORSE, WORSE, WHERE_TRAINED),
        (EQUAL, EQUIVALENT, WHERE_TRAINED, WHERE_TRAINED),
        ([0.8, 1.0, 0.7, 0.95], INCONCLUSIVE, INCONCLUSIVE, INCONCLUSIVE),
        ([0.9, 0.9], TOO_FEW, TOO_FEW, TOO_FEW),
    ],
)
def test_the_side_of_the_diverged_runs_decides(values, outcome, with_lost_runs, with_lost_runs_of_reference):
    reference = arm("reference", [0.9, 0.9, 0.901, 0.899])
    for lost, lost_of_reference, expected in (
        (0, 0, outcome),
        (1, 0, with_lost_runs),
        (0, 1, with_lost_runs_of_reference),
    ):
        pair = Pair(arm("a", values), reference, False, lost, lost_of_reference)
        (found,) = verdict.judge([pair], margin=0.01)
        assert (found.verdict, found.outcome) == (expected, outcome)
        assert Family([pair], 1, 0.01).verdicts() == [expected]


# ---------------------------------------------------------------- the guard against arms that vary little


def power_beside_a_noisy_arm(times: float) -> float:
    """The share of 400 studies that find 3 SD: five seeds, eight arms, of which one varies `times` as much."""
    rng, found = np.random.default_rng(11), 0
    for _ in range(400):
        samples = rng.normal(0, 1, (9, 5))
        samples[1] += 3
        samples[2] *= times
        reference = arm("reference", samples[0])
        family = Family([Pair(arm(str(i), sample), reference) for i, sample in enumerate(samples[1:])], 8)
        found += family.verdicts()[0] == BETTER
    return found / 400


@pytest.mark.parametrize("times", [10, 30])
def test_one_noisy_arm_does_not_silence_the_others(times, monkeypatch):
    """The arithmetic mean of the variances, which that arm dominates, does."""
    assert power_beside_a_noisy_arm(times) >= 0.65
    monkeypatch.setattr(welch, "geometric_mean_variance", lambda arms: np.mean([each.variance for each in arms]))
    assert power_beside_a_noisy_arm(times) < 0.65


def test_arms_ten_times_as_noisy_as_the_reference_are_not_found_different_too_often():
    """Three seeds, eight arms without an effect: plain Welch with Holm finds a difference in 8 to 9 % of studies."""
    rng, studies, false, plainly_false = np.random.default_rng(12), 1500, 0, 0
    for _ in range(studies):
        reference = arm("reference", rng.normal(0, 1, 3))
        pairs = [Pair(arm(str(i), rng.normal(0, 10, 3)), reference) for i in range(8)]
        false += any(found != INCONCLUSIVE for found in Family(pairs, 8).verdicts())
        plainly_false += min(pair.estimate.p_value() for pair in pairs) <= 0.05 / 8
    assert false / studies <= 0.05 < 0.065 < plainly_false / studies


# ---------------------------------------------------------------- one comparison


@pytest.mark.parametrize(("n", "m", "freedom"), [(3, 10, 2), (10, 3, 2), (3, 30, 2), (5, 10, 4)])
def test_a_single_comparison_of_unequal_sizes_is_judged_with_the_freedom_of_the_smaller(n, m, freedom):
    rng = np.random.default_rng(n + m)
    pair = Pair(arm("a", rng.normal(0, 1, n)), arm("b", rng.normal(0, 1, m)))
    (found,) = verdict.judge([pair])
    statistic = stats.ttest_ind(pair.arm.array, pair.reference.array, equal_var=False).statistic
    assert found.estimate.freedom == freedom
    assert found.p_holm == pytest.approx(2 * stats.t.sf(abs(statistic), freedom))


@pytest.mark.parametrize(("n", "m"), [(6, 10), (10, 6), (3, 3)])
def test_a_single_comparison_of_similar_sizes_is_welchs(n, m):
    rng = np.random.default_rng(n + m)
    pair = Pair(arm("a", rng.normal(0, 1, n)), arm("b", rng.normal(0, 1, m)))
    expected = stats.ttest_ind(pair.arm.array, pair.reference.array, equal_var=False)
    (found,) = verdict.judge([pair])
    assert (found.estimate.freedom, found.p_holm) == pytest.approx((expected.df, expected.pvalue))


@given(families(), extra_comparisons)
def test_no_verdict_rests_on_more_freedom_than_the_plain_test_has(pairs, extra):
    for found in verdict.judge(pairs, len(pairs) + extra):
        assert found.estimate.freedom <= found.pair.estimate.freedom * (1 + 1e-12)
        assert (found.estimate.value, found.estimate.standard_error) == (
            found.pair.estimate.value,
            found.pair.estimate.standard_error,
        )
