"""What hovering shows: the numbers of the curves at each x."""

import numpy as np
from support.curves import overlay, several

from ablation.report.html.charts.readings import MAX_POINTS, readings, thinned


def test_thinning_keeps_both_ends():
    assert thinned(5).tolist() == [0, 1, 2, 3, 4]
    indices = thinned(1001)
    assert len(indices) == MAX_POINTS and indices[0] == 0 and indices[-1] == 1000


def test_readings_are_of_the_series_that_are_given():
    plot = overlay(several(3))
    panel = plot.panels[1]
    found = readings(panel, plot.x_axis, panel.series[:2])
    assert isinstance(found["variants"], dict) and list(found["variants"]) == ["0", "1"]
    mean, low, high = found["variants"]["1"]
    np.testing.assert_allclose(mean, panel.series[1].mean, rtol=1e-3)
    assert (found["low"], found["high"], found["log"]) == (panel.y.low, panel.y.high, False)
    assert found["heads"] == [f"Epoch {epoch}" for epoch in range(1, 7)] and len(low) == len(high) == 6
