"""Compare each variant with its reference, as given by a study's frozen plan or a named baseline."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ablation.comparison.analysis import blocks, paired_images
from ablation.comparison.analysis.baseline import Lineup, named_lineup, planned_lineup
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison
from ablation.comparison.analysis.design_warnings import Design, comparison_warnings, is_aliased
from ablation.comparison.analysis.metrics import BEST, LAST
from ablation.comparison.analysis.pair_results import VariantPair, pair_results
from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.analysis.requested_test import NO_PLAN, Request, TestSpec, requested_test
from ablation.comparison.analysis.variants import Variant, grouped
from ablation.comparison.comparability import gate, programs
from ablation.comparison.display.names import display_names, unknown_names
from ablation.comparison.experiments.experiment import Experiment
from ablation.comparison.reading.disclosure import Disclosure, disclose
from ablation.comparison.reading.run import Run
from ablation.rundir.record import COMMAND
from ablation.rundir.study_plan import StudyPlan
from ablation.statistics import factorial
from ablation.statistics.factorial import Effect
from ablation.statistics.verdict import INCOMPLETE
from ablation.text import list_with_more, plural

LISTED = 6  # runs in one sentence

# The array of correct.npz that belongs to a metric and a selection of weights.
CORRECT_IMAGES = {
    ("test_accuracy", LAST): "test_last",
    ("test_accuracy", BEST): "test_best",
    ("val_accuracy", LAST): "val_last",
}


def compare(experiment: Experiment, request: Request = Request()) -> Comparison:  # noqa: B008 - immutable
    """Compute everything that tables, figures and the report of an experiment show.

    request: what the command asks for otherwise than the plan, which makes the comparison exploratory, and the names to
    show. Raises AblateError for an unknown baseline, metric or label.
    """
    plan, loaded = experiment.plan, experiment.runs
    all_variants = grouped(experiment)
    lineup = _lineup(all_variants, plan, request.baseline)
    names = display_names(request.rename, lineup, plan)
    lineup = names.of_lineup(lineup)
    disclosure = disclose(names.of_plan(plan), experiment.everything) if plan else Disclosure()
    least_comparisons = max(disclosure.least_comparisons, experiment.least_comparisons)
    test = requested_test(plan, lineup, request, least_comparisons, experiment.unplanned or NO_PLAN)
    compared = _compared(lineup, plan, test)
    judged_by = plan if test.is_planned else None
    design = _factorial_design(compared, judged_by, test)
    cells = _factorial_cells(compared, judged_by, design)
    warnings = [*comparison_warnings(compared, plan is not None, len(experiment.former), design), *experiment.notes]
    warnings += programs.notes(compared)
    return Comparison(
        **_study_fields(plan, test),
        name=experiment.name,
        conditions=experiment.conditions,
        effects=names.of_effects(_effects(compared, cells, test)),
        factorial=cells,
        metric=test.metric,
        variants=tuple(compared),
        max_seeds=test.max_seeds,
        baseline=lineup.baseline,
        plan=plan.hash if plan else None,
        **_disclosure_fields(test, disclosure, experiment, compared),
        comparisons=test.comparisons,
        margin=test.margin,
        superseded=tuple(loaded.superseded),
        excluded=tuple(loaded.excluded),
        warnings=tuple(warnings),
        block=experiment.block,
        blocks=blocks.block_names(lineup.variants) if experiment.block else (),
    )


def names_of_others(experiment: Experiment, request: Request) -> list[str]:
    """Names of a request whose labels the experiment does not have. Raises AblateError for an unknown baseline."""
    lineup = _lineup(grouped(experiment), experiment.plan, request.baseline)
    return unknown_names(request.rename, lineup, experiment.plan)


def _lineup(of_experiment: Sequence[Variant], plan: StudyPlan | None, baseline: str | None) -> Lineup:
    if plan is not None and baseline is None:
        return planned_lineup(of_experiment, plan)
    return named_lineup(of_experiment, baseline)


def _runs(of_experiment: Sequence[Variant]) -> list[Run]:
    runs: list[Run] = []
    for variant in of_experiment:
        runs += variant.runs
    return runs


# ---------------------------------------------------------------- the study


def _disclosure_fields(
    test: TestSpec, disclosure: Disclosure, experiment: Experiment, compared: Sequence[ComparedVariant]
) -> dict[str, Any]:
    """The fields of Comparison that say why it is exploratory, and what happened to plan and runs."""
    return {
        "exploratory": (*test.exploratory, *disclosure.exploratory),
        "plan_changes": disclosure.changes,
        "disclosures": (*disclosure.sentences, *_further_disclosures(experiment, compared)),
    }


def _further_disclosures(experiment: Experiment, compared: Sequence[ComparedVariant]) -> Iterable[str]:
    """Plans that cannot be read; runs that completed only when repeated; runs that were left out or not given."""
    loaded = experiment.runs
    if experiment.unreadable_plans:
        paths = list_with_more([f"{path.parent.name}/{path.name}" for path in experiment.unreadable_plans], LISTED)
        yield f"Ignored, because they are damaged or were edited: {paths}."
    still_diverged = {run.path for run in loaded.diverged}
    repeated = [path.name for path, reason in loaded.excluded if reason == "diverged" and path not in still_diverged]
    if repeated and not experiment.block:  # with blocks, another run of the seed stands for it
        yield f"Diverged at first, and completed when repeated: {list_with_more(repeated, LISTED)}."
    some_missing = any(variant.missing for variant in compared)
    if loaded.beside and (experiment.plan is None or some_missing):
        yield f"In the same folder, but not among the paths of this comparison: {plural(loaded.beside, 'run')}."
    if experiment.conditions:
        yield f"Left out by {list_with_more(experiment.conditions)}: {plural(experiment.left_out, 'run')}."


def _study_fields(plan: StudyPlan | None, test: TestSpec) -> dict[str, Any]:
    """The fields of Comparison that describe the study. Its difference to detect is in accuracy."""
    if plan is None:
        return {}
    return {
        "study": plan.study.name,
        "cli_overrides": plan.study.typed,
        "question": plan.study.question,
        "design": plan.study.design,
        "detect": plan.detect if test.metric.largest is not None else None,
    }


# ---------------------------------------------------------------- results of pairs


def _compared(lineup: Lineup, plan: StudyPlan | None, test: TestSpec) -> list[ComparedVariant]:
    """Add its values, comparability and result to each variant."""
    by_label = {variant.label: variant for variant in lineup.variants}
    arms = blocks.arms(by_label, test.metric, test.select)
    checks: dict[str, Comparability] = {}
    pairs: dict[str, VariantPair] = {}
    for label, reference in lineup.reference_of.items():
        pair = VariantPair(by_label[label], by_label[reference], arms[label], arms[reference])
        pairs[label] = pair
        if pair.variant.runs and pair.reference.runs:
            checks[label] = _comparability(pair, plan)
    comparable = {label: pairs[label] for label, check in checks.items() if not check.blocking}
    results = dict(zip(comparable, pair_results(list(comparable.values()), plan, test), strict=True))
    reads_images = len(_runs(lineup.variants)) <= paired_images.MAX_RUNS
    compared = []
    for variant in lineup.variants:
        label, images = variant.label, None
        if reads_images and label in comparable:
            images = _per_image(comparable[label], test)
        of_variant = ComparedVariant(
            **vars(variant),
            arm=arms[label],
            missing=variant.missing,
            reference=lineup.reference_of.get(label),
            result=results.get(label),
            comparability=checks.get(label, Comparability()),
            images=images,
        )
        if label in pairs:
            of_variant = replace(of_variant, divergence_p=pairs[label].divergence_p())
            of_variant = replace(of_variant, blocks=blocks.results(results.get(label)))
        compared.append(of_variant)
    return compared


def _comparability(pair: VariantPair, plan: StudyPlan | None) -> Comparability:
    variant, reference = pair.variant, pair.reference
    if all(run.kind == COMMAND for run in (*variant.runs, *reference.runs)):
        return programs.comparability(reference.runs, variant.runs, (pair.reference_arm, pair.arm))
    if not all(run.is_own for run in (*variant.runs, *reference.runs)):
        return Comparability()  # nothing that could block is recorded; the notes of the experiment list what differs
    if plan:
        declared = {*variant.differs, *reference.differs}
    else:
        declared = gate.factors(reference.runs[0], variant.runs[0])
    budget = variant.budget or reference.budget
    return gate.comparability(reference.runs, variant.runs, declared, budget=budget)


def _per_image(pair: VariantPair, test: TestSpec) -> PerImage | None:
    """Compare the pair image by image; None if the runs record no per-image correctness for this metric."""
    name = CORRECT_IMAGES.get((test.metric.key, test.select))
    if name is None or not pair.reference.runs[0].is_own:
        return None
    return paired_images.paired(pair.variant.runs, pair.reference.runs, name)


# ---------------------------------------------------------------- effects of a factorial study


def _factorial_design(compared: Sequence[ComparedVariant], plan: StudyPlan | None, test: TestSpec) -> Design | None:
    """The design if effects are tested, otherwise None. A single cell that is not comparable blocks all effects."""
    if plan is None or test.each_judged:
        return None
    is_blocked = any(variant.comparability.blocking for variant in compared)
    return Design(is_blocked, is_aliased(plan))


def _factorial_cells(
    compared: Sequence[ComparedVariant], plan: StudyPlan | None, design: Design | None
) -> factorial.Design | None:
    """The cells of the design with their runs; None if no effects are tested."""
    if plan is None or design is None or design.blocked:
        return None
    by_name = {variant.full_label or variant.label: variant for variant in compared}
    cells = {cell.level: by_name[cell.same_as or cell.name] for cell in plan.cells}
    removals = [component.labels() for component in plan.study.components]
    return factorial.Design(
        removals=removals,
        cells={level: variant.arm for level, variant in cells.items()},
        resolution=plan.fraction.resolution if plan.fraction else len(removals) + 1,
        diverged={level: len(variant.diverged) for level, variant in cells.items() if variant.diverged},
    )


def _effects(compared: Sequence[ComparedVariant], cells: factorial.Design | None, test: TestSpec) -> tuple[Effect, ...]:
    if cells is None:
        return ()
    effects = factorial.effects(cells, test.comparisons, test.metric.higher)
    if any(variant.missing for variant in compared):
        effects = [replace(effect, verdict=INCOMPLETE) if effect.verdict else effect for effect in effects]
    return tuple(effects)
