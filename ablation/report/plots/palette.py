"""Colours, line styles and markers shared by figures and page."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.report.plots.forest_data import BASELINE as BASELINE_OUTCOME
from ablation.report.plots.forest_data import PLAIN
from ablation.report.plots.plot_data import CostPoint, Series
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCOMPLETE, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE

# Okabe & Ito (2008), safe for colour-blind readers; grey replaces their yellow, which is hard to see on white.
# Neighbours also differ in lightness. Five dash patterns and seven colours give 35 distinct pairs.
COLOURS = ("#0072B2", "#E69F00", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#999999")
BLUE, VERMILLION, GREEN, LIGHT_GREY = COLOURS[0], COLOURS[3], COLOURS[4], COLOURS[6]
MARGIN = GREEN  # the band of the equivalence margin
BLACK, TEXT, GREY, PALE, GRID = "#000000", "#222222", "#555555", "#9a9a9a", "#e6e6e6"
SOLID: tuple[float, ...] = ()
DASHES = ((5, 1.5), SOLID, (1, 1), (6, 1.5, 1, 1.5), (3, 1, 1, 1, 1, 1))  # dashes and gaps, in line widths
DOTTED, THRESHOLD_DASHES = (1, 1), (4, 3)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # Matplotlib's names
MARKERS_OF_SHAPES = {"up": "^", "down": "v", "square": "s", "circle": "o"}  # of VerdictStyle, in Matplotlib's names


@dataclass(frozen=True)
class LineStyle:
    """Style of a variant's mean. dashes: empty for a solid line. width: points.

    marker: only where a legend has more lines than greyscale can distinguish. offset: shifts markers along the line.
    """

    colour: str
    dashes: tuple[float, ...] = SOLID
    width: float = 1.6
    marker: str | None = None
    offset: int = 0


BASELINE = LineStyle(BLACK, width=2.4)


def line_style(index: int, marked: bool = False) -> LineStyle:
    """Return the style of a variant. index: its position among the variants other than the baseline."""
    marker = MARKERS[index % len(MARKERS)] if marked else None
    return LineStyle(COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)], marker=marker, offset=index)


def line_styles(series: Sequence[Series], marked: bool = False) -> list[LineStyle]:
    """Return the style of each series: black for the baseline, which does not affect the colours of the rest."""
    styles = []
    index = 0
    for variant in series:
        if variant.baseline:
            styles.append(BASELINE)
        else:
            styles.append(line_style(index, marked))
            index += 1
    return styles


@dataclass(frozen=True)
class VerdictStyle:
    """Style of a verdict. name: its CSS class. shape: up, down, square or circle. sign: the shape as text."""

    name: str
    colour: str
    shape: str
    sign: str
    filled: bool = True


@dataclass(frozen=True)
class Shade:
    """Shade of a verdict on the page. text: of its words. wash: behind them."""

    text: str
    wash: str


# By CSS class, for a light and for a dark page: the text is legible on its wash.
LIGHT_SHADES = {
    "better": Shade("#00578a", "#e4f0f8"),
    "worse": Shade("#9c3d00", "#fbece2"),
    "equivalent": Shade("#00664d", "#e3f3ee"),
}
DARK_SHADES = {
    "better": Shade("#83c5ee", "#14293a"),
    "worse": Shade("#f5a574", "#38231a"),
    "equivalent": Shade("#6fd3b3", "#15302a"),
}

# Shape and fill repeat the information of the colour, for readers in greyscale.
VERDICT_STYLES = {
    BETTER: VerdictStyle("better", BLUE, "up", "▲"),
    WORSE: VerdictStyle("worse", VERMILLION, "down", "▼"),
    EQUIVALENT: VerdictStyle("equivalent", GREEN, "square", "■"),
    INCONCLUSIVE: VerdictStyle("inconclusive", GREY, "circle", "○", filled=False),
    WHERE_TRAINED: VerdictStyle("where-trained", GREY, "circle", "○", filled=False),
    INCOMPLETE: VerdictStyle("incomplete", LIGHT_GREY, "circle", "○", filled=False),
    TOO_FEW: VerdictStyle("few-seeds", LIGHT_GREY, "circle", "○", filled=False),
    BASELINE_OUTCOME: VerdictStyle("baseline-point", BLACK, "circle", "●"),
    PLAIN: VerdictStyle("plain-point", BLUE, "circle", "●"),
}


# What a legend says instead of an outcome.
OUTCOME_NAMES = {PLAIN: "not compared", WHERE_TRAINED: "runs diverged"}


def verdict_style(verdict: str) -> VerdictStyle:
    """Return the style of a verdict, or of what stands in its place.

    Without one, as in designs where only effects are judged, it is that of INCONCLUSIVE.
    """
    return VERDICT_STYLES.get(verdict, VERDICT_STYLES[INCONCLUSIVE])


def verdict_names(points: Sequence[CostPoint]) -> dict[str, VerdictStyle]:
    """The name of each style that occurs, the baseline's first: the verdict, or why there is none."""
    names = {}
    for point in sorted(points, key=lambda point: not point.baseline):
        names[OUTCOME_NAMES.get(point.outcome, point.outcome)] = verdict_style(point.outcome)
    return names
