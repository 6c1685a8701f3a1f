"""Draw learning curves: in a shared panel, in a panel for each variant, or in grey behind a selection of variants."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ablation.report.figures import facet_grid, style
from ablation.report.figures.style import CAPTION_LINE, SEEDS_NOTE, Pen
from ablation.report.plots.label_placement import beside_each_other
from ablation.report.plots.palette import DOTTED, GREY, PALE, THRESHOLD_DASHES, line_styles
from ablation.report.plots.plot_data import MAX_TOGETHER, CurvePlot, DivergedRun, Line, Panel, Series, XAxis

MAX_FACETS = 36  # variants with a panel each
MAX_DIFFERENCES = 6  # in one panel, so that their bands can be distinguished
MAX_DIRECT, DIRECT_ROOM = 9, 1.75  # labels at line ends: how many fit, and how many inches wide
MAX_SEED_LINES = 60  # in one panel; more would blur into one area
OUTERMOST = 4  # variants named at either end of the ranking, where most are grey
MAX_NAMED_CROSSES = 6  # diverged runs of a panel that are named
HEIGHT, LEGEND_ROW = 3.2, 0.19  # inches: height of a panel, of a row of the legend
EDGE, ABOVE, TITLE = 0.78, 0.15, 0.2  # inches: room left of and above a panel, and for a title


def draw(plot: CurvePlot, captioned: bool = True) -> Figure:
    """Draw the overlay or the difference plot, depending on the panels. captioned: whether to write the caption."""
    if _fits_together(plot):
        return _together(plot, captioned)
    if len(plot.series) <= MAX_FACETS:
        return facet_grid.facets(plot, captioned)
    return _together(_outermost_only(plot), captioned, plot.panels)


def caption(plot: CurvePlot) -> list[str]:
    """The sentences of the caption."""
    if _fits_together(plot):
        return _caption(plot)
    if len(plot.series) <= MAX_FACETS:
        return facet_grid.caption(plot)
    return _caption(_outermost_only(plot))


def _fits_together(plot: CurvePlot) -> bool:
    return len(plot.series) <= (MAX_DIFFERENCES if plot.is_difference else MAX_TOGETHER)


def _caption(plot: CurvePlot) -> list[str]:
    if any(_draws_seeds(panel) for panel in plot.panels):
        return [*plot.notes, SEEDS_NOTE]
    return list(plot.notes)


@dataclass(frozen=True)
class _Layout:
    """Sizes in inches. aside: room right of a panel. top: above it.

    direct: whether to label line ends instead of using a legend.
    """

    width: float
    panel_width: float
    aside: float
    top: float
    columns: int
    caption: list[str]
    direct: bool

    @classmethod
    def of(cls, plot: CurvePlot, captioned: bool) -> "_Layout":
        names = [series.name for series in plot.series]
        name_width = style.text_width(names)
        direct = len(names) <= MAX_DIRECT and name_width <= DIRECT_ROOM
        width = style.WIDTH if len(plot.panels) > 1 else 0.68 * style.WIDTH
        aside = name_width + 0.3 if direct else 0.15
        lines = style.wrap_text(" ".join(_caption(plot)), width - 0.25) if captioned else []
        return cls(
            width=width,
            panel_width=(width - 0.05) / len(plot.panels) - EDGE - aside,
            aside=aside,
            top=ABOVE + (TITLE if plot.is_difference else 0.0),
            columns=max(1, min(4, int((width - 0.3) / (name_width + 0.75)))),
            caption=lines,
            direct=direct,
        )

    def height(self, names: int) -> float:
        below = 0.15 + CAPTION_LINE * len(self.caption)
        if not self.direct:
            below += 0.12 + LEGEND_ROW * math.ceil(names / self.columns)
        return self.top + HEIGHT + 0.5 + below

    def left(self, panel: int) -> float:
        return EDGE + panel * (EDGE + self.aside + self.panel_width)


def _together(plot: CurvePlot, captioned: bool, background: Sequence[Panel] | None = None) -> Figure:
    """Draw all variants in each panel. background: the same panels with more variants, whose means become grey."""
    layout = _Layout.of(plot, captioned)
    figure = style.sheet(layout.width, layout.height(len(plot.series)))
    legend: dict[str, Line2D] = {}
    behind = background or plot.panels
    for i, panel in enumerate(plot.panels):
        axes = style.panel(figure, layout.left(i), layout.top, layout.panel_width, HEIGHT)
        if panel.is_difference:
            axes.set_title(panel.title, fontsize=10, fontweight="bold", loc="left")
        axes.set_ylabel(panel.y_label)
        axes.set_xlabel(plot.x_axis.label)
        if background is not None:
            _draw_background(axes, background[i])
        lines = _draw_series(axes, panel, plot.x_axis, marked=not layout.direct)
        _set_limits(axes, panel, plot.x_axis.key, layout.panel_width)
        _draw_crosses(axes, panel, behind[i].diverged)
        if layout.direct and lines:
            style.label_ends(axes, lines, figure.dpi)
        legend |= lines
    style.caption(figure, layout.caption)
    if not layout.direct:
        style.legend(figure, legend, layout.columns, 0.2 + CAPTION_LINE * len(layout.caption))
    return figure


def _draws_seeds(panel: Panel) -> bool:
    """Check that the panel has few enough seeds to draw a line for each."""
    return panel.seed_count <= MAX_SEED_LINES and any(series.draws_seeds for series in panel.series)


def _draw_background(axes: Axes, panel: Panel) -> None:
    means = [Line(series.x, series.mean) for series in panel.with_mean]
    alpha = max(0.08, min(0.5, 40 / max(1, len(means))))
    style.thin_lines(axes, means, Pen(PALE, 0.5, alpha))


def _draw_series(axes: Axes, panel: Panel, x_axis: XAxis, marked: bool) -> dict[str, Line2D]:
    """Draw seeds, bands and means of all variants; return the line to label, by name of variant."""
    lines = {}
    draws_seeds = _draws_seeds(panel)
    shown = beside_each_other(panel.series, x_axis)
    for series, look in zip(shown, line_styles(shown, marked), strict=True):
        if draws_seeds and series.draws_seeds:
            style.thin_lines(axes, series.seeds, Pen(look.colour, 0.5, 0.5))
            if not series.has_mean:
                lines[series.name] = _longest_seed(axes, series, look.colour)
        if series.has_mean:
            style.band(axes, series, look.colour, floor=panel.y.low if panel.y.log else -math.inf)
            lines[series.name] = style.mean_line(axes, series, look)
    return lines


def _longest_seed(axes: Axes, series: Series, colour: str) -> Line2D:
    longest = max(series.seeds, key=lambda line: line.x[-1])
    return axes.plot(longest.x, longest.y, color=colour, linewidth=0.5)[0]


def _set_limits(axes: Axes, panel: Panel, x_key: str, width: float) -> None:
    style.x_ticks(axes, x_key, max(3, int(6 * width / 3.5)))
    if panel.is_difference:
        axes.axhline(0, color=GREY, linewidth=0.9, zorder=2.5)
    if panel.threshold is not None:
        axes.axhline(
            panel.threshold, color=GREY, linewidth=0.8, linestyle=style.linestyle(THRESHOLD_DASHES), zorder=2.4
        )
    if panel.y.log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    axes.set(xlim=(panel.x.low, panel.x.high), ylim=(panel.y.low, panel.y.high))


def _draw_crosses(axes: Axes, panel: Panel, diverged: Sequence[DivergedRun]) -> None:
    """Draw diverged runs as thin dotted lines that end in a cross."""
    lines = [run.line for run in diverged if len(run.line)]
    style.thin_lines(axes, lines, Pen(GREY, 0.9, dashes=DOTTED))
    named: list[np.ndarray] = []
    for run in diverged:
        end = run.end(panel.x, panel.y)
        axes.plot(*end, color=GREY, marker="x", markersize=5, linestyle="none", clip_on=False, zorder=5)
        if len(diverged) <= MAX_NAMED_CROSSES:
            pixels = axes.transData.transform(end)
            near = sum(1 for cross in named if np.abs(cross - pixels).max() < 30)  # stack their names
            named.append(pixels)
            _name_cross(axes, run.label, end, near)


def _name_cross(axes: Axes, label: str, end: tuple[float, float], line: int) -> None:
    axes.annotate(
        label,
        end,
        (6, -2 - 7 * line),
        textcoords="offset points",
        fontsize=6,
        va="top",
        color=GREY,
        zorder=5,
        parse_math=False,
    )


def _outermost_only(plot: CurvePlot) -> CurvePlot:
    """Keep the baseline and the variants at either end of the ranking, which stand before the grey means of all."""
    indices = outermost(plot.series)
    front = []
    for panel in plot.panels:
        front.append(replace(panel, series=tuple(panel.series[index] for index in indices)))
    named = "the variants"
    if any(series.baseline for series in plot.series):
        named = "the baseline, and the variants"
    note = f"Grey: the means of all {len(plot.series):,} variants. Named: {named} with the highest and lowest values."
    return replace(plot, panels=tuple(front), notes=(*plot.notes, note))


def outermost(series: Sequence[Series]) -> list[int]:
    """Return the indices, sorted, of the baseline and of the variants with the highest and lowest values."""
    ranked = []
    chosen = set()
    for index, variant in enumerate(series):
        if variant.baseline:
            chosen.add(index)
        if variant.has_mean:
            ranked.append((variant.rank, variant.name, index))
    ranked.sort()
    for _, _, index in ranked[:OUTERMOST] + ranked[-OUTERMOST:]:
        chosen.add(index)
    return sorted(chosen)
