import numpy as np
import pytest

from ablation.report.plots.label_placement import beside_each_other, beside_points, jitter, spread_labels
from ablation.report.plots.plot_data import Series, XAxis


def test_labels_keep_their_order_a_distance_and_the_range():
    assert spread_labels([5.0, 5.0, 50.0, 99.0, 98.0], 10, 0, 100) == pytest.approx([0, 10, 50, 100, 90])
    assert spread_labels([20.0, 40.0], 10, 0, 100) == [20.0, 40.0]


def test_labels_move_as_little_as_possible():
    """Two that collide share the shift."""
    assert spread_labels([50.0, 52.0], 10, 0, 100) == pytest.approx([46, 56])


def test_single_epochs_stand_side_by_side_and_longer_curves_stay():
    one, many = np.ones(1), np.arange(3.0)
    series = [
        Series(0, "", one, one, one, one),
        Series(1, "", many, many, many, many),
        Series(2, "", one, one, one, one),
    ]
    first, second, third = beside_each_other(series, XAxis("epoch", "Epoch"))
    assert (first.x[0], third.x[0]) == pytest.approx((0.92, 1.08)) and second is series[1]
    assert beside_each_other(series, XAxis("seconds", "Seconds")) == series


def test_jitter_is_always_the_same_and_keeps_points_apart():
    offsets = jitter(8)
    assert offsets == jitter(8) == jitter(20)[:8] and -0.5 < min(offsets) < -0.2 and 0.2 < max(offsets) < 0.5
    assert np.diff(sorted(offsets)).min() > 0.05 and jitter(0) == []


def test_labels_stand_right_of_their_points_and_apart():
    alone = beside_points([(10, 20), (80, 60)], width=30, gap=5)
    assert [(label.x, label.y) for label in alone] == [(10, 20), (80, 60)]
    stack = beside_points([(10, 50), (11, 51), (10, 50)], width=30, gap=5)
    assert {label.x for label in stack} == {11}
    assert np.diff(sorted(label.y for label in stack)) == pytest.approx([5, 5])


def test_labels_that_would_cover_other_points_share_their_column():
    covering = beside_points([(10, 50), (30, 52)], width=40, gap=5)
    assert {label.x for label in covering} == {30}
    above = beside_points([(10, 50), (30, 90)], width=40, gap=5)
    assert [label.x for label in above] == [10, 30]
    far = beside_points([(10, 50), (60, 52)], width=40, gap=5)
    assert [label.x for label in far] == [10, 60]
