"""What is compared with what: the one value that tables, figures and the report are made of."""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, floor, log10
from pathlib import Path
from statistics import median

from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.reading.run import Diverged, Run
from ablation.statistics import intervals
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Effect
from ablation.statistics.verdict import PairResult


@dataclass(frozen=True)
class Metric:
    """What arms are judged by.

    name: for a person, `test accuracy`. key: `test_accuracy`. higher: is more of it better? caption: what it is and on
    how many images. images: of an evaluation, where it counts images, so that one of them is its least step.
    """

    name: str
    key: str
    caption: str
    higher: bool = True
    images: int | None = None


@dataclass(frozen=True)
class Difference:
    """Something that differs between two arms beyond what is declared. one: the arm compared to, other: the arm."""

    key: str
    one: str
    other: str


@dataclass(frozen=True)
class Comparability:
    """refused: what makes two arms no comparison. marked: what should be known of them, and bars nothing."""

    refused: tuple[Difference, ...] = ()
    marked: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class ComparedVariant:
    """One arm.

    label: the study's cell, or what differs. differs: each key with the baseline's value and this arm's. removed:
    components that are gone. along: overrides declared to go with them. budget: may it differ in its length? planned:
    its seeds in the plan. against: the label of what it is compared to. finding: None for the baseline, without runs,
    and where the gate refuses. images: of the same comparison, paired by image.
    """

    label: str
    runs: tuple[Run, ...]
    arm: Arm
    diverged: tuple[Diverged, ...] = ()
    differs: dict[str, tuple[str, str]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    budget: bool = False
    planned: int | None = None
    against: str | None = None
    finding: PairResult | None = None
    gate: Comparability = Comparability()
    images: PerImage | None = None


@dataclass(frozen=True)
class Reached:
    """median: over all runs of the arm, where one that never gets there counts as later than all; None where it is.

    reached, of: how many runs do. diverged: runs beside them that count nowhere.
    """

    median: float | None
    reached: int
    of: int
    diverged: int


@dataclass(frozen=True)
class Threshold:
    """metric: a column of history.csv. against: a key of curves.AXES, in whose units medians are.

    reached: by label; None where a run has no place on this axis.
    """

    metric: str
    value: float
    against: str
    reached: dict[str, Reached | None]


@dataclass(frozen=True)
class Comparison:
    """rows: the baseline first, then the arms in the plan's order, or by name.

    most: seeds, of a study that adds some until it is decided. effects: of a factorial, which are judged in place of
    its rows. study, typed, question, plan: of a study. baseline: a row's label, None where none is named. comparisons:
    that Holm's correction counts. older: reruns that a newer one replaces. skipped: paths with the reason. warnings: of
    the whole.
    """

    metric: Metric
    rows: tuple[ComparedVariant, ...]
    baseline: str | None = None
    study: str | None = None
    typed: tuple[str, ...] = ()
    question: str = ""
    plan: str | None = None
    comparisons: int = 0
    margin: float | None = None
    older: tuple[Run, ...] = ()
    skipped: tuple[tuple[Path, str], ...] = ()
    warnings: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    most: int | None = None
    threshold: Threshold | None = None

    @cached_property
    def places(self) -> int:
        """Decimals of the metric: that one image changes, at least three; without images two digits of an interval."""
        if self.metric.images:
            return max(3, ceil(log10(self.metric.images)))
        ends = [intervals.mean_interval(row.arm.array) for row in self.rows]
        halves = [(high - low) / 2 for low, high in ends if high > low]
        return min(6, max(0, 1 - floor(log10(median(halves))))) if halves else 3

    @property
    def pooled(self) -> bool:
        """Are the effects over all cells judged, or would they be, and no cell by itself?"""
        found = [row.finding for row in self.rows if row.finding]
        return bool(self.effects) or bool(found) and not any(finding.verdict for finding in found)

    def row(self, label: str) -> ComparedVariant:
        """The row of a label. Raises KeyError."""
        return {row.label: row for row in self.rows}[label]
