"""The figures of a comparison: curves laid over each other, differences to the baseline, final differences as a forest."""

import math
import warnings
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from ablation.compare import curves, drawing, forest, sheets
from ablation.compare.comparison import Comparison, Row
from ablation.compare.curves import INTERVAL, RANGE, Curve, Gap
from ablation.compare.labels import printable, shorten
from ablation.compare.sheets import Lost, Plot, Trace

FORMATS = ("png", "svg", "pdf")
BOTH = ("loss", "val_accuracy")  # drawn side by side where no metric is named
ENOUGH = 5  # seeds from which the interval of the mean says more than the range
TOP = {"accuracy": 1.01, "val_accuracy": 1.01}
UNITS = ((7200, 3600, "hours"), (300, 60, "minutes"), (-math.inf, 1, "seconds"))  # from, seconds, name
REFUSED = " †"


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
    with matplotlib.style.context(["default", drawing.STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        drawn = {
            "overlay": overlay(comparison, metric, against, band),
            "difference": difference(comparison, metric, against),
            "forest": forest.draw(comparison),
        }
        made = {name: figure for name, figure in drawn.items() if figure is not None}
        return {f"{name}.{kind}": drawing.save(figure, kind) for name, figure in made.items() for kind in formats}


def overlay(
    comparison: Comparison, metric: str | None = None, against: str = "epoch", band: str | None = None
) -> Figure | None:
    """Means over seeds with their bands; None where no run can be drawn."""
    rows = [row for row in comparison.rows if row.runs or row.diverged]
    counts = [len(row.runs) for row in rows if row.runs]
    band = band or (INTERVAL if counts and min(counts) >= ENOUGH else RANGE)
    unit, axis = _axis(rows, against)
    names, plots = _names(rows, comparison), []
    for key in (metric,) if metric else BOTH:
        found = [curves.curve(row.runs, key, against) for row in rows]
        traces = [
            _of_curve(row, name, curve and curves.scaled(curve, unit), band, row.label == comparison.baseline)
            for row, name, curve in zip(rows, names, found, strict=True)
        ]
        lost = [_lost(row, key, against, unit) for row in rows]
        traces = [_with(trace, runs) for trace, runs in zip(traces, lost, strict=True)]
        plots.append(Plot(curves.METRICS[key], tuple(traces), top=TOP.get(key, math.inf)))
    if not any(trace.lost or len(trace.x) for plot in plots for trace in plot.traces):
        return None
    said = [*_counts(counts, band), *_arms(comparison, rows, plots), *_left(rows, found, against)]
    return sheets.sheet(plots, axis, " ".join(said))
