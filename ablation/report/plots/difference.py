"""The difference plot: each variant's learning curve minus that of its reference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.learning_curves import CurveDifference
from ablation.redaction import printable
from ablation.report.plots import captions, limits
from ablation.report.plots.axis import Scale
from ablation.report.plots.plot_data import CurvePlot, Line, Panel, Series
from ablation.report.plots.variant_curves import VariantCurves, bare_series, series_names
from ablation.text import shorten


@dataclass(frozen=True)
class Pair:
    """A variant and its reference, both with completed runs. place: the variant's among the comparison's."""

    place: int
    variant: ComparedVariant
    reference: ComparedVariant

    @property
    def comparable(self) -> bool:
        return not self.variant.comparability.blocking


def difference(comparison: Comparison, metrics: Sequence[str], curves: VariantCurves) -> CurvePlot | None:
    """Each variant minus its reference at equal x, with Welch's 95 % CI; None where no pair can be subtracted.

    metrics: columns of history.csv, one panel each.
    """
    pairs = _pairs(comparison)
    comparable = [pair for pair in pairs if pair.comparable]
    if not comparable:
        return None
    names = _names(comparable)
    panels = []
    for metric in metrics:
        series = []
        for pair, name in zip(comparable, names, strict=True):
            series.append(_series(pair, name, metric, curves))
        panels.append(_panel(_title(metric, comparable), series, curves.x_axis.key))
    if not any(panel.with_mean for panel in panels):
        return None
    excluded = series_names([pair.variant for pair in pairs if not pair.comparable])
    seeds = [len(variant.runs) for pair in comparable for variant in (pair.variant, pair.reference)]
    notes = captions.difference_notes(seeds, panels, curves.x_axis.key, excluded)
    return CurvePlot(tuple(panels), curves.x_axis, tuple(notes))


def _pairs(comparison: Comparison) -> list[Pair]:
    with_runs = {variant.label: variant for variant in comparison.variants if variant.runs}
    pairs = []
    for place, variant in enumerate(comparison.variants):
        reference = with_runs.get(variant.reference or comparison.baseline or "")
        if variant.runs and reference is not None and reference is not variant:
            pairs.append(Pair(place, variant, reference))
    return pairs


def _only_reference(pairs: Sequence[Pair]) -> str | None:
    """The label of the reference that all pairs have, None where they have several."""
    labels = {pair.reference.label for pair in pairs}
    return labels.pop() if len(labels) == 1 else None


def _names(pairs: Sequence[Pair]) -> list[str]:
    names = series_names([pair.variant for pair in pairs])
    if _only_reference(pairs) is not None:
        return names
    references = series_names([pair.reference for pair in pairs])
    return [f"{name} − {reference}" for name, reference in zip(names, references, strict=True)]


def _title(metric: str, pairs: Sequence[Pair]) -> str:
    title = learning_curves.METRICS[metric]
    reference = _only_reference(pairs)
    if reference is None:
        return f"{title}: difference"
    return f"{title}: difference from {shorten([printable(reference)], 24)[0]}"


def _series(pair: Pair, name: str, metric: str, curves: VariantCurves) -> Series:
    series = bare_series(pair.place, name, pair.variant)
    gap = _subtract(pair, metric, curves)
    if gap is None:
        return series
    low = gap.mean if gap.low is None else gap.low
    high = gap.mean if gap.high is None else gap.high
    return replace(series, x=gap.x, mean=gap.mean, low=low, high=high, has_gaps=gap.has_gaps)


def _subtract(pair: Pair, metric: str, curves: VariantCurves) -> CurveDifference | None:
    variant, reference = curves.curve(pair.variant, metric), curves.curve(pair.reference, metric)
    if variant is None or reference is None:
        return None
    return learning_curves.difference(variant, reference)


def _panel(title: str, series: Sequence[Series], x_key: str) -> Panel:
    means = [Line(one.x, one.mean) for one in series]
    return Panel(title, tuple(series), limits.x_scale(means, x_key), y_scale(series), is_difference=True)


def y_scale(series: Sequence[Series]) -> Scale:
    """Zero, all means, and of the bands as much as the means span: those of two seeds would flatten the rest."""
    lowest, highest = limits.value_range([np.zeros(1), *(one.mean for one in series)])
    reach = (highest - lowest) / 2 or math.inf
    low, high = lowest, highest
    for one in series:
        if one.has_mean:
            low = min(low, max(float(one.low.min()), lowest - reach))
            high = max(high, min(float(one.high.max()), highest + reach))
    return limits.y_scale(low, high)
