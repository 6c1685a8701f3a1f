"""Figures in percent: what shows accuracies, or differences of accuracies, has a hundred times the numbers."""

from dataclasses import replace

from ablation.comparison.analysis.comparison import PERCENT
from ablation.report.plots.axis import Scale
from ablation.report.plots.captions import SHARES
from ablation.report.plots.forest_data import ForestPlot, ForestRow
from ablation.report.plots.plot_data import (
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
from ablation.statistics.intervals import Interval

VALUES, DIFFERENCES = " (%)", " (pp)"  # units behind the names of axes


def in_percent(plots: PlotData) -> PlotData:
    """All figures of a comparison of accuracies in percent; curves of losses stay as they are."""
    return PlotData(
        overlay=plots.overlay and _curves(plots.overlay),
        difference=plots.difference and _curves(plots.difference),
        forest=plots.forest and forest_in_percent(plots.forest),
        effects=plots.effects and forest_in_percent(plots.effects),
        means=plots.means and forest_in_percent(plots.means),
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


def forest_in_percent(plot: ForestPlot) -> ForestPlot:
    """A forest plot, or a plot of means, of an accuracy in percent."""
    return replace(
        plot,
        rows=tuple(_row(row) for row in plot.rows),
        x=_scale(plot.x),
        margin=None if plot.margin is None else PERCENT * plot.margin,
        decimals=max(0, plot.decimals - 2),
        unit=DIFFERENCES if plot.is_signed else VALUES,
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
