"""Content of the figures, as arrays and texts: computed once, drawn by Matplotlib and by the page."""

from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import BASELINE, PLAIN, ForestPlot
from ablation.statistics.intervals import UNKNOWN, Interval

MAX_SEED_LINES = 10  # of one variant; with more seeds, none is drawn as a line of its own
MAX_TOGETHER = 12  # variants whose curves share a panel; more have a panel each


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

    metric: its title. is_difference: values are differences, with a line at zero; then, reference: the short name of
    the reference that all have in common, empty if there are several. threshold: height of a dashed line, None without
    one.
    """

    metric: str
    series: tuple[Series, ...]
    x: Scale
    y: Scale
    is_difference: bool = False
    threshold: float | None = None
    reference: str = ""

    @property
    def title(self) -> str:
        if not self.is_difference:
            return self.metric
        return f"{self.metric}: difference" + (f" from {self.reference}" if self.reference else "")

    @property
    def y_label(self) -> str:
        """Label of the y axis, which says if the axis is logarithmic."""
        name = self.metric
        if self.is_difference:
            name = f"Difference in {name[:1].lower()}{name[1:]}"
        return f"{name} (log scale)" if self.y.log else name

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
    def is_difference(self) -> bool:
        return self.panels[0].is_difference

    @property
    def series(self) -> tuple[Series, ...]:
        """Series of the first panel; names, ranks and baselines are the same in all panels."""
        return self.panels[0].series


@dataclass(frozen=True)
class InteractionPanel:
    """The metric at the levels of two components, averaged over the others.

    title: the two components. estimate: their interaction, as text. x_label: the first component. levels: names of its
    levels, at 0, 1, … lines: one for each level of the second component, with the 95 % CI of each mean.
    """

    title: str
    estimate: str
    x_label: str
    levels: tuple[str, ...]
    lines: tuple[Series, ...]

    @property
    def x(self) -> Scale:
        return Scale(-0.3, len(self.levels) - 0.7)


@dataclass(frozen=True)
class InteractionPlot:
    """The interaction plot of a factorial design, with a panel for each pair of components, on one y axis."""

    panels: tuple[InteractionPanel, ...]
    y: Scale
    y_label: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class CostPoint:
    """One variant: its cost, and its mean with the 95 % CI, UNKNOWN for a single seed.

    outcome: the verdict by which it is styled; BASELINE, or PLAIN without a verdict.
    """

    variant: int
    name: str
    x: float
    y: float
    ends: Interval = UNKNOWN
    outcome: str = PLAIN

    @property
    def baseline(self) -> bool:
        return self.outcome == BASELINE


@dataclass(frozen=True)
class CostPanel:
    """The metric against one cost. front: the points that no other exceeds in mean at no more cost."""

    label: str
    x: Scale
    points: tuple[CostPoint, ...]
    front: tuple[CostPoint, ...] = ()

    @property
    def x_label(self) -> str:
        return f"{self.label} (log scale)" if self.x.log else self.label


@dataclass(frozen=True)
class TradeoffPlot:
    """The metric against parameters, MACs and time, where they vary. judged: whether points have a verdict's style."""

    panels: tuple[CostPanel, ...]
    y: Scale
    y_label: str
    judged: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PlotData:
    """All figures of a comparison; None where there is nothing to draw.

    further_curves: curves of the other losses and accuracies, which only the page shows.
    """

    overlay: CurvePlot | None
    difference: CurvePlot | None
    forest: ForestPlot | None
    effects: ForestPlot | None = None
    interaction: InteractionPlot | None = None
    means: ForestPlot | None = None
    tradeoff: TradeoffPlot | None = None
    further_curves: CurvePlot | None = None
