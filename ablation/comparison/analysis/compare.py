"""Runs on disk -> one Comparison: each variant with its reference, by a study's frozen plan or a named baseline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

from ablation import text
from ablation.comparison.analysis import comparability, metrics, paired_images
from ablation.comparison.analysis.baseline import compared_pairs, named_baseline, planned_baseline, relative_labels
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Metric
from ablation.comparison.analysis.design_warnings import Design, comparison_warnings, is_aliased
from ablation.comparison.analysis.metrics import BEST, LAST
from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.analysis.variants import Variant, variants
from ablation.comparison.reading import study_plan
from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import Run
from ablation.redaction import printable
from ablation.rundir.study_plan import StudyPlan
from ablation.statistics import sequential, verdict
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Effect, effects
from ablation.statistics.sequential import Decision
from ablation.statistics.verdict import EQUIVALENT, INCONCLUSIVE, TOO_FEW, PairResult

# Which array of correct.npz belongs to a metric and a selection of weights.
CORRECT_IMAGES = {
    ("test_accuracy", LAST): "test_last",
    ("test_accuracy", BEST): "test_best",
    ("val_accuracy", LAST): "val_last",
}


@dataclass(frozen=True)
class TestSpec:
    """How variants are judged, the same for all.

    comparisons: how many Holm's correction counts. margin: the equivalence margin.
    each_judged: each variant gets a verdict of its own; of a factorial, its effects get them instead.
    max_seeds: where a sequential study stops. waits: it adds seeds until this very metric has decided.
    """

    metric: Metric
    select: str
    comparisons: int
    margin: float | None
    each_judged: bool
    max_seeds: int | None
    waits: bool


def compare(
    loaded: Loaded,
    baseline: str | None = None,
    metric: str | None = None,
    select: str = LAST,
    margin: float | None = None,
    study: str | None = None,
) -> Comparison:
    """Everything that tables, figures and the report show.

    baseline: a variant's label or name; without one the study's. metric, select: as of choose_metric. margin: the
    equivalence margin. study: whose plan to judge by, where there are runs of several. Raises AblateError for a
    baseline, a metric or a study that does not exist.
    """
    found = study_plan.find(loaded, study)
    plan = found.plan
    by_plan = plan if baseline is None else None  # a named baseline asks another question than the plan's
    grouped = _planned_variants(loaded, plan) if plan else variants(loaded.runs, loaded.diverged)
    chosen = metrics.choose_metric(_runs(grouped), metric, select)
    base = planned_baseline(grouped, by_plan) if by_plan else named_baseline(grouped, baseline)
    if base and not plan:
        grouped, base = relative_labels(grouped, base)
    grouped = _baseline_first(grouped, base)
    pairs = compared_pairs(grouped, base, by_plan)
    test = _test_spec(grouped, pairs, by_plan, (chosen, select, margin))
    compared = _compared(grouped, pairs, plan, test)
    barred = any(variant.comparability.blocking for variant in compared)  # effects average over all cells
    factorial = None if by_plan is None or test.each_judged else by_plan
    design = Design(barred, is_aliased(factorial)) if factorial else None
    stray = _runs_of_no_cell(loaded, plan) if plan else 0
    return Comparison(
        **_declared(plan),
        effects=tuple(_effects(compared, factorial, chosen)) if factorial and not barred else (),
        metric=chosen,
        variants=tuple(compared),
        max_seeds=test.max_seeds,
        baseline=base,
        plan=by_plan.hash if by_plan else None,
        comparisons=test.comparisons,
        margin=margin,
        superseded=tuple(loaded.superseded),
        excluded=tuple(loaded.excluded),
        warnings=tuple(comparison_warnings(compared, plan.study.name if plan else None, stray, found.others, design)),
    )


def _baseline_first(grouped: Sequence[Variant], base: str | None) -> Sequence[Variant]:
    if base is None:
        return grouped
    return sorted(grouped, key=lambda variant: variant.label != base)


def _declared(plan: StudyPlan | None) -> dict[str, Any]:
    """What a comparison repeats of the study that its plan froze."""
    if plan is None:
        return {}
    return {"study": plan.study.name, "cli_overrides": plan.study.typed, "question": plan.study.question}


def _runs(grouped: Sequence[Variant]) -> list[Run]:
    return [run for variant in grouped for run in variant.runs]


def _planned_variants(loaded: Loaded, plan: StudyPlan) -> list[Variant]:
    """One variant for each cell that is not the same as another."""
    planned = []
    for cell in plan.cells:
        if cell.same_as is not None:
            continue
        fingerprints = set(cell.runs.values())
        runs = [run for run in loaded.runs if run.fingerprint in fingerprints]
        planned.append(
            Variant(
                label=cell.name,
                runs=tuple(sorted(runs, key=lambda run: run.seed)),
                diverged=tuple(run for run in loaded.diverged if run.fingerprint in fingerprints),
                differs={key: (_text(one), _text(other)) for key, (one, other) in cell.differs.items()},
                removed=cell.removed,
                co_changes=cell.along,
                budget=cell.budget,
                planned_seeds=None if plan.study.sequential else len(fingerprints),
            )
        )
    return planned


def _runs_of_no_cell(loaded: Loaded, plan: StudyPlan) -> int:
    known = plan.fingerprints()
    return sum(run.fingerprint not in known for run in loaded.runs)


def _text(value: Any) -> str:
    return printable(text.typed_value(value))


def _test_spec(
    grouped: Sequence[Variant],
    pairs: Sequence[tuple[str, str]],
    plan: StudyPlan | None,
    chosen: tuple[Metric, str, float | None],
) -> TestSpec:
    """By the plan, or for pairs with a named baseline. chosen: metric, selection of weights, margin."""
    metric, select, margin = chosen
    if plan is None:
        return TestSpec(metric, select, len(pairs), margin, True, None, False)
    max_seeds = len(plan.study.seeds) if plan.study.sequential else None
    default = metrics.choose_metric(_runs(grouped), None, LAST)  # what a sequential study decides by
    waits = max_seeds is not None and select == LAST and metric == default
    each_judged = bool(plan.comparisons)
    return TestSpec(metric, select, plan.test.comparisons, margin, each_judged, max_seeds, waits)


def _compared(
    grouped: Sequence[Variant], pairs: Sequence[tuple[str, str]], plan: StudyPlan | None, test: TestSpec
) -> list[ComparedVariant]:
    """Each variant with its values, its comparability and its result."""
    by_label = {variant.label: variant for variant in grouped}
    arms = {variant.label: metrics.arm(variant, test.metric, test.select) for variant in grouped}
    reference_of = dict(pairs)
    checks: dict[str, Comparability] = {}
    for label, reference in pairs:
        if by_label[label].runs and by_label[reference].runs:
            checks[label] = _comparability(by_label[label], by_label[reference], plan)
    comparable = [(label, reference_of[label]) for label, check in checks.items() if not check.blocking]
    results = _results(comparable, by_label, arms, test)
    reads_images = sum(len(variant.runs) for variant in grouped) <= paired_images.MOST
    compared = []
    for variant in grouped:
        label, images = variant.label, None
        if reads_images and label in results:
            images = _images_of(variant, by_label[reference_of[label]], test)
        compared.append(
            ComparedVariant(
                **vars(variant),
                arm=arms[label],
                reference=reference_of.get(label),
                result=results.get(label),
                comparability=checks.get(label, Comparability()),
                images=images,
            )
        )
    return compared


def _comparability(variant: Variant, reference: Variant, plan: StudyPlan | None) -> Comparability:
    if plan:
        declared = {*variant.differs, *reference.differs}
    else:
        declared = comparability.factors(reference.runs[0], variant.runs[0])
    budget = variant.budget or reference.budget
    return comparability.comparability(reference.runs, variant.runs, declared, budget=budget)


def _results(
    pairs: Sequence[tuple[str, str]], by_label: dict[str, Variant], arms: dict[str, Arm], test: TestSpec
) -> dict[str, PairResult]:
    """The result of each comparable pair, by the variant's label."""
    judged = verdict.judge(
        [(arms[label], arms[reference]) for label, reference in pairs],
        test.comparisons,
        test.margin,
        test.metric.higher,
    )
    if test.max_seeds is not None:
        ends = [_reachable_seeds(by_label[label], by_label[reference], test) for label, reference in pairs]
        both = [(result.arm, result.reference) for result in judged]
        decisions = sequential.decide(both, test.max_seeds, test.comparisons, test.metric.higher, ends=ends)
        judged = [_looked(result, decision) for result, decision in zip(judged, decisions, strict=True)]
    if not test.each_judged:
        judged = [
            replace(result, verdict="", p_holm=nan, p_holm_pooled=nan, assumes_normality=False) for result in judged
        ]
    return {label: result for (label, _), result in zip(pairs, judged, strict=True)}


def _images_of(variant: Variant, reference: Variant, test: TestSpec) -> PerImage | None:
    """The comparison image by image, where runs keep which images they got right under this metric."""
    name = CORRECT_IMAGES.get((test.metric.key, test.select))
    return paired_images.paired(variant.runs, reference.runs, name) if name else None


def _reachable_seeds(variant: Variant, reference: Variant, test: TestSpec) -> int:
    """How many seeds may still come on both sides; 0 where the study adds none for this metric."""
    if test.max_seeds is None or not test.waits:
        return 0
    reachable = []
    for each in (variant, reference):
        seeds = {run.seed for run in each.runs}
        lost = {run.seed for run in each.diverged} - seeds
        reachable.append(sequential.max_usable_seeds(test.max_seeds, len(seeds), len(lost)))
    return min(reachable)


def _looked(result: PairResult, decision: Decision) -> PairResult:
    """The result with the verdict of the looks, which correct by levels of their own.

    Equivalence has no such levels: it is a verdict where the last look is inconclusive and no earlier one chose it.
    """
    equivalent = result.verdict == EQUIVALENT and decision.verdict == INCONCLUSIVE
    kept = result.verdict if equivalent or result.verdict == TOO_FEW else decision.verdict
    return replace(result, verdict=kept, p_holm=nan, p_holm_pooled=nan)


def _effects(compared: Sequence[ComparedVariant], plan: StudyPlan, metric: Metric) -> list[Effect]:
    removals = [component.labels() for component in plan.study.components]
    arms = {variant.label: variant.arm for variant in compared}
    cells = {cell.level: arms[cell.same_as or cell.name] for cell in plan.cells}
    resolution = plan.fraction.resolution if plan.fraction else len(removals) + 1
    return effects(removals, cells, resolution, plan.test.comparisons, metric.higher)
