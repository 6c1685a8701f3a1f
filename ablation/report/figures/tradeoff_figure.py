"""Draw the metric against what variants cost: a panel for each cost, on one y axis."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from ablation.report.figures import style
from ablation.report.plots.axis import Scale, cost_ticks
from ablation.report.plots.label_placement import beside_points
from ablation.report.plots.palette import DOTTED, MARKERS_OF_SHAPES, PALE, VerdictStyle, verdict_names, verdict_style
from ablation.report.plots.plot_data import CostPanel, CostPoint, TradeoffPlot
from ablation.report.wording.number_format import is_known

HEIGHT, ABOVE, BELOW, LEGEND = 2.6, 0.15, 0.5, 0.25  # inches: of a panel, above and below it, of the legend
EDGE, NEXT = 0.78, 0.45  # inches: room left of the first panel, and of each other
PANEL_WIDTH = 3.0  # inches, at most
MAX_NAMED, LONGEST_NAME = 14, 1.5  # points with a name; inches
OFFSET, NAME_GAP = 9, 9.5  # points: from a point to its name; between names


def draw(plot: TradeoffPlot, captioned: bool = True) -> Figure:
    """Draw all panels. captioned: whether to write the caption."""
    names = _names(plot.panels[0].points)
    aside = 0.2 + style.text_width(list(names.values()))
    count = len(plot.panels)
    room = (style.WIDTH - EDGE - (count - 1) * NEXT) / count - aside
    panel_width = min(PANEL_WIDTH, room)
    width = EDGE + count * (panel_width + aside) + (count - 1) * NEXT
    lines = style.wrap_text(" ".join(caption(plot)), width - 0.25) if captioned else []
    below = 0.15 + style.CAPTION_LINE * len(lines)
    legend = LEGEND if plot.judged else 0.0
    figure = style.sheet(width, ABOVE + HEIGHT + BELOW + legend + below)
    for index, panel in enumerate(plot.panels):
        axes = style.panel(figure, EDGE + index * (panel_width + aside + NEXT), ABOVE, panel_width, HEIGHT)
        axes.set(xlim=(panel.x.low, panel.x.high), ylim=(plot.y.low, plot.y.high))
        if index == 0:
            axes.set_ylabel(plot.y_label)
        _draw_x_axis(axes, panel, panel_width)
        _draw_front(axes, panel)
        _draw_points(axes, panel.points)
        _write_names(axes, panel, plot.y, names, (panel_width, HEIGHT))
    if plot.judged:
        _draw_legend(figure, plot, below)
    style.caption(figure, lines)
    return figure


def caption(plot: TradeoffPlot) -> list[str]:
    """The sentences of the caption."""
    return list(plot.notes)


def _names(points: Sequence[CostPoint]) -> dict[int, str]:
    """The names to write, by variant; where there are many, only the baseline's."""
    named = [point for point in points if len(points) <= MAX_NAMED or point.baseline]
    fitted = style.fitted([point.name for point in named], LONGEST_NAME, style.FONT)
    return {point.variant: name for point, name in zip(named, fitted, strict=True)}


def _draw_x_axis(axes: Axes, panel: CostPanel, width: float) -> None:
    axes.set_xlabel(panel.x_label)
    if panel.x.log:
        axes.set_xscale("log")
    ticks = cost_ticks(panel.x, max(3, int(2 * width)))
    axes.set_xticks([tick.value for tick in ticks], [tick.text for tick in ticks])
    axes.set_xticks([], minor=True)


def _draw_front(axes: Axes, panel: CostPanel) -> None:
    if panel.front:
        x, y = [point.x for point in panel.front], [point.y for point in panel.front]
        pen = {"color": PALE, "linewidth": 1, "linestyle": style.linestyle(DOTTED), "zorder": 1.5}
        axes.plot([*x, panel.x.high], [*y, y[-1]], drawstyle="steps-post", **pen)


def _draw_points(axes: Axes, points: Sequence[CostPoint]) -> None:
    """Draw all points of a style at once, which is fast for hundreds of them; the baseline last."""
    by_style: dict[VerdictStyle, list[CostPoint]] = {}
    for point in sorted(points, key=lambda point: point.baseline):
        by_style.setdefault(verdict_style(point.outcome), []).append(point)
    for order, (look, group) in enumerate(by_style.items()):
        known = [point for point in group if is_known(point.ends)]
        ends = [point.ends for point in known]
        lows, highs = [low for low, _ in ends], [high for _, high in ends]
        axes.vlines([point.x for point in known], lows, highs, color=look.colour, linewidth=1.2, zorder=2)
        axes.plot(
            [point.x for point in group],
            [point.y for point in group],
            marker=MARKERS_OF_SHAPES[look.shape],
            markersize=6,
            color=look.colour,
            markerfacecolor=look.colour if look.filled else "white",
            markeredgewidth=1.3,
            linestyle="none",
            zorder=3 + order / 100,
        )


def _write_names(axes: Axes, panel: CostPanel, y: Scale, names: dict[int, str], size: tuple[float, float]) -> None:
    """Write names right of the points, with a thread to each point. size: of the axes, in inches."""
    named = [point for point in panel.points if point.variant in names]
    places = []
    for point in named:
        places.append((panel.x.percent_of(point.x), y.percent_of(point.y)))
    width, height = size
    widest = style.text_width(list(names.values())) + 2 * OFFSET / 72
    labels = beside_points(places, 100 * widest / width, 100 * NAME_GAP / 72 / height)
    for point, place, label in zip(named, places, labels, strict=True):
        axes.annotate(
            names[point.variant],
            (place[0] / 100, place[1] / 100),
            (label.x / 100 + OFFSET / 72 / width, label.y / 100),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            fontsize=style.FONT,
            parse_math=False,
            annotation_clip=False,
            zorder=4,
            path_effects=[withStroke(linewidth=2, foreground="white")],
            arrowprops={"arrowstyle": "-", "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 4, "color": PALE, "lw": 0.5},
        )


def _draw_legend(figure: Figure, plot: TradeoffPlot, bottom: float) -> None:
    """Draw the marker of each verdict below the panels."""
    lines = {}
    for name, look in verdict_names(plot.panels[0].points).items():
        fill = look.colour if look.filled else "white"
        marker = MARKERS_OF_SHAPES[look.shape]
        lines[name] = Line2D(
            [], [], color=look.colour, marker=marker, markerfacecolor=fill, linestyle="none", markersize=6
        )
    style.legend(figure, lines, len(lines), bottom)
