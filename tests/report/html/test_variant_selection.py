"""Which curves the page draws, and that they look as in the figures."""

from dataclasses import replace

import pytest
from support.curves import comparison, draw_overlay, overlay, several, variant

from ablation.report.html.variant_selection import COLOURS, MAX_DRAWN, SHOWN_OF_MORE, StrokeStyle, select
from ablation.report.plots.plot_data import Series


def test_of_many_variants_the_baseline_and_the_most_different_are_drawn():
    near = [variant(f"near{i}", 1) for i in range(60)]
    selection = select(overlay(comparison(variant("base", 1), *near, variant("far", 1, 0.2))))
    assert len(selection.drawn) == MAX_DRAWN and selection.drawn[0] == 0 and selection.drawn[-1] == 61
    assert len(selection.shown) == SHOWN_OF_MORE and {0, 61} <= set(selection.shown)


def test_a_few_are_all_drawn_and_shown():
    selection = select(overlay(several(5)))
    assert selection.drawn == selection.shown == tuple(range(5)) == tuple(selection.styles)


def test_a_variant_looks_as_in_the_figures():
    made = several(5, seeds=1)
    styles = select(overlay(made)).styles
    lines = draw_overlay(made).axes[1].lines
    assert [COLOURS[style.colour] for style in styles.values()] == [line.get_color() for line in lines]
    assert [bool(style.dashes) for style in styles.values()] == [line.is_dashed() for line in lines]
    assert styles[0] == StrokeStyle(0, "") and COLOURS[0] == "#000000"


@pytest.mark.parametrize("named", [True, False])
def test_the_curves_shown_at_first_look_different(named):
    series = []
    for i in range(180):
        series.append(Series(i, f"arm{i}", baseline=named and i == 0, distance=float(i % 7 == 1)))
    plot = overlay(several(1))
    plot = replace(plot, panels=(replace(plot.panels[0], series=tuple(series)),))
    selection = select(plot)
    assert len({selection.styles[i] for i in selection.shown}) == len(selection.shown) == SHOWN_OF_MORE
    assert list(selection.styles) == [*selection.shown, *(i for i in selection.drawn if i not in selection.shown)]
