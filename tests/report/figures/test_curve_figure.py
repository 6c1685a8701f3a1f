"""Learning curves as Matplotlib draws them: layouts, limits, labels, crosses."""

import numpy as np
import pytest
from matplotlib.text import Text
from support.curves import (
    comparison,
    diverged,
    draw_difference,
    draw_overlay,
    drawn_text,
    of_runs,
    overlay,
    run,
    several,
    variant,
)
from support.fake_runs import history

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.report.figures import curve_figure


@pytest.mark.parametrize("metric", list(learning_curves.METRICS))
@pytest.mark.parametrize("x_axis", list(learning_curves.AXES))
def test_every_metric_is_drawn_against_every_axis(metric, x_axis):
    shown = several(3)
    for figure in (draw_overlay(shown, metric, x_axis), draw_difference(shown, metric, x_axis)):
        (axes,) = figure.axes
        assert learning_curves.METRICS[metric].lower() in axes.get_ylabel().lower()
        assert axes.get_xlabel() == learning_curves.AXES[x_axis]
        for line in axes.get_lines():
            assert np.isfinite(np.asarray(line.get_xydata(), dtype=float)).all()


def test_up_to_twelve_variants_share_a_panel():
    assert len(draw_overlay(several(12)).axes) == 2


def test_of_very_many_arms_the_outermost_are_named():
    figure = draw_overlay(several(curve_figure.MAX_FACETS + 1), "val_accuracy")
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts] == [
        *(f"arm{i}" for i in range(curve_figure.OUTERMOST)),
        *(f"arm{curve_figure.MAX_FACETS - i}" for i in reversed(range(curve_figure.OUTERMOST))),
    ]
    assert any(len(lines.get_segments()) == 37 for lines in axes.collections if hasattr(lines, "get_segments"))
    assert "the means of all 37 variants" in drawn_text(figure)


def test_a_lone_point_stands_where_its_time_was():
    """Only lone epochs, which are all the first, stand side by side."""
    shown = comparison(variant("a", 1, epochs=1), variant("b", 1, epochs=1), baseline=False)
    epochs, seconds = (draw_overlay(shown, "loss", x_axis).axes[0].lines for x_axis in ("epoch", "seconds"))
    assert [line.get_xdata()[0] for line in seconds] == [1.5, 1.5]
    assert [line.get_xdata()[0] for line in epochs] == pytest.approx([0.96, 1.04])


def test_labels_at_line_ends_do_not_touch():
    figure = draw_overlay(comparison(*(variant(f"arm{i}", 1, 0.9 + i / 10000) for i in range(6))))
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = sorted((Text.get_window_extent(text) for text in axes.texts), key=lambda box: box.y0)
        assert len(boxes) == 6
        assert all(low.y1 <= high.y0 + 0.5 for low, high in zip(boxes, boxes[1:], strict=False))
        assert max(box.x1 for box in boxes) <= figure.bbox.x1


def test_captions_keep_to_the_page_and_say_what_a_band_is():
    for seeds, told in ((1, "One seed each."), (3, "95 % CI of the mean"), (5, "mean over 5 seeds")):
        figure = draw_overlay(several(2, seeds))
        assert told in drawn_text(figure)
        figure.draw_without_rendering()
        for text in figure.texts:
            assert Text.get_window_extent(text).x1 <= figure.bbox.x1
    assert "Thin lines" not in drawn_text(draw_overlay(several(2, 1)))


@pytest.mark.parametrize(("loss", "scale"), [(0.1, "linear"), (0.001, "log"), (0.0, "linear")])
def test_loss_is_on_a_log_axis_only_beyond_two_decades(loss, scale):
    shown = comparison(of_runs("a", run(rows=history(accuracy=1.0, loss=loss))), baseline=False)
    assert draw_overlay(shown).axes[0].get_yscale() == scale
    assert draw_overlay(shown).axes[1].get_yscale() == "linear"


def test_a_diverged_run_is_drawn_as_far_as_it_came_and_flattens_nothing():
    rows = history(accuracy=0.5)[:3]
    rows[-1] = {**rows[-1], "loss": 5e7}
    lost = (diverged("a", 7, rows), diverged("a", 8, []))
    figure = draw_overlay(comparison(variant("a", diverged=lost), variant("b")))
    text = drawn_text(figure)
    assert all(told in text for told in ("a seed 7", "a seed 8", "Cross: a run that diverged; no mean includes it."))
    assert figure.axes[0].get_ylim()[1] < 10
    alone = comparison(of_runs("a", diverged=lost), baseline=False)
    assert "a seed 7" in drawn_text(draw_overlay(alone))


def test_what_is_not_comparable_is_marked_and_never_subtracted():
    blocked = Comparability((Difference("data.digest", "1", "2"),))
    shown = comparison(variant("a"), variant("b", comparability=blocked), variant("c", accuracy=0.7))
    text = drawn_text(draw_overlay(shown))
    assert "b ‡" in text and "‡ Not comparable" in text
    gaps = draw_difference(shown)
    assert [text.get_text() for text in gaps.axes[0].texts] == ["c"]


def test_a_difference_always_shows_where_nothing_is():
    for axes in draw_difference(comparison(variant("a", 2, 0.9), variant("b", 2, 0.3))).axes:
        assert axes.get_ylim()[0] < 0 < axes.get_ylim()[1]


def test_axes_show_what_the_plot_data_says():
    shown = several(4, 3)
    for panel, axes in zip(overlay(shown).panels, draw_overlay(shown).axes, strict=True):
        assert axes.get_xlim() == (panel.x.low, panel.x.high) and axes.get_ylim() == (panel.y.low, panel.y.high)
        for series, line in zip(panel.series, axes.get_lines(), strict=True):
            np.testing.assert_array_equal(line.get_ydata(), series.mean)


def test_the_outermost_keep_their_order_and_the_baseline_is_among_them():
    shown = comparison(
        *(variant(f"arm{i}", 1, accuracy) for i, accuracy in enumerate([0.5, *np.linspace(0.1, 0.9, 20)]))
    )
    assert curve_figure.outermost(overlay(shown).series) == [0, 1, 2, 3, 4, 17, 18, 19, 20]
