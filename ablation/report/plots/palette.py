"""One set of colours, line styles and markers for figures and page."""

from collections.abc import Sequence
from dataclasses import dataclass

from ablation.report.plots.plot_data import Series
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE

# Okabe & Ito (2008), safe for colour-blind readers, with grey for their yellow, which white paper swallows.
# Neighbours differ in lightness too. There are five dash patterns to seven colours, so that 35 pairs differ.
COLOURS = ("#0072B2", "#E69F00", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#999999")
BLUE, VERMILLION, GREEN, LIGHT_GREY = COLOURS[0], COLOURS[3], COLOURS[4], COLOURS[6]
BLACK, TEXT, GREY, PALE, GRID = "#000000", "#222222", "#555555", "#9a9a9a", "#e6e6e6"
SOLID: tuple[float, ...] = ()
DASHES = ((5, 1.5), SOLID, (1, 1), (6, 1.5, 1, 1.5), (3, 1, 1, 1, 1, 1))  # dashes and gaps, in line widths
DOTTED, THRESHOLD_DASHES = (1, 1), (4, 3)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # Matplotlib's names


@dataclass(frozen=True)
class LineStyle:
    """How one variant's mean looks. dashes: empty for a solid line.

    marker: only for a legend of more lines than greyscale tells apart. offset: shifts the markers along the line.
    """

    colour: str
    dashes: tuple[float, ...] = SOLID
    width: float = 1.6
    marker: str | None = None
    offset: int = 0


BASELINE = LineStyle(BLACK, width=2.4)


def line_style(index: int, marked: bool = False) -> LineStyle:
    """The style of a variant. index: its place among those that are not the baseline."""
    marker = MARKERS[index % len(MARKERS)] if marked else None
    return LineStyle(COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)], marker=marker, offset=index)


def line_styles(series: Sequence[Series], marked: bool = False) -> list[LineStyle]:
    """The style of each: the baseline is black, the others keep their colours whether or not there is one."""
    styles = []
    index = 0
    for one in series:
        if one.baseline:
            styles.append(BASELINE)
        else:
            styles.append(line_style(index, marked))
            index += 1
    return styles


@dataclass(frozen=True)
class VerdictStyle:
    """How a verdict looks. name: its class on the page. shape: up, down, square or circle; sign: the same as text."""

    name: str
    colour: str
    shape: str
    sign: str
    filled: bool = True


# Shape and fill repeat what the colour says, for readers of greyscale.
VERDICT_STYLES = {
    BETTER: VerdictStyle("better", BLUE, "up", "▲"),
    WORSE: VerdictStyle("worse", VERMILLION, "down", "▼"),
    EQUIVALENT: VerdictStyle("equivalent", GREEN, "square", "■"),
    INCONCLUSIVE: VerdictStyle("inconclusive", GREY, "circle", "○", filled=False),
    TOO_FEW: VerdictStyle("few-seeds", LIGHT_GREY, "circle", "○", filled=False),
}


def verdict_style(verdict: str) -> VerdictStyle:
    """The style of a verdict; of none, as where only the effects of a factorial are judged, that of an open one."""
    return VERDICT_STYLES.get(verdict, VERDICT_STYLES[INCONCLUSIVE])
