"""The comparison of one experiment, from which tables, figures and the report are written."""

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, floor, log10, nan
from pathlib import Path
from statistics import median

from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.reading.disclosure import PlanChange
from ablation.comparison.reading.run import Diverged, Run, Unfinished, ValueStep
from ablation.rundir.record import KIND
from ablation.statistics import intervals
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Design, Effect
from ablation.statistics.intervals import Interval
from ablation.statistics.verdict import PairResult

DECIMALS, MAX_DECIMALS = 3, 6
PERCENT = 100


@dataclass(frozen=True)
class NumberStyle:
    """How values of the metric are written.

    percent: True for 64.7 instead of 0.647. decimals: None for as many as the runs justify.
    """

    percent: bool = False
    decimals: int | None = None


@dataclass(frozen=True)
class Metric:
    """The metric that is tested.

    name: as in a sentence, `test accuracy`. key: `test_accuracy`. caption: its description, with the number of images.
    higher: True if a higher value is better. images: the number of evaluated images if the metric is a share of them,
    otherwise None. largest: the largest value that is possible; None if there is none.
    step: between values of runs that ablate did not train; None for its own runs, and if the values are continuous.
    """

    name: str
    key: str
    caption: str
    higher: bool = True
    images: int | None = None
    largest: float | None = None
    step: ValueStep | None = None

    @property
    def decimals(self) -> int | None:
        """The number of decimals that shows one image, or one step between shares, at least DECIMALS; None without."""
        if self.images:
            return max(DECIMALS, ceil(log10(self.images)))
        if self.step is not None and self.largest is not None:
            return max(DECIMALS, self.step.decimals)
        return None


@dataclass(frozen=True)
class Difference:
    """A setting or fact that differs between two variants beyond what the study declares, with both values as text."""

    key: str
    baseline: str
    variant: str


@dataclass(frozen=True)
class Comparability:
    """The undeclared differences between two variants.

    blocking: differences that make them not comparable. informational: differences noted without consequence.
    """

    blocking: tuple[Difference, ...] = ()
    informational: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class BlockResult:
    """The comparison of a variant with its reference in one block. difference_ci: 95 %, of this one alone.

    n, reference_n: the number of runs of both. mean: of the variant. p: two-sided, not corrected.
    """

    block: str
    n: int
    reference_n: int
    mean: float
    difference: float
    difference_ci: Interval
    p: float


@dataclass(frozen=True)
class ComparedVariant:
    """One configuration over its seeds, with the result of its comparison.

    label: the name of the study's cell, or the settings that differ from the other variants; at most 40 characters.
    full_label: the same without abbreviations.
    differs: {changed key: (the baseline's value, this variant's value)}.
    removed: labels of the removed components. co_changes: overrides declared to change with the removal.
    budget: True if the training budget may differ from the reference's.
    planned_seeds: the number of runs that the plan asks for; None without a plan, and in a sequential study in which
    none is missing so far.
    own_label: the label that the user replaced by the present one; empty if they did not.
    unfinished: runs that failed, were stopped or have not ended. missing: the number of runs without a result.
    divergence_p: Fisher's p for equal shares of diverged runs; nan if none diverged.
    reference: the label of the variant that it is compared with.
    result: None for the baseline, for a variant without runs, and if the two are not comparable.
    images: the same comparison, paired by image. blocks: the comparison in each block; empty without blocks.
    """

    label: str
    runs: tuple[Run, ...]
    arm: Arm
    diverged: tuple[Diverged, ...] = ()
    differs: dict[str, tuple[str, str]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    co_changes: tuple[str, ...] = ()
    budget: bool = False
    planned_seeds: int | None = None
    own_label: str = ""
    reference: str | None = None
    result: PairResult | None = None
    comparability: Comparability = Comparability()
    images: PerImage | None = None
    unfinished: tuple[Unfinished, ...] = ()
    missing: int = 0
    divergence_p: float = nan
    full_label: str = ""
    blocks: tuple[BlockResult, ...] = ()


@dataclass(frozen=True)
class Reached:
    """The time at which the runs of a variant reach a threshold.

    median: over all runs; a run that never reaches it counts as infinitely late; None if the median is infinite.
    reached: the number of runs that reach it. runs: the number of runs. diverged: the number of diverged runs, which
    are not included.
    """

    median: float | None
    reached: int
    runs: int
    diverged: int


@dataclass(frozen=True)
class Threshold:
    """The time at which each variant reaches a value of a metric.

    metric: a column of history.csv. x_axis: a key of learning_curves.AXES, which gives the unit of the medians.
    reached: by label; None for a variant with a run that has no values on this axis.
    """

    metric: str
    value: float
    x_axis: str
    reached: dict[str, Reached | None]


@dataclass(frozen=True)
class Comparison:
    """The comparison of the variants of one experiment.

    variants: the baseline first, then the others in the plan's order, or by name.
    baseline: a variant's label; None where none is named.
    study, question, design: the study's name, question and design. cli_overrides: overrides typed with its name.
    plan: its hash.
    exploratory: why this is not the test that a plan fixed before there was data; empty if it is.
    plan_changes: what was changed in the plan after runs under it had ended. disclosures: sentences about these
    changes, and about runs that were repeated or deleted.
    comparisons: the number that Holm's correction counts. margin: the equivalence margin.
    detect: the difference that the study was planned to detect, in the metric's unit.
    superseded: runs that a newer rerun replaces. excluded: runs left out, each with the reason.
    warnings: sentences about the whole comparison.
    effects: main effects and interactions of a factorial design, which are tested instead of its cells.
    factorial: the cells behind the effects; None without effects.
    max_seeds: the number of seeds at which a sequential study stops.
    conditions: the options that left out runs, as typed.
    name: of the experiment, unique among those that are compared together.
    numbers: how values of the metric are written. Values and differences here are always fractions.
    block: what the blocks differ in, such as `dataset`; the value of a seed is the mean over them. Empty without.
    blocks: their names.
    """

    metric: Metric
    variants: tuple[ComparedVariant, ...]
    baseline: str | None = None
    study: str | None = None
    cli_overrides: tuple[str, ...] = ()
    question: str = ""
    design: str = ""
    plan: str | None = None
    exploratory: tuple[str, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()
    disclosures: tuple[str, ...] = ()
    comparisons: int = 0
    detect: float | None = None
    margin: float | None = None
    superseded: tuple[Run, ...] = ()
    excluded: tuple[tuple[Path, str], ...] = ()
    warnings: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    factorial: Design | None = None
    max_seeds: int | None = None
    threshold: Threshold | None = None
    conditions: tuple[str, ...] = ()
    name: str = ""
    numbers: NumberStyle = NumberStyle()
    block: str = ""
    blocks: tuple[str, ...] = ()

    @cached_property
    def decimals(self) -> int:
        """The number of decimals of the metric, as a fraction.

        Unless the user chose it: for a share of images, enough to show one image, at least DECIMALS; otherwise two
        digits of a typical interval. A step between shares counts as an image.
        """
        chosen = self.numbers.decimals
        if chosen is not None:
            return chosen + 2 if self.numbers.percent else chosen
        if self.metric.decimals is not None:
            return self.metric.decimals
        half_widths = []
        for variant in self.variants:
            half_width = intervals.mean_interval(variant.arm.array).half_width
            if half_width > 0:
                half_widths.append(half_width)
        if not half_widths:
            return DECIMALS
        second_digit = 1 - floor(log10(median(half_widths)))
        return min(MAX_DECIMALS, max(0, second_digit))

    @cached_property
    def kind(self) -> str:
        """The kind of the runs, as in Run: of the first that ablate did not train, if there is one."""
        for variant in self.variants:
            for run in (*variant.runs, *variant.diverged):
                if not run.is_own:
                    return run.kind
        return KIND

    @property
    def is_own(self) -> bool:
        """Whether ablate trained all runs, so that all is recorded; true without a run."""
        return self.kind == KIND

    @property
    def effects_only(self) -> bool:
        """True if effects over all cells take the place of verdicts on single cells, even if a cell blocks them."""
        if self.effects:
            return True
        results = [variant.result for variant in self.variants if variant.result]
        return bool(results) and not any(result.verdict for result in results)

    def variant(self, label: str) -> ComparedVariant:
        """The variant with this label. Raises KeyError."""
        for variant in self.variants:
            if variant.label == label:
                return variant
        raise KeyError(label)
