"""Draw the forest plot: a row for each difference, with its 95 % CI, and the numbers beside it."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ablation.report.figures import style
from ablation.report.plots.palette import GREY, GRID, MARGIN, TEXT, verdict_style
from ablation.report.plots.plot_data import ForestPlot, ForestRow
from ablation.report.wording.number_format import interval, number, typeset
from ablation.statistics.verdict import BETTER, WORSE, PairResult

MAX_DECIMALS = 4  # more do not fit
ROW, ABOVE, LONGEST_NAME = 0.25, 0.4, 2.6  # inches: height of a row, room above the rows, width of the names
# inches right of the axes: left edges of numbers and verdicts, right edge of seeds
NUMBERS, VERDICT, SEEDS = 0.15, 1.98, 3.0
NAMES = -0.08  # inches from the left edge of the axes: right edge of names
STRIPES = "#f6f6f6"
MARKERS = {"up": "^", "down": "v", "square": "s", "circle": "o"}  # Matplotlib's names


def draw(plot: ForestPlot) -> Figure:
    """Draw the forest plot, with as much height as its rows need."""
    names = style.fitted([row.name for row in plot.rows], LONGEST_NAME, style.FONT)
    lines = style.wrap_text(" ".join([plot.metric.caption, *plot.notes]), style.WIDTH - 0.25)
    height = ROW * len(plot.rows) + 0.1
    left = max(0.9, style.text_width(names) + 0.25)
    figure = style.sheet(style.WIDTH, ABOVE + height + 0.5 + 0.15 + style.CAPTION_LINE * len(lines))
    axes = style.panel(figure, left, ABOVE, style.WIDTH - left - 3.1, height)
    table = _Table(axes, style.WIDTH - left - 3.1)
    _draw_axes(axes, plot)
    _write_heads(table, plot)
    for y, (row, name) in enumerate(zip(plot.rows, names, strict=True)):
        _draw_row(axes, y, row)
        _write_row(table, y, name, row.result, min(plot.decimals, MAX_DECIMALS))
    style.caption(figure, lines)
    return figure


def _draw_axes(axes: Axes, plot: ForestPlot) -> None:
    low, high = plot.x.low, plot.x.high
    axes.set(xlim=(low, high), ylim=(len(plot.rows) - 0.4, -0.6), yticks=[])
    axes.set_xlabel(plot.label(style.fitted([plot.reference], 2, 9)[0]))
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.barh(range(1, len(plot.rows), 2), high - low, 1.0, low, color=STRIPES, zorder=0)
    if plot.margin:
        axes.axvspan(-plot.margin, plot.margin, color=MARGIN, alpha=0.12, linewidth=0, zorder=0.5)
    axes.axvline(0, color=GREY, linewidth=1, zorder=1)


def _draw_row(axes: Axes, y: int, row: ForestRow) -> None:
    look = verdict_style(row.result.verdict)
    if row.interval_known:
        _draw_interval(axes, y, row.result, look.colour)
    axes.plot(
        [row.result.difference],
        [y],
        marker=MARKERS[look.shape],
        markersize=6,
        color=look.colour,
        markerfacecolor=look.colour if look.filled else "white",
        markeredgewidth=1.3,
        linestyle="none",
        zorder=3,
    )


def _draw_interval(axes: Axes, y: int, result: PairResult, colour: str) -> None:
    """Draw a bar with a cap at each end, or an arrow at the edge of the axes where the interval continues."""
    low, high = axes.get_xlim()
    start, end = result.interval
    axes.hlines(y, max(start, low), min(end, high), color=colour, linewidth=1.6, zorder=2)
    for value, edge, arrow in ((start, low, "<"), (end, high, ">")):
        inside = low <= value <= high
        place, marker = (value, "|") if inside else (edge, arrow)
        axes.plot([place], [y], color=colour, marker=marker, markersize=5, clip_on=False, zorder=2)


class _Table:
    """Texts beside the rows, positioned in inches."""

    def __init__(self, axes: Axes, width: float) -> None:
        """width: of the axes, in inches."""
        self.axes = axes
        self.width = width

    def write(self, y: float, text: str, inches: float, side: str = "left", **look: Any) -> None:
        """Write text at height y. inches: from the left edge of the axes if negative, else from the right edge."""
        x = inches / self.width if inches < 0 else 1 + inches / self.width
        self.axes.text(
            x,
            y,
            text,
            transform=self.axes.get_yaxis_transform(),
            ha=side,
            va="center",
            fontsize=style.FONT,
            parse_math=False,
            clip_on=False,
            **{"color": TEXT, **look},
        )


def _write_heads(table: _Table, plot: ForestPlot) -> None:
    table.write(-1.0, "difference  [95 % CI]", NUMBERS, color=GREY)
    table.write(-1.0, "verdict", VERDICT, color=GREY)
    table.write(-1.0, "seeds", SEEDS, "right", color=GREY)
    table.write(-1.0, f"← {plot.left}", -1e-9, color=GREY)
    table.write(-1.0, f"{plot.right} →", 0.0, "right", color=GREY)


def _write_row(table: _Table, y: int, name: str, result: PairResult, decimals: int) -> None:
    ends = interval(result.interval, decimals) or "[unknown]"
    weight = "bold" if result.verdict in (BETTER, WORSE) else "normal"
    table.write(y, name, NAMES, "right")
    table.write(y, typeset(f"{number(result.difference, decimals, sign=True)}  {ends}"), NUMBERS)
    table.write(y, result.verdict, VERDICT, weight=weight)
    table.write(y, _seeds(result), SEEDS, "right", color=GREY)


def _seeds(result: PairResult) -> str:
    if result.arm.n == result.reference.n:
        return f"{result.arm.n}"
    return f"{result.arm.n} vs {result.reference.n}"
