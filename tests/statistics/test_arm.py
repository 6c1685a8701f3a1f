"""The values of an arm: in the order of seeds, and never less spread than one step of the metric."""

import numpy as np
import pytest

from ablation.statistics.arm import Arm, mean_over_blocks

VALUES = {3: 0.7, 1: 0.9, 2: 0.5}


def test_values_are_in_the_order_of_seeds():
    assert Arm("a", VALUES).array.tolist() == [0.9, 0.5, 0.7] and Arm("a", VALUES).n == 3


def test_its_moments_are_numpys():
    arm = Arm("a", VALUES)
    assert (arm.mean, arm.sd, arm.variance) == pytest.approx((0.7, np.std([0.9, 0.5, 0.7], ddof=1), 0.04))


def test_its_spread_counts_as_one_step_at_least():
    equal, spread = Arm("a", dict.fromkeys(range(3), 0.9), 0.01), Arm("a", VALUES, 0.01)
    assert equal.variance == 0 and (equal.floored_sd, equal.floored_variance) == pytest.approx((0.01, 1e-4))
    assert (spread.floored_sd, spread.floored_variance) == (spread.sd, spread.variance)


def test_only_some_seeds_are_the_same_arm_otherwise():
    assert Arm("a", VALUES, 0.01).only([2, 1]) == Arm("a", {1: 0.9, 2: 0.5}, 0.01)
    assert Arm("a", VALUES, 0.01).only([]) == Arm("a", {}, 0.01)


def test_the_mean_over_blocks_is_of_the_seeds_that_all_have():
    blocks = {"easy": Arm("a", VALUES, 0.03), "hard": Arm("a", {1: 0.5, 2: 0.3, 7: 0.0}, 0.04)}
    arm = mean_over_blocks("a", blocks)
    assert arm.values == {1: pytest.approx(0.7), 2: pytest.approx(0.4)} and arm.blocks == blocks
    assert arm.resolution == pytest.approx(0.025)  # of the mean of two rounded numbers
