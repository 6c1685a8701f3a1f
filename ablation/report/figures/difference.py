"""The difference of learning curves from the baseline."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.learning_curves import Curve, CurveDifference
from ablation.redaction import printable
from ablation.report.figures import panel_layout
from ablation.report.figures.plot_data import Plot, Trace
from ablation.report.figures.shared import (
    BOTH,
    NOTHING,
    Known,
    axis_unit,
    list_names,
    missing_epochs_note,
    series_names,
    variant_curves,
)
from ablation.text import shorten


def difference(
    comparison: Comparison, metric: str | None = None, against: str = "epoch", known: Known | None = None
) -> Figure | None:
    """Each arm minus what it is compared to, at equal x, with Welch's 95 % band; None where there is no such pair."""
    pairs = _pairs(comparison)
    judged = [(row, other) for row, other in pairs if not row.comparability.blocking]
    if not judged:
        return None
    rows = list({id(row): row for pair in judged for row in pair}.values())
    unit, label = axis_unit(rows, against)
    same = len({other.label for _, other in judged}) == 1
    names = series_names([row for row, _ in judged])
    if not same:
        names = [f"{n} − {o}" for n, o in zip(names, series_names([other for _, other in judged]), strict=True)]
    plots, known = [], {} if known is None else known
    for key in (metric,) if metric else BOTH:
        found = dict(zip((row.label for row in rows), variant_curves(rows, key, against, known), strict=True))
        gaps = [_gap(found[row.label], found[other.label], unit) for row, other in judged]
        minus = f" − {shorten([printable(judged[0][1].label)], 24)[0]}" if same else ", difference"
        ranks = [row.arm.mean if row.arm.n else -math.inf for row, _ in judged]
        plots.append(Plot(f"{learning_curves.METRICS[key]}{minus}", _of_gaps(names, gaps, ranks), zero=True))
    if not any(plot.drawn for plot in plots):
        return None
    refused = series_names([row for row, _ in pairs if row.comparability.blocking], marked=False)
    apart = list(dict.fromkeys(t.name for plot in plots for t in plot.traces if not len(t.x)))
    banded = any((trace.high > trace.low).any() for plot in plots for trace in plot.drawn)
    said = [*_of_difference(judged, against, banded), *missing_epochs_note(plots)]
    said += [f"Left out, not comparable: {list_names(refused)}."] if refused else []
    said += [f"No range of this axis in common: {list_names(apart)}."] if apart else []
    return panel_layout.sheet(plots, (against, label), " ".join(said))


def _pairs(comparison: Comparison) -> list[tuple[ComparedVariant, ComparedVariant]]:
    """Each row with what it is compared to, where both have runs."""
    by_label = {row.label: row for row in comparison.variants if row.runs}
    others = [(row, by_label.get(row.reference or comparison.baseline or "")) for row in by_label.values()]
    return [(row, other) for row, other in others if other is not None and other is not row]


def _gap(one: Curve | None, other: Curve | None, unit: float) -> CurveDifference | None:
    gap = learning_curves.difference(one, other) if one and other else None
    return gap and learning_curves.scaled(gap, unit)


def _of_gaps(names: Sequence[str], gaps: Sequence[CurveDifference | None], ranks: Sequence[float]) -> tuple[Trace, ...]:
    """The axis shows all means, and of the bands as much as the means span again: two seeds' would flatten the rest."""
    means = np.concatenate([[0.0], *(gap.mean for gap in gaps if gap)])
    reach = float(np.ptp(means)) or math.inf
    traces = []
    for name, gap, rank in zip(names, gaps, ranks, strict=True):
        if gap is None:
            traces.append(Trace(name, NOTHING, NOTHING, NOTHING, NOTHING))
            continue
        low, high = (gap.mean, gap.mean) if gap.low is None else (gap.low, gap.high)
        span = (max(low.min(), means.min() - reach / 2), min(high.max(), means.max() + reach / 2))
        traces.append(Trace(name, gap.x, gap.mean, low, high, span, rank=rank, holes=gap.has_gaps))
    return tuple(traces)


def _of_difference(pairs: Sequence[tuple[ComparedVariant, ComparedVariant]], against: str, banded: bool) -> list[str]:
    counts = sorted({len(row.runs) for pair in pairs for row in pair})
    seeds = "one seed each" if counts == [1] else f"{'–'.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} seeds"
    said = [f"Line: mean of the arm minus mean of what it is compared to, {seeds}."]
    if banded:
        where = "epoch" if against == "epoch" else "place"
        said.append(f"Band: Welch's 95 % interval at each {where} alone, not of the whole curve at once.")
    return said
