"""The interaction plot of a factorial design as inline SVG."""

from dataclasses import dataclass

from markupsafe import Markup

from ablation.report.html.charts.curve_paths import LABEL_GAP, TickMark, from_top, label_room, svg_path, y_marks
from ablation.report.html.charts.variant_selection import StrokeStyle, stroke_style
from ablation.report.plots.axis import Scale
from ablation.report.plots.label_placement import spread_labels
from ablation.report.plots.palette import line_styles
from ablation.report.plots.plot_data import InteractionPanel, InteractionPlot, Line, Series
from ablation.text import shorten

LONGEST_LABEL = 18  # characters of a label at a line end
MAX_TICKS = 5


@dataclass(frozen=True)
class MeanMark:
    """A mean with its 95 % CI, in percent of width and height; both ends equal the mean where it is unknown."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class InteractionLine:
    """One level of the second component. end, label_place: heights of the line's end and of its label."""

    label: str
    style: StrokeStyle
    path: Markup
    means: tuple[MeanMark, ...]
    end: float
    label_place: float


@dataclass(frozen=True)
class InteractionChart:
    """One pair of components. estimate: their interaction, as text. label_room: pixels for the labels at line ends."""

    title: str
    estimate: str
    x_label: str
    lines: tuple[InteractionLine, ...]
    x_ticks: tuple[TickMark, ...]
    y_ticks: tuple[TickMark, ...]
    label_room: int


def interaction_charts(plot: InteractionPlot | None) -> tuple[InteractionChart, ...]:
    """Build a chart for each panel; none without a plot."""
    if plot is None:
        return ()
    return tuple(_chart(panel, plot.y) for panel in plot.panels)


def _chart(panel: InteractionPanel, y: Scale) -> InteractionChart:
    labels = shorten([line.name for line in panel.lines], LONGEST_LABEL)
    ends = [from_top(y, float(line.mean[-1])) for line in panel.lines]
    places = spread_labels(ends, LABEL_GAP, 0, 100)
    lines = []
    for index, (line, look) in enumerate(zip(panel.lines, line_styles(panel.lines), strict=True)):
        lines.append(
            InteractionLine(
                label=labels[index],
                style=stroke_style(look),
                path=svg_path(panel.x, y, Line(line.x, line.mean)),
                means=_means(line, panel.x, y),
                end=ends[index],
                label_place=round(places[index], 2),
            )
        )
    x_ticks = []
    for level, name in enumerate(shorten(panel.levels, LONGEST_LABEL)):
        x_ticks.append(TickMark(panel.x.percent_of(level), name))
    return InteractionChart(
        title=panel.title,
        estimate=panel.estimate,
        x_label=panel.x_label,
        lines=tuple(lines),
        x_ticks=tuple(x_ticks),
        y_ticks=tuple(y_marks(y, MAX_TICKS)),
        label_room=label_room(labels),
    )


def _means(line: Series, x: Scale, y: Scale) -> tuple[MeanMark, ...]:
    marks = []
    for index in range(len(line.x)):
        heights = [from_top(y, float(values[index])) for values in (line.mean, line.low, line.high)]
        marks.append(MeanMark(x.percent_of(float(line.x[index])), *heights))
    return tuple(marks)
