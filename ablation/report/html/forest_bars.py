"""Where the report's forest of differences lies: percent of its width, so that it grows with the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.figures.axis import Scale, rounded
from ablation.report.html.arm_selection import farthest
from ablation.report.wording.number_format import typeset

MOST = 100  # differences that are drawn; the table has all
LONG = 14  # bars, beyond which the axis stands above them too
FAR = 6  # times the middle extent of the differences: what lies beyond is an arrow at the edge


@dataclass(frozen=True)
class Bar:
    """A difference on the forest plot, in percent of the width. low, high: None without an interval, cut at the edges.

    left, right: does it go on beyond that edge?
    """

    arm: int
    point: float
    low: float | None
    high: float | None
    left: bool
    right: bool


@dataclass(frozen=True)
class Forest:
    """zero: percent of the width where there is no difference. margin: the same of its ends. beyond: is a bar cut?

    hidden: how many differences are in the table alone.
    """

    bars: dict[int, Bar]
    ticks: tuple[tuple[float, str], ...]
    zero: float
    margin: tuple[float, float] | None
    beyond: bool
    hidden: int


def forest(comparison: Comparison) -> Forest | None:
    """Differences with their intervals; None where there is no difference to show."""
    findings = {i: row.result for i, row in enumerate(comparison.variants) if row.result}
    findings = {i: f for i, f in findings.items() if isfinite(f.difference)}
    if not findings:
        return None
    hidden = len(findings) - MOST
    findings = {i: findings[i] for i in farthest(comparison, findings, MOST)}
    margin = comparison.margin or 0.0
    scale = _extent([v for f in findings.values() for v in _known(f)], margin)
    bars = {i: _bar(i, f, scale) for i, f in findings.items()}
    return Forest(
        bars,
        tuple((rounded(scale.percent(t)), _signed(t)) for t in scale.ticks(5)),
        rounded(scale.percent(0.0)),
        (rounded(scale.percent(-margin)), rounded(scale.percent(margin))) if margin else None,
        any(bar.left or bar.right for bar in bars.values()),
        max(0, hidden),
    )


def _signed(tick: float) -> str:
    return typeset(f"{tick:+g}") if tick else "0"


def _known(finding) -> Iterator[float]:
    yield from (v for v in (finding.difference, *finding.interval) if isfinite(v))


def _extent(values: Sequence[float], margin: float) -> Scale:
    """From the least to the greatest, with zero and the margin; what lies far beyond the middle one is left outside.

    Ties, of any number, do not make what differs far.
    """
    far = np.abs([v for v in values if v] or [0.0])
    limit = max(FAR * float(np.median(far)), 1.5 * margin) if len(values) > 6 else float(far.max())
    low, high = (float(np.clip(v, -limit, limit)) for v in (min(0, -margin, *values), max(0, margin, *values)))
    room = 0.06 * (high - low) or 0.01
    return Scale(low - room, high + room)


def _bar(i: int, finding, scale: Scale) -> Bar:
    ends = finding.interval if all(map(isfinite, finding.interval)) else (finding.difference, finding.difference)
    low, high = (float(scale.percent(v)) for v in ends)
    point = float(scale.percent(finding.difference))
    cut = [rounded(np.clip(v, 0, 100)) for v in (point, low, high)]
    known = isfinite(finding.interval[0])
    return Bar(i, cut[0], cut[1] if known else None, cut[2] if known else None, low < 0, high > 100)
