"""Style of Matplotlib figures: panels, lines, bands, labels at line ends, legends. Equal input gives equal bytes."""

import io
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

from ablation.report.plots import axis
from ablation.report.plots.label_placement import spread_labels
from ablation.report.plots.palette import GREY, GRID, TEXT, LineStyle
from ablation.report.plots.plot_data import Line, Series
from ablation.report.plots.variant_curves import NOT_COMPARABLE
from ablation.text import shorten

WIDTH, DPI, SCREEN_DPI = 10, 150, 85  # inches, dots per inch of files, and of a notebook's page
EDGE, CAPTION_LINE = 0.62, 0.15  # inches: room left of a panel, height of a caption line
SHORTEST_NAME, LONGEST_NAME = 10, 160  # characters
FONT, SMALL, LABEL_GAP = 8, 7.5, 10  # points: size of labels, of captions, distance of labels
LABEL_PLACE = 1.05  # left edge of labels at line ends, in widths of the axes
BAND_ALPHA = 0.16
MAX_VECTOR_POINTS = 50_000  # more are rasterized: viewers fail on a larger SVG
SEEDS_NOTE = "Thin lines: single seeds."
NO_BREAK = "\N{NO-BREAK SPACE}"
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": TEXT,
    "text.color": TEXT,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
    "text.parse_math": False,  # a name is never a formula
    "axes.titley": 1.0,  # fixed: Matplotlib's search for a free position is slow
    "svg.hashsalt": "ablation",  # equal input, equal file
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,  # TrueType, which publishers require
}
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


@dataclass(frozen=True)
class Pen:
    """Style of any line but a variant's mean. width: points. order: Matplotlib's zorder."""

    colour: str
    width: float
    alpha: float = 1.0
    dashes: tuple[float, ...] = ()
    order: float = 2


def linestyle(dashes: tuple[float, ...]) -> str | tuple:
    """Convert dashes to a Matplotlib line style."""
    return (0, dashes) if dashes else "-"


def save(figure: Figure, kind: str) -> bytes:
    """Return the figure as the content of a file. kind: png, svg or pdf."""
    content = io.BytesIO()
    if kind == "png":
        figure.savefig(content, format=kind, dpi=DPI, pil_kwargs={"compress_level": 3})  # twice as fast, hardly larger
    else:
        figure.savefig(content, format=kind, dpi=DPI, metadata=UNDATED[kind])
    return content.getvalue()


class Sheet(Figure):
    """A figure that a notebook shows, although it is not one of pyplot's."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture, and its size on the screen, at which it has a dot per dot of a dense screen."""
        width, height = self.get_size_inches()
        return save(self, "png"), {"width": round(width * SCREEN_DPI), "height": round(height * SCREEN_DPI)}


def sheet(width: float, height: float) -> Figure:
    """Create an empty figure. width, height: inches."""
    return Sheet((width, height))


def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes at a fixed position, in inches from the left and the top; drawing moves nothing."""
    figure_width, figure_height = figure.get_size_inches()
    bottom = 1 - (top + height) / figure_height
    axes = figure.add_axes((left / figure_width, bottom, width / figure_width, height / figure_height))
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def x_ticks(axes: Axes, key: str, max_ticks: int) -> None:
    """Set the ticks of an x-axis. key: of `learning_curves.AXES`."""
    axes.xaxis.set_major_locator(axis.x_locator(key, max_ticks))
    axes.xaxis.set_major_formatter(axis.x_formatter(key))


def mean_line(axes: Axes, series: Series, style: LineStyle) -> Line2D:
    """Draw one variant's mean; a single point always has a marker."""
    marker = style.marker or ("o" if len(series.x) == 1 else None)
    every = max(1, math.ceil(len(series.x) / 6))
    return axes.plot(
        series.x,
        series.mean,
        color=style.colour,
        linestyle=linestyle(style.dashes),
        linewidth=style.width,
        zorder=2.9 if series.baseline else 3,
        marker=marker,
        markersize=4,
        markevery=(style.offset * every // 7 % every, every),
    )[0]


def band(axes: Axes, series: Series, colour: str, floor: float = -math.inf) -> None:
    """Draw the area between low and high; a single point becomes a bar. floor: where it ends, on a log axis."""
    low = np.maximum(series.low, floor)
    if len(series.x) == 1:
        axes.vlines(series.x, low, series.high, color=colour, linewidth=1.2)
    elif series.has_band:
        axes.fill_between(series.x, low, series.high, color=colour, alpha=BAND_ALPHA, linewidth=0, zorder=1)


def thin_lines(axes: Axes, lines: Sequence[Line], pen: Pen) -> None:
    """Draw many lines as one object, which is fast for 10,000 of them."""
    segments = []
    for line in lines:
        segments.append(np.column_stack([line.x, line.y]))
    drawn = LineCollection(
        segments,
        colors=pen.colour,
        linewidths=pen.width,
        alpha=pen.alpha,
        linestyles=[linestyle(pen.dashes)],
        zorder=pen.order,
        capstyle="butt",
    )
    drawn.set_rasterized(sum(map(len, segments)) > MAX_VECTOR_POINTS)
    axes.add_collection(drawn, autolim=False)


def text_width(names: Sequence[str], size: float = FONT) -> float:
    """Width of the widest line of the names in inches. size: points."""
    font = FontProperties(size=size)
    widest = 0.0
    for name in names:
        for line in name.split("\n"):
            width, _, _ = text_to_path.get_text_width_height_descent(line, font, False)
            widest = max(widest, width / 72)
    return widest


def fitted(names: Sequence[str], width: float, size: float) -> list[str]:
    """Shorten names until the widest fits; each still fits only one variant. width: inches. size: points."""
    longest = min(LONGEST_NAME, max(map(len, names), default=0))
    limits = range(SHORTEST_NAME, longest + 1)
    first_too_wide = bisect_left(limits, True, key=lambda limit: text_width(shorten(names, limit), size) > width)
    limit = limits[max(0, first_too_wide - 1)] if limits else SHORTEST_NAME
    return shorten(names, limit)


def in_two_lines(names: Sequence[str], width: float, size: float) -> list[str]:
    """Break names between words into at most two lines; those that would still be too wide are shortened to one."""
    broken = []
    for name, shortened in zip(names, fitted(names, width, size), strict=True):
        mark = name[-len(NOT_COMPARABLE) :] if name.endswith(NOT_COMPARABLE) else ""
        glued = name.removesuffix(mark) + mark.replace(" ", NO_BREAK)  # a mark alone in a line would mark nothing
        lines = wrap_text(glued, width, size)
        fits = len(lines) <= 2 and text_width(lines, size) <= width
        broken.append("\n".join(lines).replace(NO_BREAK, " ") if fits else shortened)
    return broken


def wrap_text(text: str, width: float, size: float = SMALL) -> list[str]:
    """Wrap a caption into lines of at most width inches; only a single long word may exceed it. size: points."""
    width *= 0.97  # rendered letters are slightly wider than their outlines
    lines = [""]
    for word in filter(None, text.split(" ")):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width([longer], size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def heading(figure: Figure, text: str, top: float) -> None:
    """Write a title over several panels. top: inches from the upper edge."""
    width, height = figure.get_size_inches()
    place = (0.12 / width, 1 - top / height)
    figure.text(*place, text, fontsize=10, fontweight="bold", va="top", color=TEXT, parse_math=False)


def caption(figure: Figure, lines: Sequence[str]) -> None:
    """Write the lines of a caption at the lower edge of a figure."""
    width, height = figure.get_size_inches()
    for i, line in enumerate(reversed(lines)):
        place = (0.12 / width, (0.1 + CAPTION_LINE * i) / height)
        figure.text(*place, line, fontsize=SMALL, color=GREY, parse_math=False)


def legend(figure: Figure, lines: dict[str, Line2D], columns: int, bottom: float) -> None:
    """Draw a legend below the panels. lines: by name. bottom: inches from the lower edge.

    Names are set at the end, because Matplotlib would hide those with a leading underscore and typeset dollar signs.
    """
    box = figure.legend(
        list(lines.values()),
        [" "] * len(lines),
        fontsize=FONT,
        frameon=False,
        handlelength=3.5,
        borderaxespad=0,
        loc="lower center",
        bbox_to_anchor=(0.5, bottom / figure.get_figheight()),
        ncols=columns,
    )
    for text, name in zip(box.get_texts(), lines, strict=True):
        text.set(text=name, parse_math=False)


def label_ends(axes: Axes, lines: dict[str, Line2D], dpi: float) -> None:
    """Write each name right of its line's end, moved up or down where names would overlap.

    The axes' limits must be final.
    """
    box = axes.bbox
    ends = []
    heights = []
    for line in lines.values():
        x, y = np.asarray(line.get_xdata())[-1], np.asarray(line.get_ydata())[-1]
        pixels = axes.transData.transform((x, y))
        ends.append(float(x))
        heights.append(float(np.clip(pixels[1], box.y0, box.y1)))
    places = spread_labels(heights, LABEL_GAP * dpi / 72, box.y0, box.y1)
    for (name, line), x, height, place in zip(lines.items(), ends, heights, places, strict=True):
        start = (_x_fraction(axes, x), (height - box.y0) / box.height)
        label = (LABEL_PLACE, (place - box.y0) / box.height)
        _label(axes, name, line, start, label)


def _x_fraction(axes: Axes, x: float) -> float:
    first, last = axes.get_xlim()
    return (x - first) / (last - first)


def _label(axes: Axes, name: str, line: Line2D, start: tuple[float, float], place: tuple[float, float]) -> None:
    """Write a label, with a thread from the line's end (start) to it (place), in fractions of the axes."""
    at_edge = start[0] >= 0.99  # else dotted, so that the thread is not mistaken for the curve
    arrow = {
        "arrowstyle": "-",
        "relpos": (0, 0.5),
        "shrinkA": 1,
        "shrinkB": 1,
        "linewidth": 0.9,
        "color": line.get_color(),
        "linestyle": "-" if at_edge else (0, (1, 4)),
    }
    axes.annotate(
        name,
        start,
        place,
        xycoords="axes fraction",
        textcoords="axes fraction",
        va="center",
        fontsize=FONT,
        parse_math=False,
        annotation_clip=False,
        arrowprops=arrow,
    )
