"""Which arms the report draws, which of them it shows at first, and how their lines look: as in the figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.figures import style
from ablation.statistics.welch import difference

MOST = 48  # arms whose curves are drawn; the table has all
DIRECT = 14  # lines that labels at their ends have room for
SHOWN = 12  # at first, of more curves than that
STROKE = 2.0  # pixels; matplotlib's dashes are in widths of the line
COLOURS = (style.BLACK, *style.COLOURS)


@dataclass(frozen=True)
class Look:
    """colour: its place in COLOURS. dashes: SVG's stroke-dasharray, empty for a whole line."""

    colour: int
    dashes: str


def looks(comparison: Comparison) -> dict[int, Look]:
    """Of the rows that are drawn; those shown at first are numbered first, so that they are the most different."""
    first = shown(comparison)
    ordered = [*first, *(i for i in drawn(comparison) if i not in set(first))]
    found, place = {}, 0
    for i in ordered:
        baseline = comparison.variants[i].label == comparison.baseline
        found[i] = _look(style.pen(place, baseline, marked=False))
        place += not baseline
    return found


def _look(pen: style.LineStyle) -> Look:
    dashes = "" if pen.linestyle == "-" else " ".join(f"{STROKE * length:g}" for length in pen.linestyle[1])
    return Look(COLOURS.index(pen.color), dashes)


def drawn(comparison: Comparison) -> list[int]:
    """Indices of the rows whose curves are drawn: of many the baseline and those that differ most from theirs."""
    rows = comparison.variants
    having = [i for i, row in enumerate(rows) if row.runs or row.diverged]
    return farthest(comparison, having, MOST)


def shown(comparison: Comparison) -> list[int]:
    """Of the curves that are drawn those that are shown at first: all, or of more than can be told apart a few."""
    having = drawn(comparison)
    return having if len(having) <= DIRECT else farthest(comparison, having, SHOWN)


def farthest(comparison: Comparison, indices: Iterable[int], most: int) -> list[int]:
    rows = comparison.variants
    far = sorted(indices, key=lambda i: (rows[i].label != comparison.baseline, -_far(rows[i])))
    return sorted(far[:most])


def _far(row: ComparedVariant) -> float:
    gap = difference(row.result.arm, row.result.reference) if row.result else 0.0
    return abs(gap) if isfinite(gap) else 0.0
