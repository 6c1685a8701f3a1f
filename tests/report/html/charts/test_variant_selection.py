"""Which curves the page draws, and that they look as in the figures."""

from dataclasses import replace

import pytest
from support.curves import comparison, draw_overlay, overlay, several, variant

from ablation.report.html.charts.variant_selection import COLOURS, MAX_DRAWN, StrokeStyle, select
from ablation.report.plots.plot_data import MAX_TOGETHER, Series


def test_of_many_variants_the_baseline_and_the_most_different_are_drawn():
    near = [variant(f"near{i}", 1) for i in range(60)]
    drawn = list(select(overlay(comparison(variant("base", 1), *near, variant("far", 1, 0.2)))))
    assert len(drawn) == MAX_DRAWN and drawn[0] == 0 and drawn[-1] == 61 and drawn == sorted(drawn)


def test_a_variant_looks_as_in_the_figures():
    made = several(5, seeds=1)
    styles = select(overlay(made))
    lines = draw_overlay(made).axes[1].lines
    assert list(styles) == list(range(5))
    assert [COLOURS[style.colour] for style in styles.values()] == [line.get_color() for line in lines]
    assert [bool(style.dashes) for style in styles.values()] == [line.is_dashed() for line in lines]
    assert styles[0] == StrokeStyle(0, "") and COLOURS[0] == "#000000"


@pytest.mark.parametrize("named", [True, False])
def test_curves_in_one_panel_look_different(named):
    series = tuple(Series(i, f"arm{i}", baseline=named and i == 0) for i in range(MAX_TOGETHER))
    plot = overlay(several(1))
    styles = select(replace(plot, panels=(replace(plot.panels[0], series=series),)))
    assert len(set(styles.values())) == MAX_TOGETHER
