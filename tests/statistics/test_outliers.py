"""Collapsed seeds and unequal standard deviations."""

import numpy as np
import pytest

from ablation.statistics import verdict
from ablation.statistics.arm import Arm


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


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
