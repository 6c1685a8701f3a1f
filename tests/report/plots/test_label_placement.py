import numpy as np
import pytest

from ablation.report.plots.label_placement import beside_each_other, spread_labels
from ablation.report.plots.plot_data import Series


def test_labels_keep_their_order_a_distance_and_the_range():
    assert spread_labels([5.0, 5.0, 50.0, 99.0, 98.0], 10, 0, 100) == pytest.approx([0, 10, 50, 100, 90])
    assert spread_labels([20.0, 40.0], 10, 0, 100) == [20.0, 40.0]


def test_labels_move_as_little_as_possible():
    """Two that collide share the shift."""
    assert spread_labels([50.0, 52.0], 10, 0, 100) == pytest.approx([46, 56])


def test_single_epochs_stand_side_by_side_and_longer_curves_stay():
    one, many = np.ones(1), np.arange(3.0)
    places = [beside_each_other(Series(i, "", one, one, one, one), i, 3).x[0] for i in range(3)]
    assert places == pytest.approx([0.92, 1, 1.08])
    series = Series(0, "", many, many, many, many)
    assert beside_each_other(series, 0, 3) is series
