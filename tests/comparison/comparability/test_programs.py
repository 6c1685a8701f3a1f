"""Runs of programs: one value for all seeds is not judged, and what is recorded otherwise is noted."""

import numpy as np
import pytest

from ablation.comparison.comparability import programs
from ablation.statistics.arm import Arm


def arm(*values):
    return Arm("x", dict(enumerate(values)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [((0.5, 0.5), True), ((0.5, 0.5, 0.5), True), ((0.5, 0.6), False), ((0.5,), False), ((0.5, 0.5 + 1e-9), True)],
)
def test_several_equal_values_are_deaf_to_the_seed(values, expected):
    assert programs.is_deaf(arm(*values)) is expected
    assert np.array_equal(arm(*values).array, values)


def test_a_side_that_is_deaf_blocks_the_comparison_with_both_values():
    checked = programs.comparability([], [], (arm(0.5, 0.5, 0.5), arm(0.6, 0.7, 0.65)))
    (difference,) = checked.blocking
    assert (difference.key, difference.baseline, difference.variant) == (
        "metric over seeds", "0.5 in all 3 runs", "0.6 to 0.7",
    )  # fmt: skip
    assert not programs.comparability([], [], (arm(0.5, 0.4), arm(0.6, 0.7))).blocking
    (same,) = programs.comparability([], [], (arm(0.5, 0.4), arm(0.5, 0.4))).blocking
    assert (same.key, same.baseline, same.variant) == ("metric by seed", "0.4 to 0.5", "the same for every seed")
    assert not programs.comparability([], [], (arm(0.5, 0.4), arm(0.5, 0.4001))).blocking
    assert list(programs.notes([])) == []
