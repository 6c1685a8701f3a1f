"""Compute the data of all figures of a comparison."""

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Comparison
from ablation.report.plots.difference import difference
from ablation.report.plots.factorial.effects import effects
from ablation.report.plots.factorial.interaction import interaction
from ablation.report.plots.forest import forest
from ablation.report.plots.overlay import overlay
from ablation.report.plots.percent import in_percent
from ablation.report.plots.plot_data import MAX_TOGETHER, CurvePlot, PlotData
from ablation.report.plots.scores.means import means
from ablation.report.plots.scores.tradeoff import tradeoff
from ablation.report.plots.variant_curves import VariantCurves

LEARNING = ("loss", "accuracy", "val_loss", "val_accuracy")  # columns of history.csv that show how training went


def plot_data(comparison: Comparison, curve: str | None = None, x_axis: str = "epoch") -> PlotData:
    """Compute everything that the figures and the page draw.

    curve: the column of history.csv to draw; by default the training and the validation curve that match the metric.
    x_axis: a key of `learning_curves.AXES`. Raises AblateError for a curve or an axis that no run records.
    """
    learning_curves.check(curve, x_axis)
    metrics = (curve,) if curve else default_curves(comparison)
    curves = VariantCurves(comparison.variants, x_axis)
    plots = PlotData(
        overlay=overlay(comparison, metrics, curves),
        difference=difference(comparison, metrics, curves),
        forest=forest(comparison),
        effects=effects(comparison),
        interaction=interaction(comparison),
        means=means(comparison),
        tradeoff=tradeoff(comparison),
        further_curves=_further_curves(comparison, metrics, curves),
    )
    return in_percent(plots) if comparison.numbers.percent else plots


def default_curves(comparison: Comparison) -> tuple[str, str]:
    """Choose the training loss (or accuracy, where that is the metric) and the matching validation curve."""
    key = comparison.metric.key
    validation = "val_loss" if "loss" in key else "val_accuracy"
    training = "accuracy" if key == "accuracy" else "loss"
    return training, validation


def _further_curves(comparison: Comparison, metrics: tuple[str, ...], curves: VariantCurves) -> CurvePlot | None:
    """The other losses and accuracies; None for more variants than share a panel, whose page would become too large."""
    if len(comparison.variants) > MAX_TOGETHER:
        return None
    return overlay(comparison, [metric for metric in LEARNING if metric not in metrics], curves)
