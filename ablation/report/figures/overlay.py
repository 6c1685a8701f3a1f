"""The overlay: learning curves of all variants."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.learning_curves import INTERVAL, RANGE, Curve
from ablation.redaction import printable
from ablation.report.figures import panel_layout
from ablation.report.figures.plot_data import DivergedTrace, Plot, Trace
from ablation.report.figures.shared import (
    BOTH,
    NOTHING,
    REFUSED,
    Known,
    axis_unit,
    list_names,
    missing_epochs_note,
    series_names,
    variant_curves,
)
from ablation.text import shorten

ENOUGH = 5  # seeds from which the interval of the mean says more than the range
TOP = {"accuracy": 1.01, "val_accuracy": 1.01}


def overlay(
    comparison: Comparison,
    metric: str | None = None,
    against: str = "epoch",
    band: str | None = None,
    known: Known | None = None,
) -> Figure | None:
    """Means over seeds with their bands; None where no run can be drawn. known: curves to take, and to add to."""
    rows = [row for row in comparison.variants if row.runs or row.diverged]
    band = band or (INTERVAL if min((len(r.runs) for r in rows if r.runs), default=0) >= ENOUGH else RANGE)
    unit, label = axis_unit(rows, against)
    names, plots, known = series_names(rows), [], {} if known is None else known
    for key in (metric,) if metric else BOTH:
        found = variant_curves(rows, key, against, known)
        traces = [
            replace(
                _of_curve(name, curve and learning_curves.scaled(curve, unit), band),
                baseline=row.label == comparison.baseline,
                rank=row.arm.mean if row.arm.n else -math.inf,
                lost=_lost(row, key, against, unit),
            )
            for row, name, curve in zip(rows, names, found, strict=True)
        ]
        top, level = TOP.get(key, math.inf), _level(comparison, key)
        plots.append(Plot(learning_curves.METRICS[key], tuple(traces), log=key not in TOP, top=top, level=level))
    if not any(trace.lost or trace.seeds for plot in plots for trace in plot.traces):
        return None
    said = [*_counts(rows, band), *_gate(rows), *_lacking(rows, plots), *_crosses(rows)]
    said += [f"Dashed: the threshold of {plot.level:g}." for plot in plots if plot.level is not None]
    return panel_layout.sheet(plots, (against, label), " ".join(said))


def _level(comparison: Comparison, metric: str) -> float | None:
    return comparison.threshold.value if comparison.threshold and comparison.threshold.metric == metric else None


def _of_curve(name: str, curve: Curve | None, band: str) -> Trace:
    if curve is None:
        return Trace(name, NOTHING, NOTHING, NOTHING, NOTHING)
    return Trace(
        name, curve.x, curve.mean, *curve.band(band), curve.value_range, tuple(curve.seed_lines), holes=curve.has_gaps
    )


def _lost(row: ComparedVariant, metric: str, against: str, unit: float) -> tuple[DivergedTrace, ...]:
    """As far as the axis and the numbers go."""
    found = []
    for run in sorted(row.diverged, key=lambda run: (run.seed, str(run.path))):
        x, y = (
            learning_curves.x_values(run, against, row.runs[0] if row.runs else None),
            np.asarray(run.history[metric], float),
        )
        kept = learning_curves.usable(y) if x is not None else np.zeros(len(y), dtype=bool)
        x, y = (x[kept] / unit, y[kept]) if kept.any() else (NOTHING, NOTHING)
        found.append(DivergedTrace(f"{shorten([printable(row.label)])[0]} seed {run.seed}", x, y))
    return tuple(found)


def _counts(rows: Sequence[ComparedVariant], band: str) -> list[str]:
    counts = sorted({len(row.runs) for row in rows if row.runs})
    if not counts or counts == [1]:
        return ["One seed." if len(rows) == 1 else "One seed each."] if counts else []
    seeds = f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"
    shown = {RANGE: "from the lowest to the highest seed", INTERVAL: "95 % interval of the mean (Student's t)"}[band]
    return [f"Line: mean over {seeds}. Band: {shown}."]


def _gate(rows: Sequence[ComparedVariant]) -> list[str]:
    if not any(row.comparability.blocking for row in rows):
        return []
    return [f"{REFUSED.strip()}: not comparable, for it differs in more than is declared."]


def _lacking(rows: Sequence[ComparedVariant], plots: Sequence[Plot]) -> list[str]:
    """Runs that have no place on the axis, arms whose seeds share no range of it, epochs without a number."""
    away = max(sum(len(r.runs) for r in rows) - sum(len(t.seeds) for t in plot.traces) for plot in plots)
    apart = list(dict.fromkeys(t.name for plot in plots for t in plot.traces if t.seeds and not len(t.x)))
    said = [f"Without a place on this axis: {away} runs."] if away else []
    said += [f"No mean, for the seeds have no range of this axis in common: {list_names(apart)}."] if apart else []
    return said + missing_epochs_note(plots)


def _crosses(rows: Sequence[ComparedVariant]) -> list[str]:
    return ["Cross: a run that diverged; it is in no mean."] if any(row.diverged for row in rows) else []
