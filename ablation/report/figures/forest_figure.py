"""Draw a forest plot: a row for each difference or effect, with its intervals and seeds, and the numbers beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ablation.report.figures import style
from ablation.report.plots.forest_data import ForestPlot, ForestRow, is_drawn
from ablation.report.plots.label_placement import jitter
from ablation.report.plots.palette import GREY, GRID, MARGIN, MARKERS_OF_SHAPES, TEXT, verdict_style
from ablation.report.wording.number_format import interval, number, typeset, unsigned
from ablation.statistics.intervals import Interval
from ablation.statistics.verdict import BETTER, WORSE

MAX_DECIMALS = 4  # more do not fit
ROW, TALL_ROW = 0.25, 0.29  # inches: height of a row, and of one with a second line in name or verdict
AIRY_ROW, FEW_ROWS = 0.34, 3  # inches, rows: height of a row where there are so few
FIRST_WIDTH, MORE_WIDTH, LEAST_WIDTH = 3.0, 0.5, 2.2  # inches: width of the axes of one row, and more for each other
ABOVE, LONGEST_NAME = 0.4, 2.4  # inches: room above the rows, width of the names
LONGEST_DETAIL = 1.9  # inches
DETAIL, SHIFT = 6, 0.22  # points: size of a verdict's second line; its distance from the middle of the row, in rows
GAP, BOLD = 0.17, 1.1  # inches between columns of text; width of bold text, relative to normal
NAMES = -0.08  # inches from the left edge of the axes: right edge of names
STRIPES = "#f6f6f6"
THICK, THIN, THICK_ALPHA = 7.5, 1.5, 0.3  # points: width of the two intervals; the thick one is pale
DOT, DOT_ALPHA, DOT_ROOM = 3.3, 0.5, 0.66  # points, alpha, and the share of a row over which dots are jittered


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
    """Places in inches. left, width: of the axes. numbers, verdict: left edges of the texts, from the axes' right edge.

    seeds: the right edge of the last column, from the same edge.
    """

    left: float
    width: float
    numbers: float
    verdict: float
    seeds: float

    @property
    def whole(self) -> float:
        """Width of the figure."""
        return self.left + self.width + self.seeds + 0.1


@dataclass(frozen=True)
class _Places:
    """Heights in rows, downwards from 0. rows: of each row. heads: (height, text) of each heading between them."""

    rows: list[float]
    heads: list[tuple[float, str]]

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.heads)


def draw(plot: ForestPlot, captioned: bool = True) -> Figure:
    """Draw the forest plot as high as its rows need. captioned: whether to write the caption."""
    texts = _texts(plot)
    layout = _layout(plot, texts)
    places = _places(plot)
    lines = style.wrap_text(" ".join(caption(plot)), layout.whole - 0.25) if captioned else []
    height = _row_height(texts) * places.count + 0.1
    figure = style.sheet(layout.whole, ABOVE + height + 0.5 + 0.15 + style.CAPTION_LINE * len(lines))
    axes = style.panel(figure, layout.left, ABOVE, layout.width, height)
    table = _Table(axes, layout.width)
    _draw_axes(axes, plot, places, layout.width)
    _write_heads(table, plot, layout)
    for y, text in places.heads:
        table.write(y, text, NAMES, "right", weight="bold")
    for y, row, row_texts in zip(places.rows, plot.rows, texts, strict=True):
        _draw_row(axes, y, row, plot)
        _write_row(table, y, row_texts, layout, is_bold=row.outcome in (BETTER, WORSE))
    style.caption(figure, lines)
    return figure


def caption(plot: ForestPlot) -> list[str]:
    """The sentences of the caption."""
    return [*plot.disclosures, plot.metric.caption, *plot.notes]


def _places(plot: ForestPlot) -> _Places:
    rows, heads, group = [], [], ""
    for row in plot.rows:
        if row.group != group:
            group = row.group
            heads.append((float(len(rows) + len(heads)), group))
        rows.append(float(len(rows) + len(heads)))
    return _Places(rows, heads)


def _row_height(texts: Sequence[_Texts]) -> float:
    if len(texts) <= FEW_ROWS:
        return AIRY_ROW
    return TALL_ROW if any(row.detail or "\n" in row.name for row in texts) else ROW


def _texts(plot: ForestPlot) -> list[_Texts]:
    names = style.in_two_lines([row.name for row in plot.rows], LONGEST_NAME, style.FONT)
    distinct = list({row.detail: None for row in plot.rows})
    details = dict(zip(distinct, style.fitted(distinct, LONGEST_DETAIL, DETAIL), strict=True))
    texts = []
    for row, name in zip(plot.rows, names, strict=True):
        texts.append(_Texts(name, _numbers(plot, row), row.verdict, details[row.detail], row.seeds))
    return texts


def _numbers(plot: ForestPlot, row: ForestRow) -> str:
    decimals = min(plot.decimals, MAX_DECIMALS)
    ends = interval(row.interval, decimals, number if plot.is_signed else unsigned) or "[unknown]"
    value = number(row.difference, decimals, sign=plot.is_signed)
    return typeset(f"{value}  {ends} {plot.remark(row)}".strip())


def _heading(plot: ForestPlot) -> str:
    return f"{plot.quantity}  [{plot.kind}]"


def _verdict_heading(plot: ForestPlot) -> str:
    return "verdict" if plot.is_judged else ""


def _seeds_heading(plot: ForestPlot) -> str:
    return "seeds" if any(row.seeds for row in plot.rows) else ""


def _layout(plot: ForestPlot, rows: Sequence[_Texts]) -> _Layout:
    """Give each column of text the width of its widest text, and the rest to the axes, but little to few rows."""
    numbers = style.text_width([_heading(plot), *(row.numbers for row in rows)])
    verdicts = max(
        BOLD * style.text_width([_verdict_heading(plot), *(row.verdict for row in rows)]),
        style.text_width([row.detail for row in rows], DETAIL),
    )
    seeds = style.text_width([_seeds_heading(plot), *(row.seeds for row in rows)])
    verdict = GAP + numbers + GAP
    right = verdict + verdicts + (GAP if verdicts else 0.0) + seeds
    groups = [BOLD * style.text_width([row.group]) for row in plot.rows]
    left = max(0.9, style.text_width([row.name for row in rows]) + 0.25, max(groups) + 0.25)
    room = style.WIDTH - left - right - 0.1
    wanted = FIRST_WIDTH + MORE_WIDTH * (len(rows) - 1)
    return _Layout(left, max(LEAST_WIDTH, min(room, wanted)), GAP, verdict, right)


def _draw_axes(axes: Axes, plot: ForestPlot, places: _Places, width: float) -> None:
    """width: inches."""
    low, high = plot.x.low, plot.x.high
    axes.set(xlim=(low, high), ylim=(places.count - 0.4, -0.6), yticks=[])
    names = [plot.reference, *(row.name for row in plot.rows)]
    axes.set_xlabel(plot.label(style.fitted(names, 2, 9)[0]))
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.locator_params(axis="x", nbins=max(4, min(9, int(2 * width))))
    axes.barh(places.rows[1::2], high - low, 1.0, low, color=STRIPES, zorder=0)
    if plot.margin:
        axes.axvspan(-plot.margin, plot.margin, color=MARGIN, alpha=0.12, linewidth=0, zorder=0.5)
    if plot.is_signed:
        axes.axvline(0, color=GREY, linewidth=1, zorder=1)


def _draw_row(axes: Axes, y: float, row: ForestRow, plot: ForestPlot) -> None:
    look = verdict_style(row.outcome)
    if is_drawn(row.thick):
        _draw_thick(axes, y, row.thick, look.colour)
    if is_drawn(row.thin):
        _draw_thin(axes, y, row.thin, look.colour)
    _draw_arrows(axes, y, row, look.colour, plot)
    _draw_dots(axes, y, row, look.colour)
    axes.plot(
        [row.difference],
        [y],
        marker=MARKERS_OF_SHAPES[look.shape],
        markersize=6,
        color=look.colour,
        markerfacecolor=look.colour if look.filled else "white",
        markeredgewidth=1.3,
        linestyle="none",
        zorder=3,
    )


def _draw_dots(axes: Axes, y: float, row: ForestRow, colour: str) -> None:
    """Draw a faint dot for each run or pair of runs, except those beyond the axis."""
    low, high = axes.get_xlim()
    x, heights = [], []
    for dot, offset in zip(row.dots, jitter(len(row.dots)), strict=True):
        if low <= dot <= high:
            x.append(dot)
            heights.append(y + DOT_ROOM * offset)
    if x:
        axes.scatter(x, heights, s=DOT**2, color=colour, alpha=DOT_ALPHA, linewidths=0, zorder=2.5)


def _draw_thick(axes: Axes, y: float, ends: Interval, colour: str) -> None:
    """Draw a broad pale bar within the axes."""
    low, high = axes.get_xlim()
    start, end = max(ends.low, low), min(ends.high, high)
    axes.hlines(y, start, end, color=colour, linewidth=THICK, alpha=THICK_ALPHA, zorder=1.8)


def _draw_thin(axes: Axes, y: float, ends: Interval, colour: str) -> None:
    """Draw a line with a cap at each end that lies within the axes."""
    low, high = axes.get_xlim()
    axes.hlines(y, max(ends.low, low), min(ends.high, high), color=colour, linewidth=THIN, zorder=2)
    for value in ends:
        if low <= value <= high:
            axes.plot([value], [y], color=colour, marker="|", markersize=5.5, markeredgewidth=THIN, zorder=2)


def _draw_arrows(axes: Axes, y: float, row: ForestRow, colour: str, plot: ForestPlot) -> None:
    """Draw an arrow where an interval continues beyond the axes, and write the end of the outer one beside it."""
    low, high = axes.get_xlim()
    if not row.drawn:
        return
    lowest, highest = min(ends.low for ends in row.drawn), max(ends.high for ends in row.drawn)
    if lowest < low:
        axes.plot([low], [y], color=colour, marker="<", markersize=5, clip_on=False, zorder=2.6)
        _write_end(axes, (low, y), _end(plot, lowest), "left")
    if highest > high:
        axes.plot([high], [y], color=colour, marker=">", markersize=5, clip_on=False, zorder=2.6)
        _write_end(axes, (high, y), _end(plot, highest), "right")


def _end(plot: ForestPlot, value: float) -> str:
    return typeset(number(value, min(plot.decimals, MAX_DECIMALS), sign=plot.is_signed))


def _write_end(axes: Axes, place: tuple[float, float], text: str, side: str) -> None:
    """Write the end of an interval within the axes, beside the arrow at their edge."""
    axes.annotate(
        text,
        place,
        (6 if side == "left" else -6, 0),
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=DETAIL,
        color=TEXT,
        zorder=2.7,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )


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
    table.write(-1.0, _verdict_heading(plot), layout.verdict, color=GREY)
    table.write(-1.0, _seeds_heading(plot), layout.seeds, "right", color=GREY)
    if plot.left:
        table.write(-1.0, f"← {plot.left}", -1e-9, color=GREY)
        table.write(-1.0, f"{plot.right} →", 0.0, "right", color=GREY)


def _write_row(table: _Table, y: float, texts: _Texts, layout: _Layout, is_bold: bool) -> None:
    table.write(y, texts.name, NAMES, "right")
    table.write(y, texts.numbers, layout.numbers)
    shift = SHIFT if texts.detail else 0
    table.write(y - shift, texts.verdict, layout.verdict, weight="bold" if is_bold else "normal")
    if texts.detail:
        table.write(y + shift, texts.detail, layout.verdict, color=GREY, fontsize=DETAIL)
    table.write(y, texts.seeds, layout.seeds, "right", color=GREY)
