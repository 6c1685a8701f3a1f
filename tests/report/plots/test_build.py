import pytest
from support import curves
from support.curves import several

from ablation.comparison.analysis import learning_curves
from ablation.errors import AblateError
from ablation.report.plots.build import default_curves, plot_data


def test_without_a_baseline_there_is_nothing_to_subtract():
    plots = plot_data(several(2, baseline=False))
    assert plots.overlay is not None and plots.difference is None and plots.forest is None


def test_without_a_run_there_is_nothing_to_draw():
    plots = plot_data(curves.comparison(curves.of_runs("a"), baseline=False))
    assert plots.overlay is None and plots.difference is None and plots.forest is None


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        ("test_accuracy", ("loss", "val_accuracy")),
        ("val_loss", ("loss", "val_loss")),
        ("accuracy", ("accuracy", "val_accuracy")),
    ],
)
def test_the_curves_are_those_of_the_metric(metric, wanted):
    made = several(2)
    assert default_curves(curves.with_metric(made, metric)) == wanted
    titles = [panel.title for panel in curves.overlay(curves.with_metric(made, metric)).panels]
    assert titles == [learning_curves.METRICS[key] for key in wanted]


def test_one_curve_that_is_named_is_drawn_alone():
    plots = plot_data(several(2), curve="learning_rate", x_axis="step")
    for plot in (plots.overlay, plots.difference):
        assert plot is not None and len(plot.panels) == 1
        assert plot.panels[0].title.startswith("Learning rate") and plot.x_axis.label == "Step"


@pytest.mark.parametrize(("metric", "x_axis", "word"), [("lOss", "epoch", "'lOss'"), ("loss", "hours", "'hours'")])
def test_a_name_that_is_none_is_one_paragraph(metric, x_axis, word):
    with pytest.raises(AblateError, match=f"Received {word}. Allowed: .* Type for example"):
        plot_data(several(1), metric, x_axis)
