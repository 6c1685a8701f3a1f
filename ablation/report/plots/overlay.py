"""The overlay: the learning curves of all variants over each other."""

from collections.abc import Sequence
from dataclasses import replace

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.learning_curves import INTERVAL
from ablation.report.plots import captions, limits
from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import CurvePlot, Line, Panel, Series
from ablation.report.plots.variant_curves import VariantCurves, bare_series, marked_names

ACCURACIES = ("accuracy", "val_accuracy")
ACCURACY_TOP = 1.01  # no accuracy exceeds 1, and a curve at 1 keeps clear of the edge


def overlay(comparison: Comparison, metrics: Sequence[str], curves: VariantCurves) -> CurvePlot | None:
    """Means over seeds with the 95 % CI of the mean (Student's t); None where no run can be drawn.

    metrics: columns of history.csv, one panel each.
    """
    drawn = []
    for place, variant in enumerate(comparison.variants):
        if variant.runs or variant.diverged:
            drawn.append((place, variant))
    names = marked_names([variant for _, variant in drawn])
    panels = []
    for metric in metrics:
        series = []
        for (place, variant), name in zip(drawn, names, strict=True):
            bare = bare_series(place, name, variant, baseline=variant.label == comparison.baseline)
            series.append(_with_lines(bare, variant, metric, curves))
        panels.append(_panel(metric, series, curves.x_axis.key, _threshold(comparison, metric)))
    if not any(one.seeds or one.diverged for panel in panels for one in panel.series):
        return None
    variants = [variant for _, variant in drawn]
    return CurvePlot(tuple(panels), curves.x_axis, tuple(captions.overlay_notes(variants, panels)))


def _threshold(comparison: Comparison, metric: str) -> float | None:
    threshold = comparison.threshold
    return threshold.value if threshold is not None and threshold.metric == metric else None


def _with_lines(series: Series, variant: ComparedVariant, metric: str, curves: VariantCurves) -> Series:
    diverged = curves.diverged(series.variant, variant, metric)
    curve = curves.curve(variant, metric)
    if curve is None:
        return replace(series, diverged=diverged)
    low, high = curve.band(INTERVAL)
    return replace(
        series,
        x=curve.x,
        mean=curve.mean,
        low=low,
        high=high,
        seeds=tuple(Line(x, y) for x, y in curve.seed_lines),
        diverged=diverged,
        has_gaps=curve.has_gaps,
    )


def _panel(metric: str, series: Sequence[Series], x_key: str, threshold: float | None) -> Panel:
    return Panel(
        title=learning_curves.METRICS[metric],
        series=tuple(series),
        x=limits.x_scale([line for one in series for line in _lines(one)], x_key),
        y=_y_scale(metric, series, threshold),
        threshold=threshold,
    )


def _lines(series: Series) -> list[Line]:
    return [Line(series.x, series.mean), *series.seeds, *(run.line for run in series.diverged)]


def _y_scale(metric: str, series: Sequence[Series], threshold: float | None) -> Scale:
    """By completed runs where there are some: a loss on its way to infinity would flatten the rest."""
    completed = [line.y for one in series for line in one.seeds]
    diverged = [run.line.y for one in series for run in one.diverged]
    low, high = limits.value_range(completed or diverged)
    if threshold is not None:
        low, high = min(low, threshold), max(high, threshold)
    if metric in ACCURACIES:
        return limits.y_scale(low, high, top=max(ACCURACY_TOP, high))
    return limits.y_scale(low, high, log_allowed=True)
