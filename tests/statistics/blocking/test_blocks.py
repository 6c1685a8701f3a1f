"""Comparisons within blocks: the pooled numbers against hand formulas, SciPy and a simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from ablation.statistics.arm import Arm
from ablation.statistics.blocking import blocks
from ablation.statistics.estimate import Estimate
from ablation.statistics.intervals import UNKNOWN
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import judge

FULL = {"easy": [0.95, 0.96, 0.955], "hard": [0.61, 0.64, 0.60, 0.63]}
NORM = {"easy": [0.93, 0.935, 0.94, 0.929], "hard": [0.55, 0.57, 0.54]}


def arm(values, label="a"):
    return Arm(label, dict(enumerate(values)))


def blocked_arm(by_block, label="a"):
    everything = [value for values in by_block.values() for value in values]
    return blocks.BlockedArm(label, dict(enumerate(everything)), blocks={k: arm(v, label) for k, v in by_block.items()})


def blocked_pair(one, other, **changes):
    one, other = blocked_arm(one, "one"), blocked_arm(other, "other")
    pairs = {name: Pair(one.blocks[name], other.blocks[name]) for name in one.blocks}
    return blocks.BlockedPair(one, other, blocks=pairs, **changes)


def by_hand(one, other):
    """Difference, standard error and degrees of freedom of the mean of the blocks' differences."""
    differences, variances, terms = [], [], []
    for name in one:
        differences.append(np.mean(one[name]) - np.mean(other[name]))
        for side in (one[name], other[name]):
            variances.append(np.var(side, ddof=1) / len(side))
            terms.append(variances[-1] ** 2 / (len(side) - 1))
    return np.mean(differences), math.sqrt(sum(variances)) / len(one), sum(variances) ** 2 / sum(terms)


def test_the_pooled_difference_is_that_of_the_formula():
    value, error, freedom = by_hand(NORM, FULL)
    estimate = blocked_pair(NORM, FULL).estimate
    assert (estimate.value, estimate.standard_error) == (pytest.approx(value), pytest.approx(error))
    assert estimate.freedom == pytest.approx(freedom)  # over all four means, whatever the order of summing
    assert estimate.p_value() == pytest.approx(2 * stats.t.sf(abs(value / error), freedom))


def test_one_block_is_welchs_test():
    pair = blocked_pair({"easy": NORM["easy"]}, {"easy": FULL["easy"]})
    expected = stats.ttest_ind(NORM["easy"], FULL["easy"], equal_var=False)
    assert pair.estimate.p_value() == pytest.approx(expected.pvalue)
    (result,), (plain,) = blocks.judge([pair], 1), judge([pair.blocks["easy"]])
    assert (result.p_holm, result.verdict, result.interval) == (plain.p_holm, plain.verdict, plain.interval)


def test_the_mean_of_an_arm_weights_blocks_equally():
    made = blocked_arm(FULL)
    means = [np.mean(values) for values in FULL.values()]
    assert (made.mean, made.n) == (pytest.approx(np.mean(means)), 7)
    variances = [np.var(values, ddof=1) for values in FULL.values()]
    errors = [variance / len(values) for variance, values in zip(variances, FULL.values(), strict=True)]
    freedom = sum(errors) ** 2 / sum(e**2 / (len(v) - 1) for e, v in zip(errors, FULL.values(), strict=True))
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(errors)) / 2
    assert made.interval().half_width == pytest.approx(half)
    assert blocks.mean_interval(made) == made.interval()
    assert blocks.mean_interval(arm(FULL["easy"])).half_width == pytest.approx(
        stats.t.ppf(0.975, 2) * np.std(FULL["easy"], ddof=1) / math.sqrt(3)
    )


def test_holm_counts_all_comparisons():
    mix = {"easy": [0.951, 0.959, 0.956], "hard": [0.60, 0.65, 0.61]}
    results = blocks.judge([blocked_pair(NORM, FULL), blocked_pair(mix, FULL)], 5)
    assert results[0].p_holm == pytest.approx(5 * results[0].estimate.p_value())
    assert [result.verdict for result in results] == ["worse", "inconclusive"]
    assert results[0].simultaneous.half_width > results[0].interval.half_width


def test_what_would_ignore_blocks_is_unknown():
    (result,) = blocks.judge([blocked_pair(NORM, FULL)], 1, margin=0.5)
    assert math.isnan(result.p_permutation) and math.isnan(result.hedges_g) and result.paired is None
    assert result.within_margin and result.verdict == "worse"


def test_too_few_seeds_in_any_block_and_diverged_runs():
    few = {"easy": NORM["easy"], "hard": [0.5, 0.51]}
    assert blocks.judge([blocked_pair(few, FULL)], 1)[0].verdict == "too few seeds"
    assert blocked_pair(few, FULL).n == 2
    better = {name: [value + 0.2 for value in values] for name, values in FULL.items()}
    assert blocks.judge([blocked_pair(better, FULL, diverged=1)], 1)[0].verdict == "only where trained"


def test_blocks_that_do_not_vary_leave_the_error_unknown():
    made = blocks.pooled([Estimate(1.0, 0.1, 4), Estimate(3.0)])
    assert made.value == 2.0 and math.isnan(made.standard_error)
    assert made.interval() == UNKNOWN


def test_permutations_within_blocks_are_counted():
    assert blocks.smallest_p(blocked_pair(NORM, FULL)) == pytest.approx(2 / (math.comb(7, 4) * math.comb(7, 3)))


def test_offsets_are_from_the_reference_of_the_block():
    pair = blocked_pair(NORM, FULL)
    expected = [value - np.mean(FULL[name]) for name, values in NORM.items() for value in values]
    assert pair.offsets.tolist() == pytest.approx(expected)


def test_the_level_holds_without_a_difference():
    """Of 2,000 comparisons of equal arms in blocks of unequal variances, about 5 % are significant."""
    generator = np.random.default_rng(0)
    significant = 0
    for _ in range(2000):
        sides = [{"a": generator.normal(0, 1, 4), "b": generator.normal(5, 0.1, 3)} for _ in range(2)]
        significant += blocks.judge([blocked_pair(*sides)], 1)[0].p_holm <= 0.05
    assert 0.03 < significant / 2000 < 0.062
