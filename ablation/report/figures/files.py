"""The figures of a comparison: curves over each other, differences to the baseline, final differences as a forest."""

import warnings
from collections.abc import Sequence

import matplotlib.style

from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.comparison import Comparison
from ablation.report.figures import forest, style
from ablation.report.figures.difference import difference
from ablation.report.figures.overlay import overlay
from ablation.report.figures.shared import Known

FORMATS = ("png", "svg", "pdf")


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
    learning_curves.check(metric, against)
    known: Known = {}
    with matplotlib.style.context(["default", style.STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        drawn = {
            "overlay": overlay(comparison, metric, against, band, known),
            "difference": difference(comparison, metric, against, known),
            "forest": forest.draw(comparison),
        }
        made = {name: figure for name, figure in drawn.items() if figure is not None}
        return {f"{name}.{kind}": style.save(figure, kind) for name, figure in made.items() for kind in formats}


def names() -> set[str]:
    """Of all files that `files` may make."""
    return {f"{name}.{kind}" for name in ("overlay", "difference", "forest") for kind in FORMATS}
