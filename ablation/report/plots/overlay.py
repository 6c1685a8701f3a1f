"""The overlay: the learning curves of all variants over each other."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.plots import captions, limits
from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import CurvePlot, Line, Panel, Series
from ablation.report.plots.variant_curves import VariantCurves, bare_series, marked_names
from ablation.statistics.protocol import MIN_SEEDS

ACCURACIES = ("accuracy", "val_accuracy")
ACCURACY_TOP = 1.01  # no accuracy exceeds 1, and a curve at 1 keeps clear of the edge


def overlay(comparison: Comparison, metrics: Sequence[str], curves: VariantCurves) -> CurvePlot | None:
    """Compute means over seeds with the 95 % CI of the mean (Student's t); None where no run can be drawn.

    metrics: columns of history.csv, one panel each.
    """
    series = _all_series(comparison)
    panels = []
    for metric in metrics:
        with_lines = [_with_lines(bare, comparison.variants[bare.variant], metric, curves) for bare in series]
        panels.append(_panel(metric, with_lines, curves.x_axis.key, _threshold(comparison, metric)))
    if not _has_lines(panels) or not (comparison.is_own or _has_epochs(comparison)):
        return None
    variants = [comparison.variants[bare.variant] for bare in series]
    notes = [
        *captions.exploratory_notes(comparison),
        *captions.overlay_notes(variants, panels, comparison.numbers.percent),
    ]
    return CurvePlot(tuple(panels), curves.x_axis, tuple(notes))


def _all_series(comparison: Comparison) -> list[Series]:
    """Create a series without lines for each variant with runs."""
    names = marked_names(comparison.variants)
    series = []
    for place, (variant, name) in enumerate(zip(comparison.variants, names, strict=True)):
        if variant.runs or variant.diverged:
            series.append(bare_series(place, name, variant, baseline=variant.label == comparison.baseline))
    return series


def _has_epochs(comparison: Comparison) -> bool:
    """Return whether a history is recorded of any run; own runs always have one, if only of a diverged first epoch."""
    for variant in comparison.variants:
        if any(len(run.history["epoch"]) for run in (*variant.runs, *variant.diverged)):
            return True
    return False


def _has_lines(panels: Sequence[Panel]) -> bool:
    for panel in panels:
        for series in panel.series:
            if series.seeds or series.diverged:
                return True
    return False


def _threshold(comparison: Comparison, metric: str) -> float | None:
    threshold = comparison.threshold
    return threshold.value if threshold is not None and threshold.metric == metric else None


def _with_lines(series: Series, variant: ComparedVariant, metric: str, curves: VariantCurves) -> Series:
    """Add a metric's curves; below MIN_SEEDS without a band, as an interval from two seeds says nothing."""
    series = replace(series, diverged=curves.diverged(series.variant, variant, metric))
    curve = curves.curve(variant, metric)
    if curve is None:
        return series
    low, high = curve.band() if curve.n >= MIN_SEEDS else (curve.mean, curve.mean)
    seeds = tuple(Line(x, y) for x, y in curve.seed_lines)
    return replace(series, x=curve.x, mean=curve.mean, low=low, high=high, seeds=seeds, has_gaps=curve.has_gaps)


def _panel(metric: str, series: Sequence[Series], x_key: str, threshold: float | None) -> Panel:
    lines = []
    for curve in series:
        lines += [Line(curve.x, curve.mean), *curve.seeds]
        for run in curve.diverged:
            lines.append(run.line)
    return Panel(
        metric=learning_curves.METRICS[metric],
        series=tuple(series),
        x=limits.x_scale(lines, x_key),
        y=_y_scale(metric, series, threshold),
        threshold=threshold,
    )


def _y_scale(metric: str, series: Sequence[Series], threshold: float | None) -> Scale:
    """Cover the completed runs, if any: a loss on its way to infinity would flatten the other curves."""
    low, high = limits.value_range(_values(series))
    if threshold is not None:
        low, high = min(low, threshold), max(high, threshold)
    if metric in ACCURACIES:
        return limits.y_scale(low, high, top=max(ACCURACY_TOP, high))
    return limits.y_scale(low, high, log_allowed=True)


def _values(series: Sequence[Series]) -> list[np.ndarray]:
    completed, diverged = [], []
    for curve in series:
        completed += [line.y for line in curve.seeds]
        diverged += [run.line.y for run in curve.diverged]
    return completed or diverged
