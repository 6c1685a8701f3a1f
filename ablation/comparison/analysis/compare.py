"""Runs on disk to one Comparison: each variant with its reference, by a study's frozen plan or a named baseline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

from ablation.comparison.analysis import comparability, metrics, paired_images
from ablation.comparison.analysis.baseline import Lineup, named_lineup, planned_lineup
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Metric
from ablation.comparison.analysis.design_warnings import Design, comparison_warnings, is_aliased
from ablation.comparison.analysis.metrics import BEST, LAST
from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.analysis.variants import Variant, planned_variants, variants
from ablation.comparison.reading import study_plan
from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import Run
from ablation.rundir.study_plan import StudyPlan
from ablation.statistics import sequential, verdict
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Effect, effects
from ablation.statistics.sequential import Decision
from ablation.statistics.verdict import EQUIVALENT, INCONCLUSIVE, TOO_FEW, PairResult

# The array of correct.npz that belongs to a metric and a selection of weights.
CORRECT_IMAGES = {
    ("test_accuracy", LAST): "test_last",
    ("test_accuracy", BEST): "test_best",
    ("val_accuracy", LAST): "val_last",
}


@dataclass(frozen=True)
class TestSpec:
    """How variants are tested, the same for all.

    comparisons: how many Holm's correction counts. margin: the equivalence margin.
    each_judged: whether each variant gets a verdict; in a factorial study its effects get them instead.
    max_seeds: where a sequential study stops. decides_stopping: whether it adds seeds until this metric is decided.
    """

    metric: Metric
    select: str
    comparisons: int
    margin: float | None
    each_judged: bool = True
    max_seeds: int | None = None
    decides_stopping: bool = False


@dataclass(frozen=True)
class Pair:
    """A variant and its reference, each with runs and with their values of the metric."""

    variant: Variant
    reference: Variant
    arm: Arm
    reference_arm: Arm


def compare(
    loaded: Loaded,
    baseline: str | None = None,
    metric: str | None = None,
    select: str = LAST,
    margin: float | None = None,
    study: str | None = None,
) -> Comparison:
    """Compute everything that tables, figures and the report show.

    baseline: a variant's label or name; without one the study's. metric, select: as in choose_metric. margin: the
    equivalence margin. study: whose plan to judge by, where there are runs of several. Raises AblateError for a
    baseline, a metric or a study that does not exist.
    """
    choice = study_plan.find(loaded, study)
    plan = choice.plan
    judged_by = plan if baseline is None else None  # a named baseline asks another question than the plan
    grouped = planned_variants(loaded, plan) if plan else variants(loaded.runs, loaded.diverged)
    runs = _runs(grouped)
    chosen_metric = metrics.choose_metric(runs, metric, select)
    if judged_by:
        lineup = planned_lineup(grouped, judged_by)
        test = _planned_test(judged_by, TestSpec(chosen_metric, select, judged_by.test.comparisons, margin), runs)
    else:
        lineup = named_lineup(grouped, baseline, is_study=plan is not None)
        test = TestSpec(chosen_metric, select, len(lineup.reference_of), margin)
    compared = _compared(lineup, plan, test)
    design = _factorial_design(compared, judged_by, test)
    warnings = comparison_warnings(compared, _study_name(plan), _count_stray_runs(loaded, plan), choice.others, design)
    return Comparison(
        **_study_fields(plan),
        effects=_effects(compared, judged_by, design, test),
        metric=chosen_metric,
        variants=tuple(compared),
        max_seeds=test.max_seeds,
        baseline=lineup.baseline,
        plan=judged_by.hash if judged_by else None,
        comparisons=test.comparisons,
        margin=margin,
        superseded=tuple(loaded.superseded),
        excluded=tuple(loaded.excluded),
        warnings=tuple(warnings),
    )


def _runs(grouped: Sequence[Variant]) -> list[Run]:
    runs: list[Run] = []
    for variant in grouped:
        runs += variant.runs
    return runs


# ---------------------------------------------------------------- the study


def _study_name(plan: StudyPlan | None) -> str | None:
    return None if plan is None else plan.study.name


def _study_fields(plan: StudyPlan | None) -> dict[str, Any]:
    """What a Comparison repeats of the study."""
    if plan is None:
        return {}
    return {"study": plan.study.name, "cli_overrides": plan.study.typed, "question": plan.study.question}


def _count_stray_runs(loaded: Loaded, plan: StudyPlan | None) -> int:
    """How many runs belong to no cell of the study."""
    if plan is None:
        return 0
    planned = plan.fingerprints()
    return sum(run.fingerprint not in planned for run in loaded.runs)


def _planned_test(plan: StudyPlan, test: TestSpec, runs: Sequence[Run]) -> TestSpec:
    """The test with what the plan says about judging cells and adding seeds."""
    max_seeds = len(plan.study.seeds) if plan.study.sequential else None
    default_metric = metrics.choose_metric(runs, None, LAST)  # by which a sequential study decides
    return replace(
        test,
        each_judged=bool(plan.comparisons),
        max_seeds=max_seeds,
        decides_stopping=max_seeds is not None and test.select == LAST and test.metric == default_metric,
    )


# ---------------------------------------------------------------- results of pairs


def _compared(lineup: Lineup, plan: StudyPlan | None, test: TestSpec) -> list[ComparedVariant]:
    """Each variant with its values, its comparability and its result."""
    by_label = {variant.label: variant for variant in lineup.variants}
    arms = {label: metrics.arm(variant, test.metric, test.select) for label, variant in by_label.items()}
    checks: dict[str, Comparability] = {}
    comparable: dict[str, Pair] = {}
    for label, reference in lineup.reference_of.items():
        pair = Pair(by_label[label], by_label[reference], arms[label], arms[reference])
        if pair.variant.runs and pair.reference.runs:
            checks[label] = _comparability(pair, plan)
            if not checks[label].blocking:
                comparable[label] = pair
    results = dict(zip(comparable, _pair_results(list(comparable.values()), test), strict=True))
    reads_images = len(_runs(lineup.variants)) <= paired_images.MAX_RUNS
    compared = []
    for variant in lineup.variants:
        label, images = variant.label, None
        if reads_images and label in comparable:
            images = _per_image(comparable[label], test)
        compared.append(
            ComparedVariant(
                **vars(variant),
                arm=arms[label],
                reference=lineup.reference_of.get(label),
                result=results.get(label),
                comparability=checks.get(label, Comparability()),
                images=images,
            )
        )
    return compared


def _comparability(pair: Pair, plan: StudyPlan | None) -> Comparability:
    variant, reference = pair.variant, pair.reference
    if plan:
        declared = {*variant.differs, *reference.differs}
    else:
        declared = comparability.factors(reference.runs[0], variant.runs[0])
    budget = variant.budget or reference.budget
    return comparability.comparability(reference.runs, variant.runs, declared, budget=budget)


def _pair_results(pairs: Sequence[Pair], test: TestSpec) -> list[PairResult]:
    """The result of each pair; in a factorial study without a verdict."""
    arms = [(pair.arm, pair.reference_arm) for pair in pairs]
    results = verdict.judge(arms, test.comparisons, test.margin, test.metric.higher)
    if test.max_seeds is not None:
        ends = [_reachable_seeds(pair, test.max_seeds, test) for pair in pairs]
        decisions = sequential.decide(arms, test.max_seeds, test.comparisons, test.metric.higher, ends=ends)
        results = [_with_decision(result, decision) for result, decision in zip(results, decisions, strict=True)]
    if not test.each_judged:
        results = [_unjudged(result) for result in results]
    return results


def _reachable_seeds(pair: Pair, max_seeds: int, test: TestSpec) -> int:
    """How many seeds both sides can still reach; 0 where the study adds none for this metric."""
    if not test.decides_stopping:
        return 0
    reachable = []
    for variant in (pair.variant, pair.reference):
        completed = {run.seed for run in variant.runs}
        lost = {run.seed for run in variant.diverged} - completed
        reachable.append(sequential.max_usable_seeds(max_seeds, len(completed), len(lost)))
    return min(reachable)


def _with_decision(result: PairResult, decision: Decision) -> PairResult:
    """The result with the verdict of the interim looks, which are corrected by levels of their own, not by Holm.

    Equivalence has no such levels: it is the verdict where the last look is inconclusive and no earlier one decided.
    """
    is_equivalent = result.verdict == EQUIVALENT and decision.verdict == INCONCLUSIVE
    if not is_equivalent and result.verdict != TOO_FEW:
        result = replace(result, verdict=decision.verdict)
    return replace(result, p_holm=nan, p_holm_pooled=nan)


def _unjudged(result: PairResult) -> PairResult:
    """The result of a cell in a factorial study: its numbers without a verdict."""
    return replace(result, verdict="", p_holm=nan, p_holm_pooled=nan, assumes_normality=False)


def _per_image(pair: Pair, test: TestSpec) -> PerImage | None:
    """The comparison image by image; None where runs do not record which images are correct under this metric."""
    name = CORRECT_IMAGES.get((test.metric.key, test.select))
    if name is None:
        return None
    return paired_images.paired(pair.variant.runs, pair.reference.runs, name)


# ---------------------------------------------------------------- effects of a factorial study


def _factorial_design(compared: Sequence[ComparedVariant], plan: StudyPlan | None, test: TestSpec) -> Design | None:
    """None unless effects are to be judged. A cell that is not comparable blocks them: they average over all cells."""
    if plan is None or test.each_judged:
        return None
    is_blocked = any(variant.comparability.blocking for variant in compared)
    return Design(is_blocked, is_aliased(plan))


def _effects(
    compared: Sequence[ComparedVariant], plan: StudyPlan | None, design: Design | None, test: TestSpec
) -> tuple[Effect, ...]:
    if plan is None or design is None or design.blocked:
        return ()
    removals = [component.labels() for component in plan.study.components]
    arms = {variant.label: variant.arm for variant in compared}
    cells = {cell.level: arms[cell.same_as or cell.name] for cell in plan.cells}
    resolution = plan.fraction.resolution if plan.fraction else len(removals) + 1
    return tuple(effects(removals, cells, resolution, plan.test.comparisons, test.metric.higher))
