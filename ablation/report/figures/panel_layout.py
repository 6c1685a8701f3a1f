"""Where curves stand: up to twelve arms share a panel, more get one each, very many are grey behind the outermost."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ablation.report.figures import style
from ablation.report.figures.facet_grid import facets
from ablation.report.figures.plot_data import DivergedTrace, Plot, Trace
from ablation.report.figures.style import DASHED, EDGE, GREY, LINE, PALE, THIN, LineStyle

MOST_TOGETHER, MOST_FACETS = 12, 36  # arms in one panel, arms with a panel each
MOST_GAPS = 6  # differences in one panel, whose bands should be told apart
MOST_DIRECT, DIRECT_ROOM = 9, 1.75  # arms, and inches, that labels at the line ends have room for
MOST_THIN = 60  # seeds of a panel: more are a haze
OUTERMOST = 4  # arms at either end that are named among very many
MOST_TOLD = 6  # diverged runs of a panel that are named
HIGH, ROW = 3.2, 0.19  # inches: of a panel, of a row of the legend


def sheet(plots: Sequence[Plot], axis: tuple[str, str], caption: str) -> Figure:
    """plots: of the same arms in the same order. axis: its key and its label."""
    arms = len(plots[0].traces)
    most = MOST_GAPS if plots[0].zero else MOST_TOGETHER
    layout = _together if arms <= most else facets if arms <= MOST_FACETS else _crowd
    return layout(plots, axis, caption)


def pens(traces: Sequence[Trace], marked: bool) -> list[LineStyle]:
    """The baseline is black; the others keep their colour whether or not there is one."""
    made, index = [], 0
    for trace in traces:
        made.append(style.pen(index, trace.baseline, marked))
        index += not trace.baseline
    return made


def _together(
    plots: Sequence[Plot], axis: tuple[str, str], caption: str, behind: Sequence[Plot | None] = (None, None)
) -> Figure:
    """behind: the same plots with many more arms, whose means are grey."""
    names = [trace.name for trace in plots[0].traces]
    direct = len(names) <= MOST_DIRECT and style.text_width(names) <= DIRECT_ROOM
    wide = style.WIDTH if len(plots) > 1 else 0.68 * style.WIDTH
    columns = max(1, min(4, int((wide - 0.3) / (style.text_width(names) + 0.75))))
    thin = any(_thinned(plot) for plot in plots)
    lines = style.wrap_text(f"{caption} {THIN if thin else ''}", wide - 0.25)
    below = 0.15 + LINE * len(lines) + (0 if direct else 0.12 + ROW * math.ceil(len(names) / columns))
    figure = style.sheet(wide, 0.35 + HIGH + 0.5 + below)
    aside = style.text_width(names) + 0.3 if direct else 0.15
    width = (wide - 0.05) / len(plots) - EDGE - aside
    handles = {}
    for i, (plot, crowd) in enumerate(zip(plots, behind, strict=False)):
        axes = style.panel(figure, EDGE + i * (EDGE + aside + width), 0.35, width, HIGH)
        _title(axes, plot, axis)
        handles |= _fill(axes, plot, crowd, axis[0], direct)
    style.caption(figure, lines)
    if not direct:
        style.legend(figure, list(handles.values()), list(handles), columns, 0.2 + LINE * len(lines))
    return figure


def _thinned(plot: Plot) -> bool:
    """Are there seeds to draw, and few enough?"""
    return any(trace.thin for trace in plot.traces) and sum(len(trace.seeds) for trace in plot.traces) <= MOST_THIN


def _title(axes: Axes, plot: Plot, axis: tuple[str, str]) -> None:
    axes.set_title(plot.title, fontsize=10, fontweight="bold", loc="left")
    axes.set_xlabel(axis[1])


def _fill(axes: Axes, plot: Plot, crowd: Plot | None, key: str, direct: bool) -> dict[str, Line2D]:
    """Draw all arms; returns each one's line by its name."""
    few, lines = _thinned(plot), {}
    if crowd:
        means = [(t.x, t.mean) for t in crowd.drawn]
        style.seed_lines(axes, means, PALE, 0.5, max(0.08, min(0.5, 40 / max(1, len(means)))))
    for i, (trace, pen) in enumerate(zip(plot.traces, pens(plot.traces, not direct), strict=True)):
        if few and trace.thin:
            style.seed_lines(axes, trace.seeds, pen.color, 0.5, 0.5)
            if not len(trace.x):  # without a mean a seed bears the name
                lines[trace.name] = axes.plot(*max(trace.seeds, key=lambda s: s[0][-1]), color=pen.color, lw=0.5)[0]
        if len(trace.x):
            shown = _aside(trace, i, len(plot.traces)) if key == "epoch" else trace
            lines[trace.name] = _arm(axes, shown, pen)
    _limits(axes, crowd or plot, key)
    _diverged(axes, [run for trace in (crowd or plot).traces for run in trace.lost])
    if direct and lines:
        style.label_ends(axes, list(lines.values()), list(lines))
    return lines


def _aside(trace: Trace, index: int, count: int) -> Trace:
    """Lone epochs stand side by side, or they would cover each other."""
    return replace(trace, x=trace.x + 0.8 * (index - (count - 1) / 2) / max(count, 10)) if len(trace.x) == 1 else trace


def _arm(axes: Axes, trace: Trace, pen: LineStyle) -> Line2D:
    """Band and mean."""
    style.band(axes, trace.x, trace.low, trace.high, pen.color)
    return style.mean_line(axes, trace.x, trace.mean, pen, zorder=2.9 if trace.baseline else 3)


def _limits(axes: Axes, plot: Plot, key: str) -> None:
    style.ticks(axes, key, max(3, int(6 * axes.get_position().width * axes.figure.get_figwidth() / 3.5)))
    if plot.zero:
        axes.axhline(0, color=GREY, linewidth=0.9, zorder=2.5)
    if plot.level is not None:
        axes.axhline(plot.level, color=GREY, linewidth=0.8, linestyle=DASHED, zorder=2.4)
    bounds = plot.bounds(key)
    if bounds is None:
        return
    if bounds.log:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    axes.set(xlim=bounds.x, ylim=bounds.y)


def _diverged(axes: Axes, lost: Sequence[DivergedTrace]) -> None:
    """Thin grey lines that end in a cross; one that has no epoch is a cross at the upper edge."""
    named = len(lost) <= MOST_TOLD
    begun = [run for run in lost if len(run.x)]
    style.seed_lines(axes, [(run.x, run.y) for run in begun], GREY, 0.9, 1.0, (0, (1, 1)))
    box = axes.get_ylim()
    placed: list[np.ndarray] = []
    for run in lost:
        x, y = (run.x[-1], run.y[-1]) if len(run.x) else (max(1.0, axes.get_xlim()[0]), box[1])
        y = float(np.clip(y, *box))
        axes.plot([x], [y], color=GREY, marker="x", markersize=5, linestyle="none", clip_on=False, zorder=5)
        if named:
            place = axes.transData.transform((x, y))
            near = sum(bool(np.abs(other - place).max() < 30) for other in placed)  # names below each other
            placed.append(place)
            axes.annotate(
                run.told, (x, y), (6, -2 - 7 * near), textcoords="offset points", fontsize=6, va="top", color=GREY,
                zorder=5, parse_math=False,
            )  # fmt: skip


def _crowd(plots: Sequence[Plot], axis: tuple[str, str], caption: str) -> Figure:
    """All means in grey, as one object; before them the baseline and the arms that are judged outermost."""
    chosen = _outermost(plots[0].traces)
    names = style.fitted([plots[0].traces[i].name for i in chosen], DIRECT_ROOM, style.FONT)
    front = [
        replace(plot, traces=tuple(replace(plot.traces[i], name=n) for i, n in zip(chosen, names, strict=True)))
        for plot in plots
    ]
    named = "the baseline, and the arms" if any(trace.baseline for trace in plots[0].traces) else "the arms"
    told = f"Grey: the means of all {len(plots[0].traces):,} arms. Named: {named} that are judged highest and lowest."
    return _together(front, axis, f"{caption} {told}", plots)


def _outermost(traces: Sequence[Trace]) -> list[int]:
    """The baseline, and those that are judged highest and lowest, in the order of the comparison."""
    ranked = sorted((i for i, t in enumerate(traces) if len(t.x)), key=lambda i: (traces[i].rank, traces[i].name))
    return sorted({*ranked[:OUTERMOST], *ranked[-OUTERMOST:], *(i for i, t in enumerate(traces) if t.baseline)})
