"""The interaction plot as Matplotlib draws it: means at the levels of two components, on one y axis."""

import numpy as np
import pytest
from support import comparisons

from ablation.report.figures import interaction_figure
from ablation.report.plots.factorial.interaction import interaction
from ablation.report.plots.plot_data import InteractionPlot


def plot() -> InteractionPlot:
    made = interaction(comparisons.factorial())
    assert made is not None
    return made


def test_lines_run_through_the_means_of_their_cells():
    (axes,) = interaction_figure.draw(plot()).axes
    cells = comparisons.factorial().factorial.cells
    lines = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [list(line.get_ydata()) for line in lines] == [
        pytest.approx([cells[0, norm].mean, cells[1, norm].mean]) for norm in (0, 1)
    ]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["with", "without"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("shortcut", "Test accuracy")
    assert {text.get_text() for text in axes.texts} == {"with norm", "without norm"}
    assert axes.get_title(loc="left").startswith("shortcut × norm\n")


def test_bars_are_the_intervals_of_the_means():
    (axes,) = interaction_figure.draw(plot()).axes
    ends = np.array([segments for lines in axes.collections for segments in lines.get_segments()])[:, :, 1]
    wanted = [(low, high) for line in plot().panels[0].lines for low, high in zip(line.low, line.high, strict=True)]
    np.testing.assert_allclose(ends, wanted)


def test_without_a_caption_the_figure_is_lower():
    bare, whole = interaction_figure.draw(plot(), captioned=False), interaction_figure.draw(plot())
    assert bare.get_figheight() < whole.get_figheight() and not bare.texts
