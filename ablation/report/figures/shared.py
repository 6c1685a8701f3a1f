"""Axes, names and notes that figures share."""

import math
from collections.abc import Sequence

import numpy as np

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import ComparedVariant
from ablation.comparison.analysis.learning_curves import Curve
from ablation.redaction import printable
from ablation.report.figures.plot_data import Plot
from ablation.text import list_with_more, shorten

BOTH = ("loss", "val_accuracy")  # drawn side by side where no metric is named


UNITS = ((7200, 3600, "Hours"), (300, 60, "Minutes"), (-math.inf, 1, "Seconds"))  # from, seconds, name
NOTHING = np.empty(0)
REFUSED = " ‡"  # beside † of the table and the forest
Known = dict[tuple[str, str], Curve | None]
LISTED = 4  # names in one sentence of a caption


def missing_epochs_note(plots: Sequence[Plot]) -> list[str]:
    holes = any(trace.holes for plot in plots for trace in plot.traces)
    return ["Epochs without a number are left out."] if holes else []


def list_names(names: Sequence[str]) -> str:
    return list_with_more(names, LISTED)


def variant_curves(rows: Sequence[ComparedVariant], metric: str, against: str, known: Known) -> list[Curve | None]:
    """Those of the rows; known: by label and metric."""
    for row in rows:
        if (row.label, metric) not in known:
            known[row.label, metric] = learning_curves.curve(row.runs, metric, against)
    return [known[row.label, metric] for row in rows]


def series_names(rows: Sequence[ComparedVariant], marked: bool = True) -> list[str]:
    """Printable, short, unique; with a dagger where the gate refuses."""
    short = shorten([printable(row.label) for row in rows])
    return [
        f"{name}{REFUSED if marked and row.comparability.blocking else ''}"
        for name, row in zip(short, rows, strict=True)
    ]


def axis_unit(rows: Sequence[ComparedVariant], against: str) -> tuple[float, str]:
    """By what to divide x, and the axis' label: seconds are hours where there are many."""
    if against != "seconds":
        return 1.0, learning_curves.AXES[against]
    ends = [
        x[-1]
        for row in rows
        for run in row.runs
        if (x := learning_curves.x_values(run, against)) is not None and len(x)
    ]
    unit, name = next((unit, name) for least, unit, name in UNITS if max(ends, default=0.0) >= least)
    return unit, learning_curves.AXES[against].replace("Seconds", name)
