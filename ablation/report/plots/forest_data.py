"""Content of the forest plots: differences of variants and effects of a factorial design, with their intervals."""

from dataclasses import dataclass

import numpy as np

from ablation.comparison.analysis.comparison import Metric
from ablation.report.plots.axis import Scale
from ablation.statistics.intervals import UNKNOWN, Interval

BONFERRONI, ALONE, EQUIVALENCE = "95 % CI, Bonferroni", "95 % CI", "90 % CI"  # kinds of intervals
REMARKS = {ALONE: "alone", EQUIVALENCE: "90 %"}  # beside an interval of another kind than the heading names
DIFFERENCE, EFFECT, MEAN = "difference", "effect", "mean"  # what the rows are
BASELINE, PLAIN = "baseline", "plain"  # in place of an outcome, where rows are means


@dataclass(frozen=True)
class ForestRow:
    """A difference, an effect of a factorial design, or a mean, with its intervals.

    place: index of its variant, or of the effect, in the comparison.
    reference: name of what the variant is compared with.
    outcome: the verdict by which it is styled, empty without one; for a mean BASELINE or PLAIN.
    verdict, detail: their texts, as in the table.
    thick: the interval drawn beside the verdict. thin: that of this difference alone. UNKNOWN where none is drawn.
    kind: of the interval that is listed.
    dots: one for each run, or pair of runs. paired: whether they are of pairs. seeds: their number as text.
    by_later_step: whether a later step of Holm's procedure decided.
    group: heading above the row, empty without one.
    """

    place: int
    name: str
    difference: float
    reference: str = ""
    outcome: str = ""
    verdict: str = ""
    detail: str = ""
    thick: Interval = UNKNOWN
    thin: Interval = UNKNOWN
    kind: str = ALONE
    dots: tuple[float, ...] = ()
    paired: bool = False
    seeds: str = ""
    by_later_step: bool = False
    group: str = ""

    @property
    def interval(self) -> Interval:
        """The interval that is listed: the one beside the verdict, without a verdict that of this difference alone."""
        return self.thick if is_drawn(self.thick) else self.thin

    @property
    def drawn(self) -> list[Interval]:
        """The intervals of the row that are known."""
        return [ends for ends in (self.thick, self.thin) if is_drawn(ends)]


def is_drawn(ends: Interval) -> bool:
    """Check that both ends of an interval are finite."""
    return bool(np.isfinite(ends).all())


@dataclass(frozen=True)
class ForestPlot:
    """Differences, effects of a factorial design, or means, with their intervals.

    reference: name of the common reference. left, right: the meaning of that side of zero, such as `better`.
    disclosures: sentences that stand before any verdict. notes: the other sentences of the caption. quantity:
    DIFFERENCE, EFFECT or MEAN. title: the metric of means. unit: behind the name of the metric, empty for fractions.
    """

    rows: tuple[ForestRow, ...]
    x: Scale
    metric: Metric
    reference: str
    left: str
    right: str
    margin: float | None
    decimals: int
    notes: tuple[str, ...]
    disclosures: tuple[str, ...] = ()
    quantity: str = DIFFERENCE
    unit: str = ""
    title: str = ""

    def label(self, reference: str) -> str:
        """Label of the axis. reference: its name, shortened to fit."""
        if self.quantity == MEAN:
            return f"{self.title}{self.unit}"
        if self.quantity == EFFECT:
            return f"Effect on {self.metric.name}{self.unit}"
        return f"Difference in {self.metric.name}{self.unit}: variant − {reference}"

    @property
    def is_signed(self) -> bool:
        """True if numbers have a sign and the axis a line at zero."""
        return self.quantity != MEAN

    @property
    def is_judged(self) -> bool:
        """True if a row has a verdict, or a reason for none."""
        return any(row.verdict for row in self.rows)

    @property
    def kind(self) -> str:
        """The kind of interval that the rows list; those of another kind have a remark."""
        kinds = {row.kind for row in self.rows}
        for kind in (BONFERRONI, ALONE):
            if kind in kinds:
                return kind
        return EQUIVALENCE

    def remark(self, row: ForestRow) -> str:
        """`alone` or `90 %` beside an interval of another kind than most; otherwise empty."""
        is_usual = row.kind == self.kind or not is_drawn(row.interval)
        return "" if is_usual else REMARKS[row.kind]
