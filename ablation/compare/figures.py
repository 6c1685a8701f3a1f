"""The figures of a comparison: curves over each other, differences to the baseline, final differences as a forest."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from ablation.compare import curves, drawing, forest, sheets
from ablation.compare.comparison import Comparison, Row
from ablation.compare.curves import INTERVAL, RANGE, Curve, Gap
from ablation.compare.labels import shorten
from ablation.compare.plots import Lost, Plot, Trace
from ablation.errors import printable

FORMATS = ("png", "svg", "pdf")
BOTH = ("loss", "val_accuracy")  # drawn side by side where no metric is named
ENOUGH = 5  # seeds from which the interval of the mean says more than the range
TOP = {"accuracy": 1.01, "val_accuracy": 1.01}
UNITS = ((7200, 3600, "Hours"), (300, 60, "Minutes"), (-math.inf, 1, "Seconds"))  # from, seconds, name
NOTHING = np.empty(0)
REFUSED = " ‡"  # beside † of the table and the forest
Known = dict[tuple[str, str], Curve | None]
LISTED = 4  # names in one sentence of a caption


def files(
    comparison: Comparison,
    metric: str | None = None,
    against: str = "epoch",
    formats: Sequence[str] = FORMATS,
    band: str | None = None,
) -> dict[str, bytes]:
    """Draw overlay, and with a baseline difference and forest: {file name: content}, equal for equal comparisons.

    metric: a column of history.csv, else training loss and validation accuracy. against: a key of curves.AXES. band:
    curves.RANGE or INTERVAL. Raises AblateError for a metric or an axis that is none.
    """
    curves.check(metric, against)
    known: Known = {}
    with matplotlib.style.context(["default", drawing.STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        drawn = {
            "overlay": overlay(comparison, metric, against, band, known),
            "difference": difference(comparison, metric, against, known),
            "forest": forest.draw(comparison),
        }
        made = {name: figure for name, figure in drawn.items() if figure is not None}
        return {f"{name}.{kind}": drawing.save(figure, kind) for name, figure in made.items() for kind in formats}


def names() -> set[str]:
    """Of all files that `files` may make."""
    return {f"{name}.{kind}" for name in ("overlay", "difference", "forest") for kind in FORMATS}


# ---------------------------------------------------------------- overlay


def overlay(
    comparison: Comparison,
    metric: str | None = None,
    against: str = "epoch",
    band: str | None = None,
    known: Known | None = None,
) -> Figure | None:
    """Means over seeds with their bands; None where no run can be drawn. known: curves to take, and to add to."""
    rows = [row for row in comparison.rows if row.runs or row.diverged]
    band = band or (INTERVAL if min((len(r.runs) for r in rows if r.runs), default=0) >= ENOUGH else RANGE)
    unit, label = _axis(rows, against)
    names, plots, known = _names(rows), [], {} if known is None else known
    for key in (metric,) if metric else BOTH:
        found = _curves(rows, key, against, known)
        traces = [
            replace(
                _of_curve(name, curve and curves.scaled(curve, unit), band),
                baseline=row.label == comparison.baseline,
                rank=row.arm.mean if row.arm.n else -math.inf,
                lost=_lost(row, key, against, unit),
            )
            for row, name, curve in zip(rows, names, found, strict=True)
        ]
        top, level = TOP.get(key, math.inf), _level(comparison, key)
        plots.append(Plot(curves.METRICS[key], tuple(traces), log=key not in TOP, top=top, level=level))
    if not any(trace.lost or trace.seeds for plot in plots for trace in plot.traces):
        return None
    said = [*_counts(rows, band), *_gate(rows), *_lacking(rows, plots), *_crosses(rows)]
    said += [f"Dashed: the threshold of {plot.level:g}." for plot in plots if plot.level is not None]
    return sheets.sheet(plots, (against, label), " ".join(said))


def _level(comparison: Comparison, metric: str) -> float | None:
    return comparison.threshold.value if comparison.threshold and comparison.threshold.metric == metric else None


def _of_curve(name: str, curve: Curve | None, band: str) -> Trace:
    if curve is None:
        return Trace(name, NOTHING, NOTHING, NOTHING, NOTHING)
    return Trace(name, curve.x, curve.mean, *curve.band(band), curve.span, tuple(curve.lines), holes=curve.holes)


def _lost(row: Row, metric: str, against: str, unit: float) -> tuple[Lost, ...]:
    """As far as the axis and the numbers go."""
    found = []
    for run in sorted(row.diverged, key=lambda run: (run.seed, str(run.path))):
        x, y = curves.places(run, against, row.runs[0] if row.runs else None), np.asarray(run.history[metric], float)
        kept = curves.usable(y) if x is not None else np.zeros(len(y), dtype=bool)
        x, y = (x[kept] / unit, y[kept]) if kept.any() else (NOTHING, NOTHING)
        found.append(Lost(f"{shorten([printable(row.label)])[0]} seed {run.seed}", x, y))
    return tuple(found)


def _counts(rows: Sequence[Row], band: str) -> list[str]:
    counts = sorted({len(row.runs) for row in rows if row.runs})
    if not counts or counts == [1]:
        return ["One seed." if len(rows) == 1 else "One seed each."] if counts else []
    seeds = f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"
    shown = {RANGE: "from the lowest to the highest seed", INTERVAL: "95 % interval of the mean (Student's t)"}[band]
    return [f"Line: mean over {seeds}. Band: {shown}."]


def _gate(rows: Sequence[Row]) -> list[str]:
    if not any(row.gate.refused for row in rows):
        return []
    return [f"{REFUSED.strip()}: not comparable, for it differs in more than is declared."]


def _lacking(rows: Sequence[Row], plots: Sequence[Plot]) -> list[str]:
    """Runs that have no place on the axis, arms whose seeds share no range of it, epochs without a number."""
    away = max(sum(len(r.runs) for r in rows) - sum(len(t.seeds) for t in plot.traces) for plot in plots)
    apart = list(dict.fromkeys(t.name for plot in plots for t in plot.traces if t.seeds and not len(t.x)))
    said = [f"Without a place on this axis: {away} runs."] if away else []
    said += [f"No mean, for the seeds have no range of this axis in common: {_listed(apart)}."] if apart else []
    return said + _holes(plots)


def _holes(plots: Sequence[Plot]) -> list[str]:
    holes = any(trace.holes for plot in plots for trace in plot.traces)
    return ["Epochs without a number are left out."] if holes else []


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"{', '.join(names[:LISTED])}{more}"


def _crosses(rows: Sequence[Row]) -> list[str]:
    return ["Cross: a run that diverged; it is in no mean."] if any(row.diverged for row in rows) else []


# ---------------------------------------------------------------- difference


def difference(
    comparison: Comparison, metric: str | None = None, against: str = "epoch", known: Known | None = None
) -> Figure | None:
    """Each arm minus what it is compared to, at equal x, with Welch's 95 % band; None where there is no such pair."""
    pairs = _pairs(comparison)
    judged = [(row, other) for row, other in pairs if not row.gate.refused]
    if not judged:
        return None
    rows = list({id(row): row for pair in judged for row in pair}.values())
    unit, label = _axis(rows, against)
    same = len({other.label for _, other in judged}) == 1
    names = _names([row for row, _ in judged])
    if not same:
        names = [f"{n} − {o}" for n, o in zip(names, _names([other for _, other in judged]), strict=True)]
    plots, known = [], {} if known is None else known
    for key in (metric,) if metric else BOTH:
        found = dict(zip((row.label for row in rows), _curves(rows, key, against, known), strict=True))
        gaps = [_gap(found[row.label], found[other.label], unit) for row, other in judged]
        minus = f" − {shorten([printable(judged[0][1].label)], 24)[0]}" if same else ", difference"
        ranks = [row.arm.mean if row.arm.n else -math.inf for row, _ in judged]
        plots.append(Plot(f"{curves.METRICS[key]}{minus}", _of_gaps(names, gaps, ranks), zero=True))
    if not any(plot.drawn for plot in plots):
        return None
    refused = _names([row for row, _ in pairs if row.gate.refused], marked=False)
    apart = list(dict.fromkeys(t.name for plot in plots for t in plot.traces if not len(t.x)))
    banded = any((trace.high > trace.low).any() for plot in plots for trace in plot.drawn)
    said = [*_of_difference(judged, against, banded), *_holes(plots)]
    said += [f"Left out, not comparable: {_listed(refused)}."] if refused else []
    said += [f"No range of this axis in common: {_listed(apart)}."] if apart else []
    return sheets.sheet(plots, (against, label), " ".join(said))


def _pairs(comparison: Comparison) -> list[tuple[Row, Row]]:
    """Each row with what it is compared to, where both have runs."""
    by_label = {row.label: row for row in comparison.rows if row.runs}
    others = [(row, by_label.get(row.against or comparison.baseline or "")) for row in by_label.values()]
    return [(row, other) for row, other in others if other is not None and other is not row]


def _gap(one: Curve | None, other: Curve | None, unit: float) -> Gap | None:
    gap = curves.difference(one, other) if one and other else None
    return gap and curves.scaled(gap, unit)


def _of_gaps(names: Sequence[str], gaps: Sequence[Gap | None], ranks: Sequence[float]) -> tuple[Trace, ...]:
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
        traces.append(Trace(name, gap.x, gap.mean, low, high, span, rank=rank, holes=gap.holes))
    return tuple(traces)


def _of_difference(pairs: Sequence[tuple[Row, Row]], against: str, banded: bool) -> list[str]:
    counts = sorted({len(row.runs) for pair in pairs for row in pair})
    seeds = "one seed each" if counts == [1] else f"{'–'.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} seeds"
    said = [f"Line: mean of the arm minus mean of what it is compared to, {seeds}."]
    if banded:
        where = "epoch" if against == "epoch" else "place"
        said.append(f"Band: Welch's 95 % interval at each {where} alone, not of the whole curve at once.")
    return said


# ---------------------------------------------------------------- both


def _curves(rows: Sequence[Row], metric: str, against: str, known: Known) -> list[Curve | None]:
    """Those of the rows; known: by label and metric."""
    for row in rows:
        if (row.label, metric) not in known:
            known[row.label, metric] = curves.curve(row.runs, metric, against)
    return [known[row.label, metric] for row in rows]


def _names(rows: Sequence[Row], marked: bool = True) -> list[str]:
    """Printable, short, unique; with a dagger where the gate refuses."""
    short = shorten([printable(row.label) for row in rows])
    return [f"{name}{REFUSED if marked and row.gate.refused else ''}" for name, row in zip(short, rows, strict=True)]


def _axis(rows: Sequence[Row], against: str) -> tuple[float, str]:
    """By what to divide x, and the axis' label: seconds are hours where there are many."""
    if against != "seconds":
        return 1.0, curves.AXES[against]
    ends = [x[-1] for row in rows for run in row.runs if (x := curves.places(run, against)) is not None and len(x)]
    unit, name = next((unit, name) for least, unit, name in UNITS if max(ends, default=0.0) >= least)
    return unit, curves.AXES[against].replace("Seconds", name)
