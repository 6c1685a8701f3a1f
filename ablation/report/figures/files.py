"""The figures of a comparison as files: learning curves, differences, effects and costs, and their captions."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from ablation.report.figures import curve_figure, forest_figure, interaction_figure, style, tradeoff_figure
from ablation.report.plots.plot_data import PlotData
from ablation.report.wording.escaping import for_markdown

FORMATS = ("png", "svg", "pdf")
CAPTIONS = "captions.md"


@dataclass(frozen=True)
class Kind:
    """A figure: the plot that it shows, which may be None, and how that plot is drawn and captioned."""

    plot: Callable[[PlotData], Any]
    draw: Callable[..., Figure]
    caption: Callable[[Any], list[str]]


KINDS = {
    "overlay": Kind(lambda plots: plots.overlay, curve_figure.draw, curve_figure.caption),
    "difference": Kind(lambda plots: plots.difference, curve_figure.draw, curve_figure.caption),
    "forest": Kind(lambda plots: plots.forest, forest_figure.draw, forest_figure.caption),
    "means": Kind(lambda plots: plots.means, forest_figure.draw, forest_figure.caption),
    "effects": Kind(lambda plots: plots.effects, forest_figure.draw, forest_figure.caption),
    "interaction": Kind(lambda plots: plots.interaction, interaction_figure.draw, interaction_figure.caption),
    "tradeoff": Kind(lambda plots: plots.tradeoff, tradeoff_figure.draw, tradeoff_figure.caption),
}


def files(plots: PlotData, formats: Sequence[str] = FORMATS, captioned: bool = True) -> dict[str, bytes]:
    """Draw the figures and return {file name: content}; equal data gives equal bytes.

    formats: some of FORMATS. captioned: whether the captions stand below the figures too, and not only in CAPTIONS.
    """
    contents = {}
    with matplotlib.style.context(["default", style.STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        for name, figure in draw(plots, captioned).items():
            for kind in formats:
                contents[f"{name}.{kind}"] = style.save(figure, kind)
    if contents:
        contents[CAPTIONS] = captions(plots).encode()
    return contents


def draw(plots: PlotData, captioned: bool = True) -> dict[str, Figure]:
    """Draw the figures, by name, in Matplotlib's current style. captioned: whether to write the captions below them."""
    figures = {}
    for name, kind in KINDS.items():
        plot = kind.plot(plots)
        if plot is not None:
            figures[name] = kind.draw(plot, captioned)
    return figures


def names(plots: PlotData) -> list[str]:
    """The names of the figures that these plots have."""
    return [name for name, kind in KINDS.items() if kind.plot(plots) is not None]


def figure(plots: PlotData, name: str, captioned: bool = True) -> Figure:
    """Draw one figure to show or change it in Python. name: one of `names`. captioned: as in `draw`.

    Its style is that of the files, whatever style Matplotlib has when it is shown.
    """
    with matplotlib.style.context(["default", style.STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        drawn = KINDS[name].draw(KINDS[name].plot(plots), captioned)
        drawn.draw_without_rendering()  # makes the ticks, which take their style when they are first drawn
    return drawn


def captions(plots: PlotData) -> str:
    """The captions of the figures in Markdown, each below the name of its figure."""
    parts = ["# Captions"]
    for name, kind in KINDS.items():
        plot = kind.plot(plots)
        if plot is not None:
            parts += [f"## {name}", for_markdown(" ".join(kind.caption(plot)))]
    return "\n\n".join(parts) + "\n"


def file_names() -> set[str]:
    """Names of all files that `files` may return."""
    return {CAPTIONS, *(f"{name}.{kind}" for name in KINDS for kind in FORMATS)}
