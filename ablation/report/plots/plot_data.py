"""Content of the figures, as arrays and texts: computed once, drawn by Matplotlib and by the page."""

from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from ablation.comparison.analysis.comparison import Metric
from ablation.report.plots.axis import Scale
from ablation.statistics.intervals import UNKNOWN, Interval
from ablation.statistics.verdict import PairResult

MAX_SEED_LINES = 10  # of one variant; with more seeds, none is drawn as a line of its own
BONFERRONI, ALONE, EQUIVALENCE = "95 % CI, Bonferroni", "95 % CI", "90 % CI"  # kinds of intervals
REMARKS = {ALONE: "alone", EQUIVALENCE: "90 %"}  # beside an interval of another kind than the heading names


def no_points() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True)
class Line:
    """Points of a line: x and y, float64 (points,); x increases."""

    x: np.ndarray = field(default_factory=no_points)
    y: np.ndarray = field(default_factory=no_points)

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class DivergedRun:
    """A diverged run up to its last finite value; its line is empty if it diverged in the first epoch."""

    variant: int
    label: str
    line: Line

    def end(self, x: Scale, y: Scale) -> tuple[float, float]:
        """Position of its cross in axis units; at the edge where the run left the axes or has no point."""
        if not len(self.line):
            return max(1.0, x.low), y.high
        return float(self.line.x[-1]), float(np.clip(self.line.y[-1], y.low, y.high))


@dataclass(frozen=True)
class Series:
    """One variant in one panel: its mean with a band, float64 (points,) each, empty where it has no mean.

    variant: index in `Comparison.variants`. name: short, printable, unique in the figure. seeds: one line per run.
    diverged: runs that no mean includes. rank: mean of the comparison's metric. distance: absolute difference from its
    reference. has_gaps: whether epochs without a finite value were left out.
    """

    variant: int
    name: str
    x: np.ndarray = field(default_factory=no_points)
    mean: np.ndarray = field(default_factory=no_points)
    low: np.ndarray = field(default_factory=no_points)
    high: np.ndarray = field(default_factory=no_points)
    seeds: tuple[Line, ...] = ()
    diverged: tuple[DivergedRun, ...] = ()
    baseline: bool = False
    rank: float = -np.inf
    distance: float = 0.0
    has_gaps: bool = False

    @property
    def has_mean(self) -> bool:
        return len(self.x) > 0

    @property
    def has_band(self) -> bool:
        return bool((self.high > self.low).any())

    @property
    def draws_seeds(self) -> bool:
        """True if its seeds are few enough for thin lines behind the mean."""
        return 1 < len(self.seeds) <= MAX_SEED_LINES and max(map(len, self.seeds)) > 1


@dataclass(frozen=True)
class Panel:
    """One metric of all variants.

    is_difference: values are differences, with a line at zero. threshold: height of a dashed line, None without one.
    """

    title: str
    series: tuple[Series, ...]
    x: Scale
    y: Scale
    is_difference: bool = False
    threshold: float | None = None

    @property
    def with_mean(self) -> list[Series]:
        return [series for series in self.series if series.has_mean]

    @property
    def diverged(self) -> list[DivergedRun]:
        return list(chain.from_iterable(series.diverged for series in self.series))

    @property
    def seed_count(self) -> int:
        """Number of seeds with a line in the panel."""
        return sum(len(series.seeds) for series in self.series)


@dataclass(frozen=True)
class XAxis:
    """An x-axis. key: of `learning_curves.AXES`. label: with the unit. unit: its size, such as 60 for minutes."""

    key: str
    label: str
    unit: float = 1.0


@dataclass(frozen=True)
class CurvePlot:
    """Learning curves: panels of the same variants in the same order. notes: the sentences of the caption."""

    panels: tuple[Panel, ...]
    x_axis: XAxis
    notes: tuple[str, ...]

    @property
    def series(self) -> tuple[Series, ...]:
        """Series of the first panel; names, ranks and baselines are the same in all panels."""
        return self.panels[0].series


@dataclass(frozen=True)
class ForestRow:
    """One variant's final difference from its reference.

    verdict, detail: their texts, as in the table. thick: the interval drawn beside the verdict. thin: that of this
    difference alone. Both are UNKNOWN where none is drawn. kind: of the interval that is listed.
    """

    variant: int
    name: str
    result: PairResult
    verdict: str = ""
    detail: str = ""
    thick: Interval = UNKNOWN
    thin: Interval = UNKNOWN
    kind: str = ALONE

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
    """The final differences with their intervals.

    reference: name of the common reference. left, right: `better` or `worse`, the meaning of that side of zero.
    disclosures: sentences that stand before any verdict. notes: the other sentences of the caption.
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

    def label(self, reference: str) -> str:
        """Label of the axis. reference: its name, shortened to fit."""
        return f"Difference in {self.metric.name}: variant − {reference}"

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


@dataclass(frozen=True)
class PlotData:
    """All figures of a comparison; None where there is nothing to draw."""

    overlay: CurvePlot | None
    difference: CurvePlot | None
    forest: ForestPlot | None
