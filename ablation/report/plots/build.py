"""Compute what all figures of a comparison show."""

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Comparison
from ablation.report.plots.difference import difference
from ablation.report.plots.forest import forest
from ablation.report.plots.overlay import overlay
from ablation.report.plots.plot_data import PlotData
from ablation.report.plots.variant_curves import VariantCurves


def plot_data(comparison: Comparison, curve: str | None = None, x_axis: str = "epoch") -> PlotData:
    """Everything that the figures and the page draw.

    curve: a column of history.csv, of which curves are drawn; without it the training and the validation curve that go
    with the comparison's metric. x_axis: a key of `learning_curves.AXES`. Raises AblateError for a curve or an axis
    that no run records.
    """
    learning_curves.check(curve, x_axis)
    metrics = (curve,) if curve else default_curves(comparison)
    curves = VariantCurves(comparison.variants, x_axis)
    return PlotData(
        overlay=overlay(comparison, metrics, curves),
        difference=difference(comparison, metrics, curves),
        forest=forest(comparison),
    )


def default_curves(comparison: Comparison) -> tuple[str, str]:
    """Training loss, or training accuracy where that is the metric, and the validation curve of the metric."""
    key = comparison.metric.key
    validation = "val_loss" if "loss" in key else "val_accuracy"
    training = "accuracy" if key == "accuracy" else "loss"
    return training, validation
