"""The overlay: training loss and validation accuracy against epoch, one colour and one line style a variant."""

import io
import math
import warnings
from collections.abc import Sequence
from functools import partial

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator

from ablation.compare.labels import shorten
from ablation.compare.summary import Variant

# Okabe & Ito (2008), safe for colour-blind readers, grey for their yellow, which white paper swallows.
# Neighbours differ in lightness too, and the five line styles come round at another time than the eight colours.
COLOURS = ("#0072B2", "#E69F00", "#000000", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#999999")
LINES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
WIDTH, HEIGHT, CAPTION, LEGEND_ROW = 10, 4, 0.22, 0.19  # inches
DPI = 150
TITLES = ("Training loss", "Validation accuracy")
MOST_DIRECT, LONGEST_DIRECT = 6, 24  # variants, and characters, that labels at the line ends have room for
LOG_FROM = 100  # a loss that spans more is drawn on a log axis
FONT, GAP = 8, 10  # points: labels, and from one label's middle to the next one's
THREAD = {"arrowstyle": "-", "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 1, "linewidth": 0.8}  # from end to label
GREY = "#555555"
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titleweight": "bold",
    "axes.titlesize": 10,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "svg.hashsalt": "ablation",  # equal input, equal file
    "svg.fonttype": "none",  # text stays text
}


def files(variants: Sequence[Variant]) -> dict[str, bytes]:
    """Draw overlay.png and overlay.svg: {file name: content}."""
    with matplotlib.style.context(["default", STYLE]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        figure = overlay(variants)
        return {"overlay.png": _save(figure, "png", {}), "overlay.svg": _save(figure, "svg", {"Date": None})}


def _save(figure: Figure, kind: str, metadata: dict[str, None]) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=DPI, metadata=metadata)
    return content.getvalue()


def overlay(variants: Sequence[Variant]) -> Figure:
    """Two panels side by side; labels at the line ends where there is room for them, else a legend below.

    A run that diverged is a thin grey line that ends in a cross.
    """
    every, variants = variants, [variant for variant in variants if variant.runs]
    names = shorten([variant.label for variant in variants])
    direct = len(names) <= MOST_DIRECT and max(map(len, names)) <= LONGEST_DIRECT
    columns = max(1, min(4, 120 // (max(map(len, names)) + 8)))
    below = CAPTION + (0 if direct else LEGEND_ROW * math.ceil(len(names) / columns))
    figure = Figure((WIDTH, HEIGHT + below), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, rect=(0, below / (HEIGHT + below), 1, HEIGHT / (HEIGHT + below)))
    loss, accuracy = (_panel(axes, title) for axes, title in zip(figure.subplots(1, 2), TITLES, strict=True))
    curve = partial(_curve, count=len(names), marked=not direct)
    lines = [curve(loss, i, [run.history["loss"] for run in v.runs]) for i, v in enumerate(variants)]
    ends = [curve(accuracy, i, [run.history["val_accuracy"] for run in v.runs]) for i, v in enumerate(variants)]
    crosses = [_diverged(axes, v) for v in every for axes in (loss, accuracy)]
    _scale(loss, accuracy, every)
    figure.text(0.1 / WIDTH, 0.08 / (HEIGHT + below), _caption(variants, any(crosses)), fontsize=7.5, color=GREY)
    if direct:
        _label_ends(figure, {loss: lines, accuracy: ends}, names)
    else:
        _legend(figure, lines, names, columns)
    return figure


def _panel(axes: Axes, title: str) -> Axes:
    axes.set(title=title, ylabel=title, xlabel="Epoch")
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
    return axes


def _curve(axes: Axes, index: int, seeds: Sequence[Sequence[float]], count: int, marked: bool) -> Line2D:
    """Draw mean and range over seeds, up to the last epoch that all seeds have.

    count: how many variants there are. marked: with markers, for a legend of more lines than greyscale tells apart.
    """
    length = min(map(len, seeds))
    values = np.array([curve[:length] for curve in seeds])  # seeds, epochs
    epochs = np.arange(1.0, length + 1)
    low, mean, high = values.min(0), values.mean(0), values.max(0)
    style = {"color": COLOURS[index % len(COLOURS)], "linestyle": LINES[index % len(LINES)]}
    if marked or length == 1:
        style |= {"marker": MARKERS[index % len(MARKERS)], "markersize": 4, "markevery": math.ceil(length / 6)}
    if length == 1:  # a point, with its range as a bar; side by side, or they would cover each other
        epochs += 0.8 * (index - (count - 1) / 2) / max(count, 10)
        axes.vlines(epochs, low, high, color=style["color"], linewidth=1.2)
    elif len(seeds) > 1:
        axes.fill_between(epochs, low, high, color=style["color"], alpha=0.18, linewidth=0)
    return axes.plot(epochs, mean, linewidth=1.8, **style)[0]


def _diverged(axes: Axes, variant: Variant) -> bool:
    """Draw the variant's runs that diverged, in their first epoch at the upper edge; say whether there are any."""
    for run in variant.diverged:
        if not run.history["loss"]:
            axes.plot([1], [1], color=GREY, marker="x", transform=axes.get_xaxis_transform(), clip_on=False)
            axes.annotate(
                f"{shorten([variant.label])[0]} seed {run.seed}", (1, 1), (6, -2), xycoords=axes.get_xaxis_transform(),
                textcoords="offset points", fontsize=6, color=GREY, parse_math=False,
            )  # fmt: skip
            continue
        values = run.history["loss" if axes.get_title() == TITLES[0] else "val_accuracy"]
        epochs = np.arange(1, len(values) + 1)
        axes.plot(epochs, values, color=GREY, linewidth=0.8, linestyle=(0, (1, 1)))
        axes.plot(epochs[-1:], values[-1:], color=GREY, marker="x", markersize=6, linestyle="none")
        told = f"{shorten([variant.label])[0]} seed {run.seed}"
        axes.annotate(
            told, (epochs[-1], values[-1]), (4, 4), textcoords="offset points", fontsize=6, color=GREY, parse_math=False
        )
    return bool(variant.diverged)


def _scale(loss: Axes, accuracy: Axes, every: Sequence[Variant]) -> None:
    variants = [variant for variant in every if variant.runs]
    values = [value for variant in variants for run in variant.runs for value in run.history["loss"]]
    if min(values) > 0 and max(values) > LOG_FROM * min(values):
        loss.set_yscale("log")
        loss.yaxis.set_major_formatter("{x:g}")
    low, high = min(values), max(values)  # of what completed: a loss on its way to infinity would flatten the rest
    if any(variant.diverged for variant in every):
        margin = 0.05 * (high - low) or 0.1
        loss.set_ylim(low / 1.3 if loss.get_yscale() == "log" else low - margin, high + margin)
    longest = max(len(run.history["loss"]) for variant in variants for run in variant.runs)
    for axes in (loss, accuracy):
        axes.set_xlim(*((0.5, 1.5) if longest == 1 else (1 - 0.02 * longest, longest * 1.01)))
    accuracy.set_ylim(top=min(accuracy.get_ylim()[1], 1.01))


def _caption(variants: Sequence[Variant], crosses: bool) -> str:
    return _counts(variants) + (" Cross: a run that diverged; it is in no mean." if crosses else "")


def _counts(variants: Sequence[Variant]) -> str:
    counts = sorted({len(variant.runs) for variant in variants})
    if counts == [1]:
        return "One seed." if len(variants) == 1 else "One seed each."
    seeds = f"{counts[0]} seeds" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"
    return f"Line: mean over {seeds}. Band: from the lowest to the highest seed."


def _legend(figure: Figure, lines: list[Line2D], names: list[str], columns: int) -> None:
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, CAPTION / figure.get_figheight()), "ncols": columns}
    legend = figure.legend(
        lines, [" "] * len(names), fontsize=FONT, frameon=False, handlelength=3.5, borderaxespad=0, **place
    )
    legend.set_in_layout(False)  # its room is reserved
    for text, name in zip(legend.get_texts(), names, strict=True):  # set here, a name is neither formula nor hidden
        text.set(text=name, parse_math=False)


def _label_ends(figure: Figure, panels: dict[Axes, list[Line2D]], names: list[str]) -> None:
    """Write each name right of its line's end, moved up or down where it would cover another one."""
    labels = {axes: _labels(axes, lines, names) for axes, lines in panels.items()}
    figure.draw_without_rendering()  # gives the panels their size, which heights on paper depend on
    figure.set_layout_engine("none")
    gap = GAP * figure.dpi / 72
    for axes, own in labels.items():
        heights = [axes.transData.transform(label.xy)[1] for label in own]
        for label, place in zip(own, spread(heights, gap, axes.bbox.y0, axes.bbox.y1), strict=True):
            label.set_y(axes.transData.inverted().transform((0, place))[1])


def _labels(axes: Axes, lines: list[Line2D], names: list[str]) -> list[Annotation]:
    last = max(line.get_xdata()[-1] for line in lines)
    return [
        axes.annotate(
            name,
            (x := line.get_xdata()[-1], y := line.get_ydata()[-1]),
            (1.05, y),
            textcoords=("axes fraction", "data"),
            arrowprops=THREAD | {"color": line.get_color(), "linestyle": "-" if last - x < 1 else (0, (1, 4))},
            va="center",
            fontsize=FONT,
            parse_math=False,
            annotation_clip=False,
        )
        for line, name in zip(lines, names, strict=True)
    ]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
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
