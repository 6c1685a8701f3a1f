"""The forest of a comparison: each arm's final difference with its 95 % interval, the verdict in words and colour."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.redaction import printable
from ablation.report.figures import style
from ablation.report.figures.style import BLUE, GREEN, GREY, TEXT, VERMILLION
from ablation.report.wording.number_format import interval, number, typeset
from ablation.report.wording.verdict_text import NORMAL, RESTS
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE, PairResult

MOST = 60  # rows: of more those with the largest differences
MOST_PLACES = 4  # decimals that there is room for
HIGH, TOP, LONGEST = 0.25, 0.4, 2.6  # inches: a row, above the rows, the names
# Colour, marker and fill tell the verdict beside its word, so that greyscale tells it too.
LOOKS = {
    BETTER: (BLUE, "^", BLUE),
    WORSE: (VERMILLION, "v", VERMILLION),
    EQUIVALENT: (GREEN, "s", GREEN),
    INCONCLUSIVE: (GREY, "o", "white"),
    TOO_FEW: ("#999999", "o", "white"),
}


def draw(comparison: Comparison) -> Figure | None:
    """None where nothing was judged."""
    judged = [row for row in comparison.variants if row.result and math.isfinite(row.result.difference)]
    if not judged:
        return None
    rows = judged
    if len(judged) > MOST:
        largest = sorted(range(len(judged)), key=lambda i: (-abs(judged[i].result.difference), i))[:MOST]
        rows = [judged[i] for i in sorted(largest)]
    names = style.fitted(_names(rows), LONGEST, style.FONT)
    lines = style.wrap_text(" ".join(_said(comparison, rows, len(judged))), style.WIDTH - 0.25)
    high, left = HIGH * len(rows) + 0.1, max(0.9, style.text_width(names) + 0.25)
    figure = style.sheet(style.WIDTH, TOP + high + 0.5 + 0.15 + 0.15 * len(lines))
    axes = style.panel(figure, left, TOP, style.WIDTH - left - 3.1, high)
    _axes(axes, comparison, rows)
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        _row(axes, place, name, row.result, min(comparison.decimals, MOST_PLACES))
    _heads(axes, comparison)
    style.caption(figure, lines)
    return figure


def _names(rows: Sequence[ComparedVariant]) -> list[str]:
    """The arm, and the other where arms are not all compared to the same."""
    same = len({row.result.reference.label for row in rows}) == 1
    return [printable(row.label if same else f"{row.label} − {row.result.reference.label}") for row in rows]


def _axes(axes: Axes, comparison: Comparison, rows: Sequence[ComparedVariant]) -> None:
    low, high = limits([row.result for row in rows])
    axes.set(xlim=(low, high), ylim=(len(rows) - 0.4, -0.6), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.6)
    axes.barh(range(1, len(rows), 2), high - low, 1.0, low, color="#f6f6f6", zorder=0)
    if comparison.margin:
        axes.axvspan(-comparison.margin, comparison.margin, color=GREEN, alpha=0.12, linewidth=0, zorder=0.5)
    axes.axvline(0, color=GREY, linewidth=1, zorder=1)
    others = {row.result.reference.label for row in rows}
    other = f" − {style.fitted([printable(others.pop())], 2, 9)[0]}" if len(others) == 1 else ""
    axes.set_xlabel(f"Difference in {comparison.metric.name}: arm{other or ' − what it is compared to'}")


def limits(findings: Sequence[PairResult]) -> tuple[float, float]:
    """All differences and zero, and of the intervals as much as three times their reach: two seeds' are endless."""
    gaps = np.array([0.0, *(f.difference for f in findings)])
    bounds = [bound for f in findings for bound in f.interval if math.isfinite(bound)]
    reach = 3 * float(np.abs(gaps).max()) or math.inf
    low = min(gaps.min(), max(min(bounds, default=0.0), -reach))
    high = max(gaps.max(), min(max(bounds, default=0.0), reach))
    margin = 0.06 * (high - low) or 0.1
    return float(low - margin), float(high + margin)


def _row(axes: Axes, y: int, name: str, finding: PairResult, places: int) -> None:
    color, marker, fill = LOOKS.get(finding.verdict, LOOKS[INCONCLUSIVE])
    low, high = axes.get_xlim()
    one, two = finding.interval
    if math.isfinite(one):
        axes.hlines(y, max(one, low), min(two, high), color=color, linewidth=1.6, zorder=2)
        for bound, edge, arrow in ((one, low, "<"), (two, high, ">")):
            beyond = not low <= bound <= high  # an arrow where the interval goes on, else a stop
            axes.plot(
                [edge if beyond else bound], [y], color=color, marker=arrow if beyond else "|", markersize=5,
                clip_on=False, zorder=2,
            )  # fmt: skip
    axes.plot(
        [finding.difference], [y], marker=marker, markersize=6, color=color, markerfacecolor=fill, markeredgewidth=1.3,
        linestyle="none", zorder=3,
    )  # fmt: skip
    told = f"{number(finding.difference, places, sign=True)}  {interval(finding.interval, places) or '[unknown]'}"
    write(axes, y, name, -0.08, "right", TEXT)
    write(axes, y, typeset(told), 0.15, "left", TEXT)
    told = f"{finding.verdict} {NORMAL}" if finding.relies_on_normality else finding.verdict
    write(axes, y, told, 1.98, "left", TEXT, "bold" if finding.verdict in (BETTER, WORSE) else "normal")
    write(axes, y, _runs(finding), 3.0, "right", GREY)


def write(axes: Axes, y: float, text: str, inches: float, side: str, color: str, weight: str = "normal") -> None:
    """inches: right of the axes' left edge where they are negative, else of their right one."""
    wide = axes.get_position().width * axes.figure.get_figwidth()
    x = inches / wide if inches < 0 else 1 + inches / wide
    axes.text(
        x, y, text, transform=axes.get_yaxis_transform(), ha=side, va="center", fontsize=style.FONT, color=color,
        weight=weight, parse_math=False, clip_on=False,
    )  # fmt: skip


def _runs(finding: PairResult) -> str:
    return f"{finding.arm.n}" if finding.arm.n == finding.reference.n else f"{finding.arm.n}:{finding.reference.n}"


def _heads(axes: Axes, comparison: Comparison) -> None:
    for text, inches, side in (
        ("difference  [95 % interval]", 0.15, "left"), ("verdict", 1.98, "left"), ("seeds", 3.0, "right")
    ):  # fmt: skip
        write(axes, -1.0, text, inches, side, GREY)
    left, right = ("worse", "better") if comparison.metric.higher else ("better", "worse")
    for text, x, side in ((f"← {left}", 0.0, "left"), (f"{right} →", 1.0, "right")):
        axes.text(
            x, -1.0, text, transform=axes.get_yaxis_transform(), ha=side, va="center", fontsize=style.FONT,
            color=GREY, clip_on=False,
        )  # fmt: skip


def _said(comparison: Comparison, rows: Sequence[ComparedVariant], judged: int) -> list[str]:
    many = max(comparison.comparisons, judged)
    said = [comparison.metric.caption, "Each interval is Welch's 95 % of this difference alone."]
    if many > 1 and not comparison.effects_only:
        looks = ", and for looks as seeds came in" if comparison.max_seeds else ""
        said.append(
            f"The verdict is corrected for {many} comparisons (Holm){looks}, so that an interval may exclude 0 "
            "where the verdict is inconclusive."
        )
    if comparison.margin:
        said.append(f"Green area: the margin of ±{comparison.margin:g}, within which differences do not matter.")
    if any(row.result.relies_on_normality for row in rows):
        said.append(f"{NORMAL} {RESTS}")
    if len(rows) < judged:
        said.append(f"Shown are the {len(rows)} largest of {judged:,} differences.")
    refused = sum(bool(row.comparability.blocking) for row in comparison.variants)
    if refused:
        said.append(f"Not comparable, and therefore not here: {refused}.")
    return said
