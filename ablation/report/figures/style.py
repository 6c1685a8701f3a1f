"""How figures look: colours, line styles, panels, labels at line ends, legends; drawn twice, a file is the same."""

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
from matplotlib.ticker import EngFormatter, Formatter, Locator, MaxNLocator, StrMethodFormatter

from ablation.text import shorten

# Okabe & Ito (2008), safe for colour-blind readers, grey for their yellow, which white paper swallows.
# Neighbours differ in lightness too, and the five line styles come round at another time than the seven colours.
COLOURS = ("#0072B2", "#E69F00", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#999999")
BLUE, VERMILLION, GREEN = COLOURS[0], COLOURS[3], COLOURS[4]
LINES = ((0, (5, 1.5)), "-", (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
BLACK, TEXT, GREY, PALE = "#000000", "#222222", "#555555", "#9a9a9a"
WIDTH, DPI = 10, 150  # inches
EDGE, LINE = 0.62, 0.15  # inches: left of a panel, a line of a caption
LEAST, LONGEST = 10, 160  # characters of a name
DASHED = (0, (4, 3))  # a threshold
THIN = "Thin lines: the seeds."
FONT, SMALL, GAP = 8, 7.5, 10  # points: labels, captions, and from one label's middle to the next one's
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
    "axes.titley": 1.0,  # nothing stands above axes that a title would have to move for, and looking takes long
    "svg.hashsalt": "ablation",  # equal input, equal file
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,  # as publishers ask for
}
UNDATED = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


@dataclass(frozen=True)
class LineStyle:
    """How one arm's lines look. marker: for a legend of more lines than greyscale tells apart, else None."""

    color: str
    linestyle: str | tuple
    width: float = 1.6
    marker: str | None = None
    offset: int = 0


def pen(index: int, baseline: bool, marked: bool) -> LineStyle:
    """index: among the arms that are not the baseline, which is black, solid and lies below."""
    if baseline:
        return LineStyle(BLACK, "-", 2.4)
    marker = MARKERS[index % len(MARKERS)] if marked else None
    return LineStyle(COLOURS[index % len(COLOURS)], LINES[index % len(LINES)], 1.6, marker, index)


def save(figure: Figure, kind: str) -> bytes:
    """kind: png, svg or pdf."""
    content = io.BytesIO()
    quick = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
    figure.savefig(content, format=kind, dpi=DPI, metadata=UNDATED[kind], **quick)
    return content.getvalue()


def sheet(width: float, height: float) -> Figure:
    """An empty figure, in inches."""
    return Figure((width, height))


def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes whose place is given in inches from the left and the top, so that nothing moves when it is drawn."""
    wide, high = figure.get_size_inches()
    axes = figure.add_axes((left / wide, 1 - (top + height) / high, width / wide, height / high))
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def scale(against: str, most: int) -> tuple[Locator, Formatter]:
    """Whole numbers where x counts something, with units of thousands where they are many."""
    locator = MaxNLocator(most, integer=against != "seconds", steps=[1, 2, 5, 10], min_n_ticks=1)
    return locator, EngFormatter(sep="") if against in ("step", "images", "macs") else StrMethodFormatter("{x:g}")


def ticks(axes: Axes, against: str, most: int = 8) -> None:
    """Of x, as `scale` has them."""
    locator, formatter = scale(against, most)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)


def mean_line(axes: Axes, x: np.ndarray, mean: np.ndarray, pen: LineStyle, zorder: float = 3) -> Line2D:
    """Draw one arm's mean; a lone point is always marked."""
    marker = pen.marker or ("o" if len(x) == 1 else None)
    every = max(1, math.ceil(len(x) / 6))
    return axes.plot(
        x, mean, color=pen.color, linestyle=pen.linestyle, linewidth=pen.width, zorder=zorder,
        marker=marker, markersize=4, markevery=(pen.offset * every // 7 % every, every),
    )[0]  # fmt: skip


def band(axes: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, color: str, alpha: float = 0.16) -> None:
    """An area between low and high; of a lone point a bar."""
    if len(x) == 1:
        axes.vlines(x, low, high, color=color, linewidth=1.2)
    elif (high > low).any():
        axes.fill_between(x, low, high, color=color, alpha=alpha, linewidth=0, zorder=1)


def seed_lines(
    axes: Axes,
    lines: Sequence[tuple[np.ndarray, np.ndarray]],
    color: str,
    width: float,
    alpha: float,
    style: str | tuple = "-",
) -> None:
    """Many lines as one object: 10,000 of them are drawn at once."""
    segments = [np.column_stack(line) for line in lines]
    drawn = LineCollection(
        segments, colors=color, linewidths=width, alpha=alpha, linestyles=[style], zorder=2, capstyle="butt"
    )
    drawn.set_rasterized(sum(map(len, segments)) > 50_000)  # an SVG of more points opens nowhere
    axes.add_collection(drawn, autolim=False)


def text_width(names: Sequence[str], size: float = FONT) -> float:
    """Inches that the widest name takes."""
    font = FontProperties(size=size)
    return max((text_to_path.get_text_width_height_descent(n, font, False)[0] / 72 for n in names), default=0.0)


def fitted(names: Sequence[str], width: float, size: float) -> list[str]:
    """The names, cut in their middles until the widest takes no more than so many inches; still unique."""
    limits = range(LEAST, 1 + min(LONGEST, max(map(len, names), default=0)))
    wide = bisect_left(limits, True, key=lambda limit: text_width(shorten(names, limit), size) > width)
    return shorten(names, limits[max(0, wide - 1)] if limits else LEAST)


def wrap_text(text: str, width: float, size: float = SMALL) -> list[str]:
    """Lines of a caption, none wider than so many inches where its words allow."""
    lines, width = [""], 0.97 * width  # pixels make letters a little wider
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width([longer], size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def heading(figure: Figure, text: str, top: float) -> None:
    """A title over several panels. top: inches from the upper edge."""
    wide, high = figure.get_size_inches()
    figure.text(
        0.12 / wide, 1 - top / high, text, fontsize=10, fontweight="bold", va="top", color=TEXT, parse_math=False
    )


def caption(figure: Figure, lines: Sequence[str]) -> None:
    """Write the lines at the lower edge."""
    wide, high = figure.get_size_inches()
    for i, line in enumerate(reversed(lines)):
        figure.text(0.12 / wide, (0.1 + 0.15 * i) / high, line, fontsize=SMALL, color=GREY, parse_math=False)


def legend(figure: Figure, lines: Sequence[Line2D], names: Sequence[str], columns: int, bottom: float) -> None:
    """bottom: inches from the lower edge. A name set afterwards is neither formula nor hidden by its first letter."""
    high = figure.get_figheight()
    made = figure.legend(
        lines, [" "] * len(names), fontsize=FONT, frameon=False, handlelength=3.5, borderaxespad=0,
        loc="lower center", bbox_to_anchor=(0.5, bottom / high), ncols=columns,
    )  # fmt: skip
    for text, name in zip(made.get_texts(), names, strict=True):
        text.set(text=name, parse_math=False)


def label_ends(axes: Axes, lines: Sequence[Line2D], names: Sequence[str]) -> None:
    """Write each name right of its line's end, moved up or down where it would cover another one.

    The axes' limits are final by now.
    """
    gap = GAP * axes.figure.dpi / 72
    ends = [(line.get_xdata()[-1], line.get_ydata()[-1]) for line in lines]
    box = axes.bbox
    heights = [float(np.clip(axes.transData.transform(end)[1], box.y0, box.y1)) for end in ends]
    first, last = axes.get_xlim()
    for line, name, end, height, place in zip(
        lines, names, ends, heights, spread_labels(heights, gap, box.y0, box.y1), strict=True
    ):
        whole = end[0] >= last - 0.01 * (last - first)  # else a thread could be taken for a curve that goes on
        x, y = (axes.transAxes.inverted().transform(axes.transData.transform(end))[0], (height - box.y0) / box.height)
        axes.annotate(
            name, (x, y), (1.05, (place - box.y0) / box.height), xycoords="axes fraction", textcoords="axes fraction",
            va="center", fontsize=FONT, parse_math=False, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 1, "linewidth": 0.9}
            | {"color": line.get_color(), "linestyle": "-" if whole else (0, (1, 4))},
        )  # fmt: skip


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places nearest to the wanted ones that are in their order, at least `gap` apart, and within [low, high].

    An isotonic regression: places that collide move to their common mean.
    """
    order = np.argsort(wanted, kind="stable")
    blocks: list[list[float]] = []
    for rank, index in enumerate(order):
        blocks.append([wanted[index] - rank * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) >= np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    means = [np.mean(block) for block in blocks for _ in block]
    places = np.clip(means, low, max(low, high - (len(order) - 1) * gap)) + gap * np.arange(len(order))
    return [float(places[rank]) for rank in np.argsort(order)]
