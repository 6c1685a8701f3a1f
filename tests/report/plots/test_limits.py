"""One rule for the range of each kind of axis."""

import math
from dataclasses import replace

import numpy as np
import pytest

from ablation.report.plots import limits
from ablation.report.plots.forest_data import ForestRow
from ablation.report.plots.plot_data import Line
from ablation.statistics.intervals import UNKNOWN, Interval


def line(*x: float) -> Line:
    return Line(np.array(x), np.zeros(len(x)))


def test_epochs_start_at_one_and_other_axes_at_zero():
    epochs = limits.x_scale([line(3, 7), line(5, 11)], "epoch")
    assert (epochs.low, epochs.high) == pytest.approx((1 - 0.2, 11))
    steps = limits.x_scale([line(100, 200)], "step")
    assert (steps.low, steps.high) == pytest.approx((-4, 200))


@pytest.mark.parametrize("lines", [[], [line()], [line(1.0)]])
def test_a_single_epoch_or_none_stands_in_the_middle(lines):
    scale = limits.x_scale(lines, "epoch")
    assert (scale.low, scale.high) == (0.5, 1.5)


@pytest.mark.parametrize(("low", "log"), [(0.5, False), (0.001, True), (0.0, False), (-1.0, False)])
def test_only_a_positive_loss_over_two_decades_gets_a_log_axis(low, log):
    scale = limits.y_scale(low, 1.0, log_allowed=True)
    assert scale.log == log and scale.low < low and scale.high > 1
    assert not limits.y_scale(low, 1.0).log


def test_no_margin_exceeds_the_top_and_a_constant_has_one():
    assert limits.y_scale(0.2, 1.0, top=1.01).high == 1.01
    for value in (0.0, 0.7):
        scale = limits.y_scale(value, value)
        assert scale.low < value < scale.high


def test_the_range_of_no_value_is_zero_to_one():
    assert limits.value_range([]) == limits.value_range([np.empty(0)]) == (0.0, 1.0)
    assert limits.value_range([np.array([3.0]), np.array([-1.0, 2.0])]) == (-1.0, 3.0)


def rows(*pairs: tuple[float, float]) -> list[ForestRow]:
    """Rows of a difference and the half-width of the interval beside its verdict; the other is a third of it."""
    made = []
    for gap, half in pairs:
        thick, thin = Interval(gap - half, gap + half), Interval(gap - half / 3, gap + half / 3)
        made.append(ForestRow(1, "other", gap, thick=thick, thin=thin))
    return made


def test_a_forest_shows_zero_all_differences_and_usual_intervals():
    scale = limits.forest_scale(rows((-0.3, 0.01), (0.02, 0.02), (0.01, 0.03)), None)
    assert scale.low < -0.31 and 0.04 < scale.high < 0.1


def test_a_forest_cuts_endless_intervals_at_three_times_the_largest_difference():
    """Two seeds have them; the others would be dots."""
    scale = limits.forest_scale(rows((-0.1, 50.0), (0.05, 0.01), (0.02, 0.02)), None)
    assert (scale.low, scale.high) == pytest.approx((-0.336, 0.336))


def test_a_forest_cuts_no_interval_where_all_are_alike():
    scale = limits.forest_scale(rows((0.051, 0.2)), None)
    assert scale.low < -0.149 and scale.high > 0.251


def test_ties_do_not_push_what_differs_off_the_forest():
    tied = [(0.0, math.nan)] * 9
    scale = limits.forest_scale(rows(*tied, (-0.1, math.nan)), None)
    assert scale.low < -0.1 < 0 < scale.high


def test_the_margin_is_within_the_forest_however_small_the_differences():
    scale = limits.forest_scale(rows((0.001, 0.001), (0.002, 0.001)), 0.3)
    assert scale.low < -0.3 and 0.3 < scale.high


def test_without_any_difference_a_forest_has_an_axis():
    scale = limits.forest_scale(rows((0.0, math.nan)), None)
    assert scale.low < 0 < scale.high


def test_where_no_interval_stands_beside_a_verdict_the_other_is_covered():
    (row,) = rows((0.05, 0.3))
    scale = limits.forest_scale([replace(row, thick=UNKNOWN)], None)
    assert scale.low < -0.05 and 0.15 < scale.high < 0.17


def test_a_forest_covers_dots_but_not_those_far_out():
    (row,) = rows((-0.1, 0.05))
    near = limits.forest_scale([replace(row, dots=(-0.2, -0.05))], None)
    assert -0.23 < near.low < -0.2
    far = limits.forest_scale([replace(row, dots=(-0.9, -0.05))], None)
    assert far == limits.forest_scale([replace(row, dots=(-0.05,))], None)


def test_means_are_shown_with_usual_intervals_and_endless_ones_are_cut():
    usual, endless = Interval(0.85, 0.95), Interval(-9.0, 11.0)
    scale = limits.mean_scale([0.9, 0.8, 0.7], [usual, Interval(0.75, 0.85), endless], top=1.0)
    assert 0.4 < scale.low < 0.5 and scale.high == pytest.approx(1.01)
    alone = limits.mean_scale([0.9], [usual], top=None)
    assert alone.low < 0.85 and alone.high > 0.95
    unknown = limits.mean_scale([0.9, 0.7], [UNKNOWN, UNKNOWN], top=None)
    assert 0.6 < unknown.low < 0.7 and 0.9 < unknown.high < 1
