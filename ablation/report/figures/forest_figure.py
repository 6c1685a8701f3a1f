"""Draw the forest plot: a row for each difference, with its intervals, and the numbers beside it."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ablation.report.figures import style
from ablation.report.plots.palette import GREY, GRID, MARGIN, TEXT, verdict_style
from ablation.report.plots.plot_data import ForestPlot, ForestRow, is_drawn
from ablation.report.wording.number_format import interval, number, typeset
from ablation.statistics.intervals import Interval
from ablation.statistics.verdict import BETTER, WORSE, PairResult

MAX_DECIMALS = 4  # more do not fit
ROW, TALL_ROW = 0.25, 0.29  # inches: height of rows, and where a name or verdict has a second line
ABOVE, LONGEST_NAME = 0.4, 2.4  # inches: room above the rows, width of the names
LONGEST_DETAIL = 1.9  # inches
DETAIL, SHIFT = 6, 0.22  # points: size of a verdict's second line; its distance from the middle of the row, in rows
GAP, BOLD = 0.17, 1.1  # inches between columns of text; width of bold text, relative to normal
NAMES = -0.08  # inches from the left edge of the axes: right edge of names
STRIPES = "#f6f6f6"
THICK, THIN, THICK_ALPHA = 7.5, 1.5, 0.3  # points: width of the two intervals; the thick one is pale
MARKERS = {"up": "^", "down": "v", "square": "s", "circle": "o"}  # Matplotlib's names


@dataclass(frozen=True)
class _Texts:
    """Texts beside one row."""

    name: str
    numbers: str
    verdict: str
    detail: str
    seeds: str


@dataclass(frozen=True)
class _Layout:
    """Places in inches. left: of the axes. numbers, verdict: left edges of the texts, from the right edge of the axes.

    seeds: the right edge of the last column, from the same edge.
    """

    left: float
    numbers: float
    verdict: float
    seeds: float

    @property
    def width(self) -> float:
        """Width of the axes."""
        return style.WIDTH - self.left - self.seeds - 0.1


def draw(plot: ForestPlot) -> Figure:
    """Draw the forest plot, with as much height as its rows need."""
    rows = _texts(plot)
    layout = _layout(plot, rows)
    lines = style.wrap_text(" ".join([*plot.disclosures, plot.metric.caption, *plot.notes]), style.WIDTH - 0.25)
    row_height = TALL_ROW if any(texts.detail or "\n" in texts.name for texts in rows) else ROW
    height = row_height * len(plot.rows) + 0.1
    figure = style.sheet(style.WIDTH, ABOVE + height + 0.5 + 0.15 + style.CAPTION_LINE * len(lines))
    axes = style.panel(figure, layout.left, ABOVE, layout.width, height)
    table = _Table(axes, layout.width)
    _draw_axes(axes, plot)
    _write_heads(table, plot, layout)
    for y, (row, texts) in enumerate(zip(plot.rows, rows, strict=True)):
        _draw_row(axes, y, row)
        _write_row(table, y, texts, layout, is_bold=row.result.verdict in (BETTER, WORSE))
    style.caption(figure, lines)
    return figure


def _texts(plot: ForestPlot) -> list[_Texts]:
    names = style.in_two_lines([row.name for row in plot.rows], LONGEST_NAME, style.FONT)
    distinct = list({row.detail: None for row in plot.rows})
    details = dict(zip(distinct, style.fitted(distinct, LONGEST_DETAIL, DETAIL), strict=True))
    texts = []
    for row, name in zip(plot.rows, names, strict=True):
        texts.append(_Texts(name, _numbers(plot, row), row.verdict, details[row.detail], _seeds(row.result)))
    return texts


def _numbers(plot: ForestPlot, row: ForestRow) -> str:
    decimals = min(plot.decimals, MAX_DECIMALS)
    ends = interval(row.interval, decimals) or "[unknown]"
    difference = number(row.result.difference, decimals, sign=True)
    return typeset(f"{difference}  {ends} {plot.remark(row)}".strip())


def _heading(plot: ForestPlot) -> str:
    return f"difference  [{plot.kind}]"


def _layout(plot: ForestPlot, rows: list[_Texts]) -> _Layout:
    """Give each column of text the width of its widest text, and the rest to the axes."""
    numbers = style.text_width([_heading(plot), *(row.numbers for row in rows)])
    verdicts = max(
        BOLD * style.text_width(["verdict", *(row.verdict for row in rows)]),
        style.text_width([row.detail for row in rows], DETAIL),
    )
    seeds = style.text_width(["seeds", *(row.seeds for row in rows)])
    verdict = GAP + numbers + GAP
    left = max(0.9, style.text_width([row.name for row in rows]) + 0.25)
    return _Layout(left, GAP, verdict, verdict + verdicts + GAP + seeds)


def _draw_axes(axes: Axes, plot: ForestPlot) -> None:
    low, high = plot.x.low, plot.x.high
    axes.set(xlim=(low, high), ylim=(len(plot.rows) - 0.4, -0.6), yticks=[])
    names = [plot.reference, *(row.name for row in plot.rows)]
    axes.set_xlabel(plot.label(style.fitted(names, 2, 9)[0]))
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.barh(range(1, len(plot.rows), 2), high - low, 1.0, low, color=STRIPES, zorder=0)
    if plot.margin:
        axes.axvspan(-plot.margin, plot.margin, color=MARGIN, alpha=0.12, linewidth=0, zorder=0.5)
    axes.axvline(0, color=GREY, linewidth=1, zorder=1)


def _draw_row(axes: Axes, y: int, row: ForestRow) -> None:
    look = verdict_style(row.result.verdict)
    if is_drawn(row.thick):
        _draw_thick(axes, y, row.thick, look.colour)
    if is_drawn(row.thin):
        _draw_thin(axes, y, row.thin, look.colour)
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


def _draw_thick(axes: Axes, y: int, ends: Interval, colour: str) -> None:
    """Draw a broad pale bar, with an arrow where it continues beyond the axes."""
    low, high = axes.get_xlim()
    start, end = max(ends.low, low), min(ends.high, high)
    axes.hlines(y, start, end, color=colour, linewidth=THICK, alpha=THICK_ALPHA, zorder=1.8)
    _draw_arrows(axes, y, ends, colour)


def _draw_thin(axes: Axes, y: int, ends: Interval, colour: str) -> None:
    """Draw a line with a cap at each end, or an arrow where it continues beyond the axes."""
    low, high = axes.get_xlim()
    axes.hlines(y, max(ends.low, low), min(ends.high, high), color=colour, linewidth=THIN, zorder=2)
    for value in ends:
        if low <= value <= high:
            axes.plot([value], [y], color=colour, marker="|", markersize=5.5, markeredgewidth=THIN, zorder=2)
    _draw_arrows(axes, y, ends, colour)


def _draw_arrows(axes: Axes, y: int, ends: Interval, colour: str) -> None:
    low, high = axes.get_xlim()
    if ends.low < low:
        axes.plot([low], [y], color=colour, marker="<", markersize=5, clip_on=False, zorder=2)
    if ends.high > high:
        axes.plot([high], [y], color=colour, marker=">", markersize=5, clip_on=False, zorder=2)


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
            parse_math=False,
            clip_on=False,
            **{"color": TEXT, "fontsize": style.FONT, **look},
        )


def _write_heads(table: _Table, plot: ForestPlot, layout: _Layout) -> None:
    table.write(-1.0, _heading(plot), layout.numbers, color=GREY)
    table.write(-1.0, "verdict", layout.verdict, color=GREY)
    table.write(-1.0, "seeds", layout.seeds, "right", color=GREY)
    table.write(-1.0, f"← {plot.left}", -1e-9, color=GREY)
    table.write(-1.0, f"{plot.right} →", 0.0, "right", color=GREY)


def _write_row(table: _Table, y: int, texts: _Texts, layout: _Layout, is_bold: bool) -> None:
    table.write(y, texts.name, NAMES, "right")
    table.write(y, texts.numbers, layout.numbers)
    shift = SHIFT if texts.detail else 0
    table.write(y - shift, texts.verdict, layout.verdict, weight="bold" if is_bold else "normal")
    if texts.detail:
        table.write(y + shift, texts.detail, layout.verdict, color=GREY, fontsize=DETAIL)
    table.write(y, texts.seeds, layout.seeds, "right", color=GREY)


def _seeds(result: PairResult) -> str:
    if result.pair.paired or result.arm.n == result.reference.n:
        return f"{result.pair.n}"
    return f"{result.arm.n} vs {result.reference.n}"
