"""Learning curves of a comparison on one x-axis, each computed once, and the names shown for them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant
from ablation.comparison.analysis.learning_curves import Curve
from ablation.redaction import printable
from ablation.report.plots.plot_data import DivergedRun, Line, Series, XAxis
from ablation.text import shorten

NOT_COMPARABLE = " ‡"  # after the name of a variant that is not comparable with its baseline
TIME_UNITS = ((7200, 3600, "Hours"), (300, 60, "Minutes"), (-math.inf, 1, "Seconds"))  # from, seconds per unit, name


class VariantCurves:
    """Curves of variants on an x-axis, in the unit that its label names."""

    def __init__(self, variants: Sequence[ComparedVariant], x_key: str) -> None:
        """x_key: of `learning_curves.AXES`."""
        self.x_axis = _x_axis(variants, x_key)
        self._computed: dict[tuple[str, str], Curve | None] = {}

    def curve(self, variant: ComparedVariant, metric: str) -> Curve | None:
        """Return the curve of a metric over the variant's runs; None where no run has a position on the x-axis."""
        key = (variant.label, metric)
        if key not in self._computed:
            self._computed[key] = self._compute(variant, metric)
        return self._computed[key]

    def _compute(self, variant: ComparedVariant, metric: str) -> Curve | None:
        curve = learning_curves.curve(variant.runs, metric, self.x_axis.key)
        unit = self.x_axis.unit
        if curve is None or unit == 1:
            return curve
        scaled = []
        for x, y in curve.own:
            scaled.append((x / unit, y))
        return replace(curve, x=curve.x / unit, own=tuple(scaled))

    def diverged(self, place: int, variant: ComparedVariant, metric: str) -> tuple[DivergedRun, ...]:
        """Return the diverged runs of a variant, by seed. place: its index in the comparison."""
        label = printable(variant.label)
        completed = variant.runs[0] if variant.runs else None
        drawn = []
        for run in sorted(variant.diverged, key=lambda run: (run.seed, str(run.path))):
            x = learning_curves.x_values(run, self.x_axis.key, completed)
            y = np.asarray(run.history[metric], dtype=float)
            line = Line()
            if x is not None:
                finite = learning_curves.usable(y)
                line = Line(x[finite] / self.x_axis.unit, y[finite])
            drawn.append(DivergedRun(place, f"{label} seed {run.seed}", line))
        return tuple(drawn)


def _x_axis(variants: Sequence[ComparedVariant], key: str) -> XAxis:
    """Create the x-axis; seconds become minutes or hours for long runs."""
    label = learning_curves.AXES[key]
    if key != "seconds":
        return XAxis(key, label)
    longest = 0.0
    for variant in variants:
        for run in variant.runs:
            x = learning_curves.x_values(run, key)
            if x is not None and len(x):
                longest = max(longest, float(x[-1]))
    for least, unit, name in TIME_UNITS:
        if longest >= least:
            return XAxis(key, label.replace("Seconds", name), unit)
    raise AssertionError


def only(labels: Iterable[str]) -> str | None:
    """Return the common label; None where labels differ."""
    distinct = set(labels)
    return distinct.pop() if len(distinct) == 1 else None


def series_names(variants: Sequence[ComparedVariant]) -> list[str]:
    """Return printable, short and unique names of variants."""
    return shorten([printable(variant.label) for variant in variants])


def marked_names(variants: Sequence[ComparedVariant]) -> list[str]:
    """Return `series_names`, with a mark on variants that are not comparable with their baseline."""
    names = series_names(variants)
    for place, variant in enumerate(variants):
        if variant.comparability.blocking:
            names[place] += NOT_COMPARABLE
    return names


def bare_series(place: int, name: str, variant: ComparedVariant, baseline: bool = False) -> Series:
    """Create a series without lines. place: index of the variant in the comparison."""
    rank = variant.arm.mean if variant.arm.n else -math.inf
    return Series(place, name, baseline=baseline, rank=rank, distance=_distance(variant))


def _distance(variant: ComparedVariant) -> float:
    """Absolute difference of the variant's mean from its reference's; 0 where unknown."""
    if variant.result is None or not math.isfinite(variant.result.difference):
        return 0.0
    return abs(variant.result.difference)
