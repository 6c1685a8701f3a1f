"""The figures of a comparison as files: learning curves, differences from the baseline, final differences."""

import warnings
from collections.abc import Sequence

import matplotlib.style
from matplotlib.figure import Figure

from ablation.report.figures import curve_figure, forest_figure, style
from ablation.report.plots.plot_data import PlotData

NAMES = ("overlay", "difference", "forest")
FORMATS = ("png", "svg", "pdf")


def files(plots: PlotData, formats: Sequence[str] = FORMATS) -> dict[str, bytes]:
    """Draw the figures and return {file name: content}; equal data gives equal bytes. formats: some of FORMATS."""
    contents = {}
    with matplotlib.style.context(["default", style.STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        for name, figure in draw(plots).items():
            for kind in formats:
                contents[f"{name}.{kind}"] = style.save(figure, kind)
    return contents


def draw(plots: PlotData) -> dict[str, Figure]:
    """Draw the figures, by name, in Matplotlib's current style."""
    figures = {}
    if plots.overlay is not None:
        figures["overlay"] = curve_figure.draw(plots.overlay)
    if plots.difference is not None:
        figures["difference"] = curve_figure.draw(plots.difference)
    if plots.forest is not None:
        figures["forest"] = forest_figure.draw(plots.forest)
    return figures


def file_names() -> set[str]:
    """Names of all files that `files` may return."""
    return {f"{name}.{kind}" for name in NAMES for kind in FORMATS}
