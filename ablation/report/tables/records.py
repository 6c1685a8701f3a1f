"""The numbers of a comparison: one typed record per variant and per effect, from which every target is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from statistics import fmean

import numpy as np

from ablation.comparison.analysis.comparison import BlockResult, ComparedVariant, Comparison, Difference, Reached
from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.reading.run import Run
from ablation.report.wording.needed_seeds import needed_seeds
from ablation.report.wording.verdict_text import BASELINE, VERDICTS, verdict_text
from ablation.statistics import intervals
from ablation.statistics.effect_size import Paired
from ablation.statistics.factorial import Effect
from ablation.statistics.intervals import Interval
from ablation.statistics.protocol import PAIRED, WELCH
from ablation.statistics.verdict import INCONCLUSIVE, PairResult


@dataclass(frozen=True)
class RunSummary:
    """Means over the completed runs of a variant, whatever the metric of the comparison; nan or None without runs.

    Accuracies are fractions of 1. Standard deviations (std) divide by n - 1 and need two runs. Test accuracy is that of
    the last weights, and nan unless every run has one.
    """

    variant: str
    n: int = 0
    val_accuracy_final_mean: float = nan
    val_accuracy_final_std: float = nan
    val_accuracy_best_mean: float = nan
    test_accuracy_mean: float = nan
    test_accuracy_std: float = nan
    trainable_parameters: int | None = None
    macs: int | None = None
    seconds_mean: float = nan
    loss_final_mean: float = nan
    name: str = ""


@dataclass(frozen=True)
class PairedRecord:
    """The difference between runs with the same seed. n: number of pairs."""

    difference: float = nan
    ci: Interval = intervals.UNKNOWN
    correlation: float = nan
    n: int | None = None


@dataclass(frozen=True)
class ImagesRecord:
    """The difference between the trained networks, paired by image. n: number of images."""

    n: int | None = None
    difference: float = nan
    ci: Interval = intervals.UNKNOWN
    p: float = nan


@dataclass(frozen=True)
class LookRecord:
    """The interim look that decided a comparison, or the last one so far.

    n: number of pairs of runs. level: its nominal level. seeds: of the runs that were tested.
    """

    n: int | None = None
    level: float = nan
    p: float = nan
    seeds: tuple[int, ...] = ()


@dataclass(frozen=True)
class ThresholdRecord:
    """The threshold, and when a variant reaches it.

    median: over runs, in units of x_axis. reached: number of runs that reach it.
    """

    metric: str
    value: float
    x_axis: str
    median: float | None
    reached: int | None


@dataclass(frozen=True)
class VariantRecord:
    """All results of a variant; unknown ones are nan, None or empty.

    summary: over its runs. co_changes: overrides declared to go with a removal. mean, sd: of the metric. ci: the 95 %
    CI of the mean. baseline: label of its reference. verdict: one of VERDICTS; without one, excluded gives the reason.
    test: `welch` or `paired`. missing: number of runs without a result. diverged_p: Fisher's p for equal shares.
    needed_seeds_low, needed_seeds_high: the seeds that would detect needed_for, None if more than 10,000.
    values: the metric of each seed, without blocks. blocks: the comparison in each block.
    `PairResult` describes the numbers of the comparison.
    """

    summary: RunSummary
    removed: tuple[str, ...]
    co_changes: tuple[str, ...]
    differs: tuple[str, ...]
    budget: bool
    planned: int | None
    diverged: int
    seeds: tuple[int, ...]
    metric: str
    mean: float
    sd: float
    ci: Interval
    baseline: str | None
    difference: float = nan
    difference_ci: Interval = intervals.UNKNOWN
    p: float = nan
    p_adjusted: float = nan
    verdict: str | None = None
    excluded: str | None = None
    assumes_normality: bool | None = None
    p_permutation: float = nan
    permutation_exhaustive: bool | None = None
    paired: PairedRecord | None = None
    images: ImagesRecord | None = None
    prob_improvement: float = nan
    hedges_g: float = nan
    blocking: tuple[str, ...] = ()
    informational: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    test: str | None = None
    missing: int = 0
    diverged_p: float = nan
    simultaneous_ci: Interval = intervals.UNKNOWN
    equivalence_ci: Interval = intervals.UNKNOWN
    p_equivalence: float = nan
    within_margin: bool | None = None
    look: LookRecord | None = None
    needed_for: float = nan
    needed_seeds_low: int | None = None
    needed_seeds_high: int | None = None
    threshold: ThresholdRecord | None = None
    values: tuple[float, ...] = ()
    blocks: tuple[BlockResult, ...] = ()


@dataclass(frozen=True)
class EffectRecord:
    """An effect of a factorial design. components: those it concerns. Only main effects have a verdict."""

    kind: str
    components: tuple[str, ...]
    difference: float
    difference_ci: Interval
    p: float
    p_adjusted: float
    verdict: str | None
    excluded: str | None


def variant_records(comparison: Comparison) -> tuple[VariantRecord, ...]:
    """The record of each variant, in the comparison's order."""
    return tuple(variant_record(comparison, variant) for variant in comparison.variants)


def variant_record(comparison: Comparison, variant: ComparedVariant) -> VariantRecord:
    """Collect all numbers of a variant."""
    arm, verdict = variant.arm, verdict_text(comparison, variant)
    record = VariantRecord(
        summary=replace(run_summary(variant.label, variant.runs), n=arm.n),  # with blocks, a seed has several runs
        removed=variant.removed,
        co_changes=variant.co_changes,
        differs=tuple(f"{key}: {before} -> {after}" for key, (before, after) in variant.differs.items()),
        budget=variant.budget,
        planned=variant.planned_seeds,
        diverged=len(variant.diverged),
        seeds=tuple(sorted({run.seed for run in variant.runs})),
        metric=comparison.metric.key,
        mean=arm.mean if arm.n else nan,
        sd=arm.sd if arm.n > 1 else nan,
        ci=intervals.mean_interval(arm.array),
        baseline=variant.reference,
        verdict=verdict if verdict in VERDICTS else None,
        excluded=verdict if verdict not in (*VERDICTS, BASELINE, "") else None,
        images=_images_record(variant.images),
        blocking=_difference_texts(variant.comparability.blocking),
        informational=_difference_texts(variant.comparability.informational),
        threshold=_threshold_record(comparison, variant),
        values=tuple(arm.array.tolist()),
        missing=variant.missing,
        diverged_p=variant.divergence_p,
        blocks=variant.blocks,
    )
    if variant.result is None:
        return record
    return _with_needed_seeds(_with_result(record, variant.result), comparison, variant.result)


def _with_needed_seeds(record: VariantRecord, comparison: Comparison, result: PairResult) -> VariantRecord:
    """Add the seeds that would detect a difference, to an inconclusive variant."""
    if result.verdict != INCONCLUSIVE:
        return record
    needed = needed_seeds(comparison, result.estimate, result.pair.n)
    if needed is None:
        return record
    fewest, most = needed.seeds
    return replace(record, needed_for=needed.difference, needed_seeds_low=fewest, needed_seeds_high=most)


def _with_result(record: VariantRecord, result: PairResult) -> VariantRecord:
    look = result.look
    return replace(
        record,
        test=PAIRED if result.pair.paired else WELCH,
        simultaneous_ci=result.simultaneous,
        equivalence_ci=result.equivalence_interval,
        p_equivalence=result.p_equivalence,
        within_margin=None if isnan(result.p_equivalence) else result.within_margin,
        look=None if look is None else LookRecord(look.n, look.level, look.p, tuple(result.pair.seeds)),
        difference=result.difference,
        difference_ci=result.interval,
        p=result.p,
        p_adjusted=result.p_holm,
        assumes_normality=result.assumes_normality,
        p_permutation=result.p_permutation,
        permutation_exhaustive=result.exhaustive,
        paired=_paired_record(result.paired),
        prob_improvement=result.prob_improvement,
        hedges_g=result.hedges_g,
        warnings=result.diagnostics,
    )


def _paired_record(paired: Paired | None) -> PairedRecord | None:
    if paired is None:
        return None
    return PairedRecord(paired.difference, paired.interval, paired.correlation, paired.n)


def _images_record(images: PerImage | None) -> ImagesRecord | None:
    if images is None:
        return None
    return ImagesRecord(images.images, images.difference, images.interval, images.p)


def _threshold_record(comparison: Comparison, variant: ComparedVariant) -> ThresholdRecord | None:
    threshold = comparison.threshold
    if threshold is None:
        return None
    reached: Reached | None = threshold.reached.get(variant.label)
    median, count = (None, None) if reached is None else (reached.median, reached.reached)
    return ThresholdRecord(threshold.metric, threshold.value, threshold.x_axis, median, count)


def _difference_texts(differences: Sequence[Difference]) -> tuple[str, ...]:
    return tuple(f"{each.key}: {each.baseline} -> {each.variant}" for each in differences)


def run_summary(label: str, runs: Sequence[Run]) -> RunSummary:
    """Summarise the completed runs of a variant."""
    if not runs:
        return RunSummary(label)
    last = np.array([run.val_accuracy for run in runs if run.val_accuracy is not None])
    tested = np.array([run.test_accuracy for run in runs if run.test_accuracy is not None])
    if len(tested) < len(runs):
        tested = np.array([])
    return RunSummary(
        variant=label,
        n=len(runs),
        val_accuracy_final_mean=_mean(last),
        val_accuracy_final_std=_sd(last),
        val_accuracy_best_mean=_known_mean([run.best_val_accuracy for run in runs]),
        test_accuracy_mean=_mean(tested),
        test_accuracy_std=_sd(tested),
        trainable_parameters=runs[0].parameters,
        macs=runs[0].macs,
        seconds_mean=_known_mean([run.seconds for run in runs]),
        loss_final_mean=_known_mean([run.loss for run in runs]),
        name=", ".join(dict.fromkeys(run.name for run in runs if run.name)),
    )


def _known_mean(values: Sequence[float | None]) -> float:
    """The mean; nan unless every run has a value."""
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else nan


def _sd(values: np.ndarray) -> float:
    return float(np.sqrt(intervals.variance(values))) if len(values) > 1 else nan


def effect_record(effect: Effect) -> EffectRecord:
    """Collect all numbers of an effect."""
    return EffectRecord(
        kind=effect.kind,
        components=effect.components,
        difference=effect.difference,
        difference_ci=effect.interval,
        p=effect.p,
        p_adjusted=effect.p_holm,
        verdict=effect.verdict if effect.verdict in VERDICTS else None,
        excluded=effect.verdict if effect.verdict and effect.verdict not in VERDICTS else None,
    )
