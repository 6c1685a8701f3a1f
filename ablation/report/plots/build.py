"""Compute the data of all figures of a comparison."""

from dataclasses import replace

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import PERCENT, Comparison
from ablation.report.plots.axis import Scale
from ablation.report.plots.captions import SHARES
from ablation.report.plots.difference import difference
from ablation.report.plots.factorial.effects import effects
from ablation.report.plots.factorial.interaction import interaction
from ablation.report.plots.forest import forest
from ablation.report.plots.forest_data import ForestPlot, ForestRow
from ablation.report.plots.overlay import overlay
from ablation.report.plots.plot_data import (
    MAX_TOGETHER,
    CostPanel,
    CostPoint,
    CurvePlot,
    DivergedRun,
    InteractionPanel,
    InteractionPlot,
    Line,
    Panel,
    PlotData,
    Series,
    TradeoffPlot,
)
from ablation.report.plots.tradeoff import tradeoff
from ablation.report.plots.variant_curves import VariantCurves
from ablation.statistics.intervals import Interval

LEARNING = ("loss", "accuracy", "val_loss", "val_accuracy")  # columns of history.csv that show how training went
VALUES, DIFFERENCES = " (%)", " (pp)"  # units behind the names of axes


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


# ---------------------------------------------------------------- in percent


def in_percent(plots: PlotData) -> PlotData:
    """All figures of a comparison of accuracies in percent; curves of losses stay as they are."""
    return PlotData(
        overlay=plots.overlay and _curves(plots.overlay),
        difference=plots.difference and _curves(plots.difference),
        forest=plots.forest and _forest(plots.forest),
        effects=plots.effects and _forest(plots.effects),
        interaction=plots.interaction and _interaction(plots.interaction),
        tradeoff=plots.tradeoff and _tradeoff(plots.tradeoff),
        further_curves=plots.further_curves and _curves(plots.further_curves),
    )


def _scale(scale: Scale) -> Scale:
    return replace(scale, low=PERCENT * scale.low, high=PERCENT * scale.high)


def _interval(ends: Interval) -> Interval:
    return Interval(PERCENT * ends.low, PERCENT * ends.high)


# ---------------------------------------------------------------- learning curves


def _curves(plot: CurvePlot) -> CurvePlot:
    return replace(plot, panels=tuple(_panel(panel) for panel in plot.panels))


def _panel(panel: Panel) -> Panel:
    if panel.metric not in SHARES:
        return panel
    return replace(
        panel,
        metric=panel.metric + (DIFFERENCES if panel.is_difference else VALUES),
        series=tuple(_series(series) for series in panel.series),
        y=_scale(panel.y),
        threshold=None if panel.threshold is None else PERCENT * panel.threshold,
    )


def _series(series: Series) -> Series:
    diverged: list[DivergedRun] = []
    for run in series.diverged:
        diverged.append(replace(run, line=_line(run.line)))
    return replace(
        series,
        mean=PERCENT * series.mean,
        low=PERCENT * series.low,
        high=PERCENT * series.high,
        seeds=tuple(_line(line) for line in series.seeds),
        diverged=tuple(diverged),
    )


def _line(line: Line) -> Line:
    return Line(line.x, PERCENT * line.y)


# ---------------------------------------------------------------- differences and effects


def _forest(plot: ForestPlot) -> ForestPlot:
    return replace(
        plot,
        rows=tuple(_row(row) for row in plot.rows),
        x=_scale(plot.x),
        margin=None if plot.margin is None else PERCENT * plot.margin,
        decimals=max(0, plot.decimals - 2),
        unit=DIFFERENCES,
    )


def _row(row: ForestRow) -> ForestRow:
    return replace(
        row,
        difference=PERCENT * row.difference,
        thick=_interval(row.thick),
        thin=_interval(row.thin),
        dots=tuple(PERCENT * dot for dot in row.dots),
    )


def _interaction(plot: InteractionPlot) -> InteractionPlot:
    panels: list[InteractionPanel] = []
    for panel in plot.panels:
        panels.append(replace(panel, lines=tuple(_series(line) for line in panel.lines)))
    return replace(plot, panels=tuple(panels), y=_scale(plot.y), y_label=plot.y_label + VALUES)


# ---------------------------------------------------------------- costs


def _tradeoff(plot: TradeoffPlot) -> TradeoffPlot:
    panels = tuple(_cost_panel(panel) for panel in plot.panels)
    return replace(plot, panels=panels, y=_scale(plot.y), y_label=plot.y_label + VALUES)


def _cost_panel(panel: CostPanel) -> CostPanel:
    points, front = (tuple(_point(point) for point in points) for points in (panel.points, panel.front))
    return replace(panel, points=points, front=front)


def _point(point: CostPoint) -> CostPoint:
    return replace(point, y=PERCENT * point.y, ends=_interval(point.ends))
