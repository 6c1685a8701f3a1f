"""Draw the interaction plot of a factorial design: a panel for each pair of components, on one y axis."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ablation.report.figures import style
from ablation.report.plots.palette import line_styles
from ablation.report.plots.plot_data import InteractionPanel, InteractionPlot

COLUMNS = 3
WIDEST, HEIGHT = 2.1, 2.2  # inches: of the axes of a panel
EDGE, ABOVE, BELOW = 0.78, 0.45, 0.5  # inches: room left of the first panel, above and below each
LONGEST_NAME, NEXT = 1.2, 0.35  # inches: width of a line's name, room left of each further panel
CAP = 3  # points: half the width of the ends of a bar


def draw(plot: InteractionPlot, captioned: bool = True) -> Figure:
    """Draw all panels. captioned: whether to write the caption."""
    columns = min(COLUMNS, len(plot.panels))
    aside = 0.35 + min(LONGEST_NAME, style.text_width([line.name for panel in plot.panels for line in panel.lines]))
    room = (style.WIDTH - EDGE - (columns - 1) * NEXT) / columns - aside
    axes_width = min(WIDEST, room)
    width = EDGE + columns * (axes_width + aside) + (columns - 1) * NEXT
    lines = style.wrap_text(" ".join(caption(plot)), width - 0.25) if captioned else []
    row_height = ABOVE + HEIGHT + BELOW
    rows = math.ceil(len(plot.panels) / columns)
    figure = style.sheet(width, rows * row_height + 0.15 + style.CAPTION_LINE * len(lines))
    for index, panel in enumerate(plot.panels):
        row, column = divmod(index, columns)
        left = EDGE + column * (axes_width + aside + NEXT)
        axes = style.panel(figure, left, row * row_height + ABOVE, axes_width, HEIGHT)
        _write_title(axes, panel, axes_width + aside)
        if column == 0:
            axes.set_ylabel(plot.y_label)
        _draw_panel(axes, panel, plot, axes_width)
        style.label_ends(axes, _draw_lines(axes, panel), figure.dpi)
    style.caption(figure, lines)
    return figure


def caption(plot: InteractionPlot) -> list[str]:
    """The sentences of the caption."""
    return list(plot.notes)


def _write_title(axes: Axes, panel: InteractionPanel, width: float) -> None:
    """Write the components and their interaction above a panel. width: inches."""
    title = style.fitted([panel.title], width, 9)[0]
    axes.set_title(f"{title}\n{panel.estimate}", fontsize=9, loc="left", parse_math=False)


def _draw_panel(axes: Axes, panel: InteractionPanel, plot: InteractionPlot, width: float) -> None:
    """width: of the axes, in inches."""
    names = style.fitted(panel.levels, 0.97 * width / (len(panel.levels) - 0.4), style.FONT)
    axes.set(xlim=(panel.x.low, panel.x.high), ylim=(plot.y.low, plot.y.high))
    axes.set_xlabel(style.fitted([panel.x_label], width, 9)[0], parse_math=False)
    axes.set_xticks(range(len(names)), names, fontsize=style.FONT, parse_math=False)


def _draw_lines(axes: Axes, panel: InteractionPanel) -> dict:
    """Draw the means of each line with their CIs; return the line by the name to write beside it."""
    names = style.fitted([line.name for line in panel.lines], LONGEST_NAME, style.FONT)
    drawn = {}
    for line, name, look in zip(panel.lines, names, line_styles(panel.lines), strict=True):
        if line.has_band:
            below, above = line.mean - line.low, line.high - line.mean
            axes.errorbar(
                line.x, line.mean, (below, above), fmt="none", ecolor=look.colour, elinewidth=1.2, capsize=CAP
            )
        drawn[name] = axes.plot(
            line.x,
            line.mean,
            color=look.colour,
            linestyle=style.linestyle(look.dashes),
            linewidth=1.6,
            marker="o",
            markersize=4.5,
            zorder=3,
        )[0]
    return drawn
