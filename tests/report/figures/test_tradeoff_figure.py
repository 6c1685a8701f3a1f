"""The metric against costs as Matplotlib draws it: points in the style of their verdicts, with names."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from support.curves import comparison, variant

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.figures import style, tradeoff_figure
from ablation.report.plots.palette import BLACK, verdict_style
from ablation.report.plots.plot_data import TradeoffPlot
from ablation.report.plots.scores.tradeoff import tradeoff


def costly(*parameters: int, seconds: float = 1.0) -> Comparison:
    """Variants of rising accuracy with these numbers of parameters; time and MACs follow them."""
    rows = []
    for index, count in enumerate(parameters):
        row = variant(f"net{index}", 3, 0.6 + index / 10)
        runs = tuple(replace(run, parameters=count, macs=2 * count, seconds=seconds * count) for run in row.runs)
        rows.append(replace(row, runs=runs))
    return comparison(*rows)


def plot(made: Comparison) -> TradeoffPlot:
    found = tradeoff(made)
    assert found is not None
    return found


def draw(made: Comparison) -> Figure:
    return tradeoff_figure.draw(plot(made))


def test_points_stand_at_their_cost_and_mean_in_the_style_of_their_verdict():
    made = costly(100, 200, 300)
    figure = draw(made)
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "Trainable parameters",
        "MACs per image",
        "Minutes of training",
    ]
    for axes, panel in zip(figure.axes, plot(made).panels, strict=True):
        better, base = (line for line in axes.get_lines() if line.get_linestyle() == "None")
        first, *others = [(point.x, point.y) for point in panel.points]
        assert np.asarray(base.get_xydata()) == pytest.approx(np.array([first]))
        assert np.asarray(better.get_xydata()) == pytest.approx(np.array(others))
        assert (base.get_color(), better.get_color()) == (BLACK, verdict_style("better").colour)
    assert figure.axes[0].get_ylabel() == "Test accuracy"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["baseline", "better"]


def test_costs_over_more_than_a_decade_have_a_log_axis_that_says_so():
    narrow, wide = draw(costly(100, 200)), draw(costly(100, 20_000))
    assert narrow.axes[0].get_xscale() == "linear" and wide.axes[0].get_xscale() == "log"
    assert wide.axes[0].get_xlabel() == "Trainable parameters (log scale)"
    assert len(wide.axes[0].get_xticks()) > 1


def test_names_touch_neither_each_other_nor_the_edge():
    figure = draw(costly(100, 101, 102, 103, 300, 301, 302, 500))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        boxes = sorted(
            (Text.get_window_extent(text, canvas.get_renderer()) for text in axes.texts), key=lambda box: box.y0
        )
        assert len(boxes) == 8 and max(box.x1 for box in boxes) <= figure.bbox.x1
        for index, low in enumerate(boxes):
            for high in boxes[index + 1 :]:
                assert low.y1 <= high.y0 + 1 or low.x1 <= high.x0 or high.x1 <= low.x0


def test_of_many_points_only_the_baseline_is_named():
    figure = draw(costly(*range(100, 100 + tradeoff_figure.MAX_NAMED + 1)))
    assert [text.get_text() for text in figure.axes[0].texts] == ["net0"]


def test_a_single_panel_is_no_wide_strip():
    made = costly(100, 100)
    first, second = made.variants
    second = replace(second, runs=tuple(replace(run, parameters=150) for run in second.runs))
    figure = draw(replace(made, variants=(first, second)))
    assert len(figure.axes) == 1 and figure.get_figwidth() < 0.6 * style.WIDTH
    bare = tradeoff_figure.draw(plot(replace(made, variants=(first, second))), captioned=False)
    assert bare.get_figheight() < figure.get_figheight()
