"""Looks while seeds are added: what each is made of, what it decides, and that no run changes it afterwards."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics.alpha_spending import nominal_levels
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.sequential import (
    WAITING,
    Decision,
    Design,
    decide,
    judge,
    usable_pairs,
    without_gaps,
)
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE, Look

MOST = 8
DECIDED = (BETTER, WORSE)
seeds_of_random_studies = st.integers(0, 2**32)


def arm(label, values, resolution=0.0) -> Arm:
    found = values if isinstance(values, dict) else dict(enumerate(float(value) for value in values))
    return Arm(label, found, resolution)


def pair_of(values, reference, paired=True) -> Pair:
    return Pair(arm("arm", values), arm("reference", reference), paired)


def excludes_0(interval) -> bool:
    return interval.low > 0 or interval.high < 0


class RandomStudy:
    """Three arms and a reference with effects from none to large, of up to MOST seeds of which some diverge.

    values: {arm: {seed: value}}. lost: {arm: seeds at which it diverged}. The last arm is tested over the means.
    """

    def __init__(self, seed: int, divergence: float = 0.05):
        rng = np.random.default_rng(seed)
        luck = rng.normal(0, 1, MOST)
        self.values, self.lost = {}, {}
        for label, effect in (("reference", 0), *((f"arm{i}", rng.choice([0, 2, -4, 8])) for i in range(3))):
            results = dict(enumerate(luck + effect + rng.normal(0, 0.5, MOST)))
            self.lost[label] = {seed for seed in results if rng.random() < divergence}
            self.values[label] = {seed: value for seed, value in results.items() if seed not in self.lost[label]}
        self.design = Design(MOST, int(rng.integers(3, 6)))

    def pairs(self, without=(), seeds=MOST) -> tuple[list[Pair], list[int]]:
        """The comparisons and their ends. without: runs that were deleted, (arm, seed). seeds: the first that ran."""
        pairs, ends = [], []
        reference, lost_of_reference = self._side("reference", without, seeds)
        for label in ("arm0", "arm1", "arm2"):
            tested, lost = self._side(label, without, seeds)
            whole = Pair(tested, reference, label != "arm2", len(lost), len(lost_of_reference))
            pairs.append(without_gaps(whole, range(MOST), lost | lost_of_reference))
            ends.append(usable_pairs(MOST, len(pairs[-1].seeds), len(lost | lost_of_reference)))
        return pairs, ends

    def _side(self, label, without, seeds) -> tuple[Arm, set[int]]:
        there = [seed for seed in range(seeds) if (label, seed) not in without]
        values = {seed: self.values[label][seed] for seed in there if seed in self.values[label]}
        return Arm(label, values), self.lost[label] & set(there)

    def decisions(self, without=(), seeds=MOST) -> list[Decision]:
        pairs, ends = self.pairs(without, seeds)
        return decide(pairs, self.design, ends)


# ---------------------------------------------------------------- a look at n is n complete pairs


@given(seeds_of_random_studies)
def test_the_p_of_a_look_is_scipys_of_the_first_n_pairs(seed):
    values, reference = np.random.default_rng(seed).normal(0, 1, (2, 6))
    for n in range(3, 7):
        (decision,) = decide([pair_of(values[:n], reference[:n])], Design(6, 1000))
        assert decision.look == Look(n, nominal_levels(6, 0.05 / 1000)[n - 3], decision.look.p)
        assert decision.look.p == pytest.approx(stats.ttest_rel(values[:n], reference[:n]).pvalue)


@given(seeds_of_random_studies)
def test_over_the_means_a_look_has_the_freedom_of_one_side(seed):
    values, reference = np.random.default_rng(seed).normal(0, [[1.0], [3.0]], (2, 6))
    for n in range(3, 7):
        (decision,) = decide([pair_of(values[:n], reference[:n], paired=False)], Design(6, 1000))
        statistic = stats.ttest_ind(values[:n], reference[:n], equal_var=False).statistic
        assert decision.look.p == pytest.approx(2 * stats.t.sf(abs(statistic), n - 1))


@pytest.mark.parametrize("paired", [True, False])
def test_a_diverged_seed_is_skipped_on_both_sides(paired):
    values, reference = {0: 0.8, 2: 0.7, 3: 0.9, 4: 0.1}, {0: 0.5, 1: 99.0, 2: 0.45, 3: 0.52, 4: 0.2}
    usable = without_gaps(pair_of(values, reference, paired), range(8), lost={1})
    assert usable.seeds == [0, 2, 3, 4] and usable.reference.values == {0: 0.5, 2: 0.45, 3: 0.52, 4: 0.2}
    (result,) = judge([usable.first(3)], Design(MOST, 1000))
    assert result.look.n == 3 and result.arm.values == {0: 0.8, 2: 0.7, 3: 0.9}
    a, b = [0.8, 0.7, 0.9], [0.5, 0.45, 0.52]
    statistic = (stats.ttest_rel(a, b) if paired else stats.ttest_ind(a, b, equal_var=False)).statistic
    assert result.p == result.look.p == pytest.approx(2 * stats.t.sf(abs(statistic), 2))
    assert result.difference == pytest.approx(np.mean(a) - np.mean(b))


@pytest.mark.parametrize(
    ("missing_of_arm", "missing_of_reference", "lost", "usable"),
    [
        ((), (), (), [0, 1, 2, 3, 4, 5]),
        ((3,), (), (), [0, 1, 2]),
        ((), (3,), (), [0, 1, 2]),
        ((3,), (), (3,), [0, 1, 2, 4, 5]),
        ((1, 4), (), (1,), [0, 2, 3]),
        ((4,), (1,), (1, 4), [0, 2, 3, 5]),
        ((0,), (), (), []),
    ],
)
def test_a_missing_seed_stops_all_later_looks_and_a_diverged_one_does_not(
    missing_of_arm, missing_of_reference, lost, usable
):
    values = {seed: 1.0 * seed for seed in range(6) if seed not in missing_of_arm}
    reference = {seed: 2.0 * seed for seed in range(6) if seed not in missing_of_reference}
    found = without_gaps(pair_of(values, reference), range(6), lost)
    assert found.seeds == sorted(found.arm.values) == sorted(found.reference.values) == usable


def test_seeds_count_in_the_order_of_the_study():
    values = {7: 1.0, 3: 2.0, 5: 3.0, 9: 4.0}
    reference = {7: 1.5, 3: 2.5, 9: 3.5, 4: 0.0}
    assert without_gaps(pair_of(values, reference), [7, 3, 5, 9], ()).seeds == [3, 7]
    assert without_gaps(pair_of(values, reference), [3, 7, 9], ()).seeds == [3, 7, 9]  # what is not planned is left out


def test_the_next_look_waits_for_both_sides():
    few, many = [1, 2], [1, 2, 3, 4]
    assert decide([pair_of(few, many)], Design(10, 1)) == decide([pair_of(many, few)], Design(10, 1))
    assert decide([pair_of(few, many)], Design(10, 1)) == [Decision(WAITING, 3)]
    (last,) = decide([pair_of(many, [2, 1, 4, 3])], Design(4, 1))
    assert (last.verdict, last.seeds, last.look.n) == (INCONCLUSIVE, 4, 4)


def test_no_pair_is_waited_for_that_cannot_come():
    """Three diverged seeds are a finding of their own; fewer are replaced while the study has seeds left."""
    assert [usable_pairs(10, 4, lost) for lost in range(5)] == [10, 9, 8, 4, 4]
    pair = pair_of([1, 2, 3, 4], [2, 1, 4, 3])
    (ended,), (open_yet,) = decide([pair], Design(10, 1), [4]), decide([pair], Design(10, 1), [5])
    assert (ended.verdict, ended.look.n) == (INCONCLUSIVE, 4)
    assert (open_yet.verdict, open_yet.seeds, open_yet.look.n) == (WAITING, 5, 4)


# ---------------------------------------------------------------- decisions


def test_what_is_clear_is_decided_early_and_what_is_not_never():
    rng = np.random.default_rng(0)
    base, far, near = (rng.normal(mean, 1, 30) for mean in (0, -10, 0))
    pairs = [pair_of(far, base), pair_of(near, base), pair_of(base, far)]
    found = decide(pairs, Design(30, 3))
    assert [each.verdict for each in found] == [WORSE, INCONCLUSIVE, BETTER]
    assert found[0].seeds == found[0].look.n < 6 and found[1].seeds == found[1].look.n == 30
    assert decide(pairs[:1], Design(30, 1, higher=False))[0].verdict == BETTER


SHAPE = np.array([-3.0, 3.0, 1.0, -1.0])  # gaps that vary much at the first look, and less at the second
HALF, WHOLE = nominal_levels(4, 0.025)[-1], nominal_levels(4, 0.05)[-1]


def gaps_with(p: float) -> Pair:
    """Four pairs whose last look of four has this p."""
    return pair_of(SHAPE + np.std(SHAPE, ddof=1) / 2 * stats.t.isf(p / 2, 3), np.zeros(4))


def test_the_level_of_a_look_is_shared_among_what_is_open():
    """Holm's steps: the stronger of two is held to half of the level, the weaker to all of it once that is decided."""
    between, clear = gaps_with((HALF + WHOLE) / 2), gaps_with(HALF / 2)
    (alone,) = decide([between], Design(4, 1))
    assert (alone.verdict, alone.look.level) == (BETTER, WHOLE)
    (shared,) = decide([between], Design(4, 2))
    assert (shared.verdict, shared.look.level) == (INCONCLUSIVE, HALF)
    later, first = decide([between, clear], Design(4, 2))
    assert (later.verdict, later.look.level) == (BETTER, WHOLE) and (first.verdict, first.look.level) == (BETTER, HALF)
    assert later.look.p == pytest.approx((HALF + WHOLE) / 2)


def test_what_only_a_later_step_decided_is_flagged():
    later, first = judge([gaps_with((HALF + WHOLE) / 2), gaps_with(HALF / 2)], Design(4, 2))
    assert later.verdict == first.verdict == BETTER
    assert later.by_later_step and not first.by_later_step
    assert not excludes_0(later.simultaneous) and excludes_0(first.simultaneous)
    assert excludes_0(later.interval)


def test_an_early_decision_raises_the_level_of_later_looks_of_the_others():
    clear = pair_of([10.0, 10.01, 9.99, 10.02], np.zeros(4))
    between, early = decide([gaps_with((HALF + WHOLE) / 2), clear], Design(4, 2))
    assert early.look.n == 3 and (between.verdict, between.look) == (BETTER, Look(4, WHOLE, between.look.p))


@given(seeds_of_random_studies, st.integers(0, MOST))
def test_more_seeds_change_no_decision(seed, first):
    """What is not decided yet is decided at a look that was not yet made. All is equal to the bit."""
    study = RandomStudy(seed, divergence=0)
    for now, later in zip(study.decisions(seeds=first), study.decisions(), strict=True):
        if now.verdict in DECIDED:
            assert now == later
        elif later.verdict in DECIDED:
            assert now.verdict == WAITING and later.look.n >= now.seeds == max(3, first + 1)


@given(seeds_of_random_studies, st.integers(0, MOST))
def test_nor_do_replacements_of_diverged_runs(seed, first):
    """A comparison that catches up may raise the level of another's earlier look, as Holm's steps allow."""
    study = RandomStudy(seed, divergence=0.15)
    for now, later in zip(study.decisions(seeds=first), study.decisions(), strict=True):
        assert now.verdict not in DECIDED or (now.verdict == later.verdict and now.look.n >= later.look.n)


@given(seeds_of_random_studies, st.sampled_from(["reference", "arm0", "arm1", "arm2"]), st.integers(0, MOST - 1))
def test_no_deleted_run_makes_a_decision(seed, label, deleted):
    """Neither a completed nor a diverged one, of either side."""
    study = RandomStudy(seed)
    before, after = study.decisions(), study.decisions(without={(label, deleted)})
    for old, new in zip(before, after, strict=True):
        if new.verdict in DECIDED:
            assert new.verdict == old.verdict and new.look.n >= old.look.n  # later, where another one is missed


@given(seeds_of_random_studies, st.data())
def test_no_set_of_deleted_runs_makes_a_decision(seed, data):
    study = RandomStudy(seed)
    runs = st.tuples(st.sampled_from(["reference", "arm0", "arm1", "arm2"]), st.integers(0, MOST - 1))
    deleted = data.draw(st.sets(runs, max_size=6))
    for old, new in zip(study.decisions(), study.decisions(without=deleted), strict=True):
        assert new.verdict not in DECIDED or new.verdict == old.verdict


@given(seeds_of_random_studies)
def test_the_order_of_comparisons_does_not_matter(seed):
    study = RandomStudy(seed)
    pairs, ends = study.pairs()
    assert decide(pairs[::-1], study.design, ends[::-1])[::-1] == decide(pairs, study.design, ends)


# ---------------------------------------------------------------- results


@given(seeds_of_random_studies)
def test_the_intervals_of_a_look_agree_with_its_p(seed):
    """Repeated intervals: at the Bonferroni level of the look for all comparisons, at its plain level for one."""
    study = RandomStudy(seed)
    pairs, ends = study.pairs()
    comparisons = study.design.comparisons
    results, decisions = judge(pairs, study.design, ends), decide(pairs, study.design, ends)
    for pair, result, decision in zip(pairs, results, decisions, strict=True):
        look = result.look
        assert look == decision.look
        if look is None:
            continue
        of_one, of_all = (nominal_levels(MOST, level)[look.n - 3] for level in (0.05, 0.05 / comparisons))
        assert excludes_0(result.simultaneous) == (look.p <= of_all)
        assert excludes_0(result.interval) == (look.p <= of_one)
        assert result.by_later_step == (decision.verdict in DECIDED and look.p > of_all)
        assert result.outcome == (decision.verdict if decision.verdict in DECIDED else INCONCLUSIVE)
        assert result.arm.n == result.reference.n == look.n and result.pair.seeds == pair.seeds[: look.n]
        half_width = result.estimate.standard_error * stats.t.isf(of_all / 2, look.n - 1)
        assert result.simultaneous.half_width == pytest.approx(half_width)


def test_a_decided_comparison_is_shown_as_it_was_at_its_look():
    """Runs that came after the decision change no number and no note beside it: three signs reach p = 0.25."""
    early, late = [5.0, 5.1, 4.9], [5.0, 5.1, 4.9, *np.linspace(-9, 9, 17)]
    (now,), (later,) = (judge([pair_of(values, np.zeros(len(values)))], Design(20, 2)) for values in (early, late))
    assert now.verdict == BETTER and now.look.n == 3 and now.assumes_normality and now.p_permutation == 0.25
    assert now.pair == later.pair and replace(now, p_holm=0, p_equivalence=0) == replace(
        later, p_holm=0, p_equivalence=0
    )


@given(seeds_of_random_studies)
def test_diverged_runs_withdraw_what_favours_their_side_and_change_no_outcome(seed):
    study = RandomStudy(seed)
    pairs, ends = study.pairs()
    unmarked = judge([replace(pair, diverged=0, reference_diverged=0) for pair in pairs], study.design, ends)
    for found, plain in zip(judge(pairs, study.design, ends), unmarked, strict=True):
        assert found.outcome == plain.outcome and found.look == plain.look
        withdrawn = (
            found.outcome == BETTER and found.pair.diverged or found.outcome == WORSE and found.pair.reference_diverged
        )
        assert found.verdict == (WHERE_TRAINED if withdrawn and plain.verdict != WAITING else plain.verdict)


@pytest.mark.parametrize(("gap", "lost", "lost_of_reference"), [(5, 1, 0), (-5, 0, 1)])
def test_the_side_of_the_diverged_runs_decides(gap, lost, lost_of_reference):
    pair = pair_of(gap + SHAPE / 30, np.zeros(4))
    (withdrawn,) = judge([replace(pair, diverged=lost, reference_diverged=lost_of_reference)], Design(MOST, 1))
    (stands,) = judge([replace(pair, diverged=lost_of_reference, reference_diverged=lost)], Design(MOST, 1))
    assert withdrawn.verdict == WHERE_TRAINED and withdrawn.outcome == stands.verdict == (BETTER if gap > 0 else WORSE)


def test_equivalence_is_tested_at_the_last_look_only():
    pair = pair_of(SHAPE / 100, np.zeros(4))
    (undecided,) = judge([pair], Design(6, 1, margin=1.0))
    assert undecided.verdict == WAITING and isnan(undecided.p_equivalence) and not undecided.within_margin
    (last,) = judge([pair], Design(4, 1, margin=1.0))
    below = stats.ttest_1samp(SHAPE / 100, 1.0, alternative="less").pvalue
    above = stats.ttest_1samp(SHAPE / 100, -1.0, alternative="greater").pvalue
    assert last.verdict == EQUIVALENT and last.p_equivalence == pytest.approx(max(below, above))
    assert -1 < last.equivalence_interval.low and last.equivalence_interval.high < 1
    (ended_early,) = judge([pair], Design(6, 1, margin=1.0), [4])
    assert ended_early.verdict == EQUIVALENT
    (corrected,) = judge([pair], Design(4, 50, margin=1.0))
    assert corrected.p_equivalence == pytest.approx(50 * last.p_equivalence)
    (lost,) = judge([replace(pair, diverged=1)], Design(4, 1, margin=1.0))
    assert (lost.verdict, lost.outcome) == (WHERE_TRAINED, EQUIVALENT)
    assert judge([pair], Design(4, 1))[0].verdict == INCONCLUSIVE


def test_a_decided_difference_within_the_margin_stays_a_difference():
    (found,) = judge([pair_of(5 + SHAPE / 30, np.zeros(4))], Design(MOST, 1, margin=6.0))
    assert (found.verdict, found.within_margin) == (BETTER, True)


def test_before_the_first_look_there_are_too_few_seeds_or_more_to_come():
    two = pair_of([1.0, 2.0], [2.0, 1.0])
    assert judge([two], Design(MOST, 1))[0].verdict == WAITING
    (ended,) = judge([two], Design(MOST, 1), [2])
    assert (ended.verdict, ended.look) == (TOO_FEW, None) and isnan(ended.p_holm)


@pytest.mark.parametrize("paired", [True, False])
def test_values_that_never_vary_are_inconclusive_and_not_too_few(paired):
    """Without a least step of the metric, no test has a p: neither at any look nor at the end."""
    equal = pair_of([1.0] * 4, [0.5] * 4, paired)
    (found,) = judge([equal], Design(4, 1))
    assert (found.verdict, found.outcome, found.look) == (INCONCLUSIVE, INCONCLUSIVE, None) and isnan(found.p)
    assert decide([equal], Design(4, 1)) == [Decision(INCONCLUSIVE, 4)]


def test_equal_gaps_of_counted_images_vary_by_one_image():
    """By hand: the gap's floor is one image of each side."""
    steps = Pair(arm("a", [0.9] * 3, 0.01), arm("b", [0.5] * 3, 0.01), paired=True)
    (found,) = decide([steps], Design(3, 1))
    error = np.sqrt(2 * 0.01**2 / 3)
    assert found.verdict == BETTER and found.look.p == pytest.approx(2 * stats.t.sf(0.4 / error, 2))
    over_means = replace(steps, paired=False)
    assert decide([over_means], Design(3, 1))[0].look.p == pytest.approx(found.look.p)


def test_a_look_whose_values_do_not_vary_does_not_stop_the_others():
    equal, clear = pair_of([1.0] * 4, [0.5] * 4), pair_of([5.0, 5.1, 4.9, 5.05], np.zeros(4))
    assert [each.verdict for each in decide([equal, clear], Design(4, 2))] == [INCONCLUSIVE, BETTER]


def test_decisions_keep_the_level_over_all_looks_and_comparisons():
    """Four paired comparisons without an effect, with a common reference: at least one decision in 5 % at most."""
    rng, studies, false = np.random.default_rng(3), 1000, 0
    for _ in range(studies):
        samples = rng.normal(0, 1, (5, 10))
        decided = decide([pair_of(values, samples[0]) for values in samples[1:]], Design(10, 4))
        false += any(each.verdict in DECIDED for each in decided)
    assert 0.01 < false / studies <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / studies)
