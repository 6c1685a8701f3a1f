"""Collapsed seeds and unequal standard deviations."""

import numpy as np
import pytest

from ablation.statistics import verdict
from ablation.statistics.arm import Arm
from ablation.statistics.outliers import diagnostics, outlier_seed, unequal_sds
from ablation.statistics.pair import Pair


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


def test_a_collapsed_run_and_a_tenfold_deviation_are_told():
    calm = arm("calm", [0.9, 0.901, 0.899, 0.9002])
    (found,) = verdict.judge([Pair(arm("lost", [0.9, 0.901, 0.1, 0.899]), calm)])
    assert any("seed 2 of lost" in sentence for sentence in found.diagnostics)
    assert any("the standard deviation of lost" in sentence for sentence in found.diagnostics)
    assert verdict.judge([Pair(arm("fine", [0.9, 0.903, 0.897, 0.9]), calm)])[0].diagnostics == ()


@pytest.mark.parametrize("others", [[[0.97, 0.975, 0.972]], [[0.97, 0.975, 0.972], [0.93, 0.1, 0.94]]])
def test_one_collapsed_run_of_three_is_told(others):
    """Its own variance is no measure of how far it lies."""
    lost, base = arm("lost", [0.9, 0.905, 0.1], 1 / 360), arm("base", [0.95, 0.953, 0.951], 1 / 360)
    pairs = [Pair(lost, base), *(Pair(arm("other", values, 1 / 360), base) for values in others)]
    found = verdict.judge(pairs)
    assert any("seed 2 of lost" in sentence for sentence in found[0].diagnostics)
    assert not any("of base lies" in sentence for each in found for sentence in each.diagnostics)


def test_three_runs_that_differ_by_luck_have_not_collapsed():
    rng, told = np.random.default_rng(0), 0
    for _ in range(300):
        pair = Pair(arm("a", rng.normal(0.9, 0.01, 3)), arm("b", rng.normal(0.9, 0.01, 3)))
        told += any("lies" in sentence for sentence in verdict.judge([pair])[0].diagnostics)
    assert told < 6  # of 300 studies


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (100, -3), (1e-3, 0.9)])
def test_the_distance_of_a_collapsed_run_is_in_sds_of_the_others(scale, shift):
    values = np.array([0.1, 0.9, 0.901, 0.899, 0.9002]) * scale + shift
    distance = abs(values[0] - values[1:].mean()) / values[1:].std(ddof=1)
    lost = Arm("lost", dict(zip((7, 2, 3, 4, 5), values, strict=True)))
    assert outlier_seed(lost) == f"seed 7 of lost lies {distance:.0f} SD from its other seeds"


@pytest.mark.parametrize(("away", "is_told"), [(9.9, False), (10.1, True)])
def test_ten_sds_are_the_border(away, is_told):
    others = [0.0, 1.0, 2.0]  # of SD 1 around 1
    assert (
        bool(outlier_seed(arm("a", [*others, 1 + away])))
        == bool(outlier_seed(arm("a", [1 - away, *others])))
        == is_told
    )


def test_two_of_three_that_lie_close_together_count_with_the_usual_variance():
    few = arm("a", [0.9, 0.9001, 0.89])
    assert outlier_seed(few) and not outlier_seed(few, usual_variance=0.01**2)
    many = arm("a", [0.9, 0.9001, 0.9, 0.89])
    assert outlier_seed(many, usual_variance=0.01**2)


def test_a_step_of_the_metric_is_no_collapse():
    assert outlier_seed(arm("a", [0.9, 0.9, 0.9, 0.89], 0.01)) is None
    assert outlier_seed(arm("a", [0.9, 0.9, 0.9, 0.7], 0.01)) is not None
    assert outlier_seed(arm("a", [0.9, 0.9, 0.9, 0.9])) is outlier_seed(arm("a", [0.9, 0.1])) is None


def test_the_noisier_arm_is_named_with_the_ratio_whichever_side_it_is_on():
    steady, noisy = arm("steady", [1.0, 2.0, 3.0]), arm("noisy", [10.0, 22.0, 34.0])
    told = "the standard deviation of noisy is 12 times that of steady"
    assert unequal_sds(steady, noisy) == unequal_sds(noisy, steady) == told
    assert unequal_sds(steady, arm("nine", [1.0, 10.0, 19.0])) is None
    assert unequal_sds(arm("equal", [1.0, 1.0, 1.0]), noisy) is None  # no ratio to nothing
    assert unequal_sds(arm("two", [1.0, 2.0]), arm("far", [0.0, 99.0])) is None


def test_diagnostics_are_of_both_arms_and_none_where_nothing_is_unusual():
    calm, lost = arm("calm", [0.9, 0.901, 0.899, 0.9002]), arm("lost", [0.9, 0.901, 0.1, 0.899])
    starts = ("seed 2 of lost", "the standard deviation of lost")
    for found in (diagnostics(calm, lost, 0.0), diagnostics(lost, calm, 0.0)):
        assert len(found) == 2 and all(text.startswith(start) for text, start in zip(found, starts, strict=True))
    assert diagnostics(calm, calm, 0.0) == ()
