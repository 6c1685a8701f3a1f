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
from ablation.report.plots.variant_curves import VariantCurves, bare_series, only, series_names
from ablation.statistics.protocol import MIN_SEEDS
from ablation.text import shorten


@dataclass(frozen=True)
class Pair:
    """A variant and its reference, both with completed runs. place: index of the variant in the comparison."""

    place: int
    variant: ComparedVariant
    reference: ComparedVariant

    @property
    def seeds(self) -> tuple[int, int]:
        return len(self.variant.runs), len(self.reference.runs)


@dataclass(frozen=True)
class Pairs:
    """Pairs to subtract, and the excluded variants that are not comparable with their references.

    only_reference: label of the reference that all pairs share; None where there are several.
    """

    comparable: tuple[Pair, ...]
    excluded: tuple[ComparedVariant, ...]
    only_reference: str | None

    @property
    def names(self) -> list[str]:
        """Names of the differences, with the reference where there are several."""
        names = series_names([pair.variant for pair in self.comparable])
        if self.only_reference is None:
            references = series_names([pair.reference for pair in self.comparable])
            for place, reference in enumerate(references):
                names[place] += f" − {reference}"
        return names

    @property
    def seeds(self) -> list[int]:
        """Seed counts of each variant and its reference."""
        seeds: list[int] = []
        for pair in self.comparable:
            seeds += pair.seeds
        return seeds


def difference(comparison: Comparison, metrics: Sequence[str], curves: VariantCurves) -> CurvePlot | None:
    """Each variant minus its reference at equal x, with Welch's 95 % CI; None where no pair can be subtracted.

    metrics: columns of history.csv, one panel each.
    """
    pairs = _pairs(comparison)
    if not pairs.comparable:
        return None
    panels = [_panel(pairs, metric, curves) for metric in metrics]
    if not any(panel.with_mean for panel in panels):
        return None
    excluded = series_names(pairs.excluded)
    drawn = [pair.variant for pair in pairs.comparable]
    notes = captions.difference_notes(pairs.seeds, panels, curves.x_axis.key, excluded, drawn)
    return CurvePlot(tuple(panels), curves.x_axis, (*captions.exploratory_notes(comparison), *notes))


def _pairs(comparison: Comparison) -> Pairs:
    with_runs = {variant.label: variant for variant in comparison.variants if variant.runs}
    comparable, excluded = [], []
    for place, variant in enumerate(comparison.variants):
        reference = with_runs.get(variant.reference or comparison.baseline or "")
        if not variant.runs or reference is None or reference is variant:
            continue
        if variant.comparability.blocking:
            excluded.append(variant)
        else:
            comparable.append(Pair(place, variant, reference))
    return Pairs(tuple(comparable), tuple(excluded), only(pair.reference.label for pair in comparable))


def _panel(pairs: Pairs, metric: str, curves: VariantCurves) -> Panel:
    series = []
    for pair, name in zip(pairs.comparable, pairs.names, strict=True):
        series.append(_series(pair, name, metric, curves))
    x = limits.x_scale([Line(curve.x, curve.mean) for curve in series], curves.x_axis.key)
    title, reference = learning_curves.METRICS[metric], _reference(pairs)
    return Panel(title, tuple(series), x, y_scale(series), is_difference=True, reference=reference)


def _reference(pairs: Pairs) -> str:
    """The short name of the only reference; empty where there are several."""
    if pairs.only_reference is None:
        return ""
    labels = [pairs.only_reference, *(pair.variant.label for pair in pairs.comparable)]
    return shorten([printable(label) for label in labels], 24)[0]


def _series(pair: Pair, name: str, metric: str, curves: VariantCurves) -> Series:
    """Subtract the curves of a pair; below MIN_SEEDS without a band, as an interval from two seeds says nothing."""
    series = bare_series(pair.place, name, pair.variant)
    gap = _subtract(pair, metric, curves)
    if gap is None:
        return series
    low, high = gap.mean, gap.mean
    if gap.low is not None and gap.high is not None and min(pair.seeds) >= MIN_SEEDS:
        low, high = gap.low, gap.high
    return replace(series, x=gap.x, mean=gap.mean, low=low, high=high, has_gaps=gap.has_gaps)


def _subtract(pair: Pair, metric: str, curves: VariantCurves) -> CurveDifference | None:
    variant, reference = curves.curve(pair.variant, metric), curves.curve(pair.reference, metric)
    if variant is None or reference is None:
        return None
    return learning_curves.difference(variant, reference)


def y_scale(series: Sequence[Series]) -> Scale:
    """Cover zero, all means, and bands up to half the span of the means: wider ones would flatten the curves."""
    lowest, highest = limits.value_range([np.zeros(1), *(curve.mean for curve in series)])
    reach = (highest - lowest) / 2 or math.inf
    low, high = lowest, highest
    for curve in series:
        if curve.has_mean:
            low = min(low, max(float(curve.low.min()), lowest - reach))
            high = max(high, min(float(curve.high.max()), highest + reach))
    return limits.y_scale(low, high)
