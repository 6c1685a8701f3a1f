"""Compare each variant with its reference, as given by a study's frozen plan or a named baseline."""

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
    """The parameters of the test, which are the same for all variants.

    comparisons: the number that Holm's correction counts. margin: the equivalence margin.
    each_judged: True if each variant gets a verdict; in a factorial study, only effects do.
    max_seeds: the seeds at the last look of a sequential study. decides_stopping: True if the study stops adding seeds
    once this metric is decided.
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
    """A variant and its reference, and the metric's values of both."""

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

    baseline: a variant's label or name; None for the study's. metric, select: as in choose_metric. margin: the
    equivalence margin. study: the study whose plan to use if the runs belong to several. Raises AblateError for an
    unknown baseline, metric or study.
    """
    choice = study_plan.find(loaded, study)
    plan = choice.plan
    judged_by = plan if baseline is None else None  # a named baseline replaces the comparisons of the plan
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
    stray = _count_stray_runs(loaded, plan)
    warnings = comparison_warnings(compared, _study_name(plan), stray, choice.other_studies, design)
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
    """The fields of Comparison that describe the study."""
    if plan is None:
        return {}
    return {"study": plan.study.name, "cli_overrides": plan.study.typed, "question": plan.study.question}


def _count_stray_runs(loaded: Loaded, plan: StudyPlan | None) -> int:
    """The number of runs that belong to no cell of the study."""
    if plan is None:
        return 0
    planned = plan.fingerprints()
    return sum(run.fingerprint not in planned for run in loaded.runs)


def _planned_test(plan: StudyPlan, test: TestSpec, runs: Sequence[Run]) -> TestSpec:
    """The test, completed by the plan's rules for verdicts on cells and for adding seeds."""
    max_seeds = len(plan.study.seeds) if plan.study.sequential else None
    default_metric = metrics.choose_metric(runs, None, LAST)  # a sequential study stops by this metric
    return replace(
        test,
        each_judged=bool(plan.comparisons),
        max_seeds=max_seeds,
        decides_stopping=max_seeds is not None and test.select == LAST and test.metric == default_metric,
    )


# ---------------------------------------------------------------- results of pairs


def _compared(lineup: Lineup, plan: StudyPlan | None, test: TestSpec) -> list[ComparedVariant]:
    """Add its values, comparability and result to each variant."""
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
    """Test each pair; in a factorial study, the results have no verdict."""
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
    """The number of seeds that both sides can reach; 0 if the study adds none for this metric."""
    if not test.decides_stopping:
        return 0
    reachable = []
    for variant in (pair.variant, pair.reference):
        completed = {run.seed for run in variant.runs}
        lost = {run.seed for run in variant.diverged} - completed
        reachable.append(sequential.max_usable_seeds(max_seeds, len(completed), len(lost)))
    return min(reachable)


def _with_decision(result: PairResult, decision: Decision) -> PairResult:
    """The result with the verdict of the interim looks. It has no p values after Holm, because each look has its level.

    Equivalence is not tested at interim looks: it is the verdict only if every look is inconclusive.
    """
    is_equivalent = result.verdict == EQUIVALENT and decision.verdict == INCONCLUSIVE
    if not is_equivalent and result.verdict != TOO_FEW:
        result = replace(result, verdict=decision.verdict)
    return replace(result, p_holm=nan, p_holm_pooled=nan)


def _unjudged(result: PairResult) -> PairResult:
    """The result without its verdict, for a cell of a factorial study."""
    return replace(result, verdict="", p_holm=nan, p_holm_pooled=nan, assumes_normality=False)


def _per_image(pair: Pair, test: TestSpec) -> PerImage | None:
    """Compare the pair image by image; None if the runs record no per-image correctness for this metric."""
    name = CORRECT_IMAGES.get((test.metric.key, test.select))
    if name is None:
        return None
    return paired_images.paired(pair.variant.runs, pair.reference.runs, name)


# ---------------------------------------------------------------- effects of a factorial study


def _factorial_design(compared: Sequence[ComparedVariant], plan: StudyPlan | None, test: TestSpec) -> Design | None:
    """The design if effects are tested, otherwise None. A single cell that is not comparable blocks all effects."""
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
