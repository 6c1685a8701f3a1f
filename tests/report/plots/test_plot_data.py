import numpy as np
import pytest

from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import MAX_SEED_LINES, DivergedRun, Line, Panel, Series

ONE, THREE = np.ones(1), np.arange(3.0)


def test_a_cross_stands_where_the_run_ended_or_at_the_edge():
    x, y = Scale(0.5, 10), Scale(0, 2)
    ended = DivergedRun(0, "a", Line(np.array([1.0, 2.0]), np.array([1.5, 1.0])))
    left = DivergedRun(0, "a", Line(np.array([1.0, 2.0]), np.array([1.5, 1e9])))
    assert ended.end(x, y) == (2.0, 1.0) and left.end(x, y) == (2.0, 2.0)
    assert DivergedRun(0, "a", Line()).end(x, y) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("count", "line", "drawn"),
    [(1, THREE, False), (2, THREE, True), (2, ONE, False), (MAX_SEED_LINES, THREE, True), (11, THREE, False)],
)
def test_seeds_are_drawn_where_they_are_few_and_have_a_line(count, line, drawn):
    assert Series(0, "a", seeds=(Line(line, line),) * count).draws_seeds == drawn


def test_a_series_without_points_has_neither_mean_nor_band():
    assert not Series(0, "a").has_mean and not Series(0, "a").has_band
    assert Series(0, "a", THREE, THREE, THREE, THREE + 1).has_band
    assert not Series(0, "a", THREE, THREE, THREE, THREE).has_band


def test_a_panel_counts_its_seeds_and_knows_what_has_a_mean():
    run = DivergedRun(1, "b", Line())
    first = Series(0, "a", THREE, THREE, THREE, THREE, seeds=(Line(THREE, THREE),) * 3)
    panel = Panel("", (first, Series(1, "b", diverged=(run,))), Scale(0, 1), Scale(0, 1))
    assert panel.seed_count == 3 and panel.with_mean == [first] and panel.diverged == [run]
