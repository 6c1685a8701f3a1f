"""Runs on disk -> arms, each against what it is compared to: by a study's frozen plan, or a baseline that is named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

from ablation import text
from ablation.comparison.analysis import comparability, metrics, paired_images
from ablation.comparison.analysis.baseline import compared_pairs, named_baseline, planned_baseline, relative_labels
from ablation.comparison.analysis.comparison import Comparability, ComparedVariant, Comparison, Metric
from ablation.comparison.analysis.design_warnings import comparison_warnings, is_aliased
from ablation.comparison.analysis.metrics import BEST, LAST
from ablation.comparison.analysis.paired_images import PerImage
from ablation.comparison.analysis.variants import variants
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


@dataclass(frozen=True)
class TestSpec:
    """How rows are judged, the same for all.

    comparisons: that Holm counts. alone: is each judged by itself, and not the effects of all? max_seeds: seeds,
    where they are added one by one. waits: does the study add them until this very metric has decided?
    """

    metric: Metric
    select: str
    comparisons: int
    margin: float | None
    alone: bool
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

    study: whose plan to judge by, where runs of several are there. Raises AblateError for a baseline, a metric or a
    study that is none.
    """
    found = study_plan.find(loaded, study)
    plan = found.plan
    rows, left = _cells(loaded, plan) if plan else (_variants(loaded), 0)
    judged_by = metrics.choose_metric(_runs(rows), metric, select)
    rows = [replace(row, arm=metrics.arm(row, judged_by, select)) for row in rows]
    base = planned_baseline(rows, plan) if plan and baseline is None else named_baseline(rows, baseline)
    if base and not plan:
        rows, base = relative_labels(rows, base)
    rows, pairs = compared_pairs(rows, base, plan if baseline is None else None)
    declared = plan.study if plan else None
    comparisons = plan.test.comparisons if plan and baseline is None else len(pairs)
    most = len(declared.seeds) if declared and declared.sequential and baseline is None else None
    whole = plan if baseline is None and plan and not plan.comparisons else None
    waits = most is not None and select == LAST and judged_by == _usual(rows)
    rows = _judged(rows, pairs, plan, TestSpec(judged_by, select, comparisons, margin, whole is None, most, waits))
    # an effect is over all cells, so that one which is not comparable prevents it
    barred = any(row.comparability.blocking for row in rows)
    aliased = whole is not None and is_aliased(whole)
    warnings = comparison_warnings(rows, declared, left, found.others, whole is not None and barred, aliased)
    return Comparison(
        effects=tuple(_effects(rows, whole, judged_by)) if whole and not barred else (),
        metric=judged_by,
        variants=tuple(rows),
        max_seeds=most,
        baseline=base,
        study=declared.name if declared else None,
        cli_overrides=declared.typed if declared else (),
        question=declared.question if declared else "",
        plan=plan.hash if plan and baseline is None else None,
        comparisons=comparisons,
        margin=margin,
        superseded=tuple(loaded.superseded),
        excluded=tuple(loaded.excluded),
        warnings=tuple(warnings),
    )


def _runs(rows: Sequence[ComparedVariant]) -> list[Run]:
    return [run for row in rows for run in row.runs]


def _usual(rows: Sequence[ComparedVariant]) -> Metric:
    """What studies that add seeds wait for."""
    return metrics.choose_metric(_runs(rows), None, LAST)


def _cells(loaded: Loaded, plan: StudyPlan) -> tuple[list[ComparedVariant], int]:
    """A row a cell, and how many runs are of no cell."""
    rows = []
    for cell in plan.cells:
        if cell.same_as is not None:
            continue
        mine = set(cell.runs.values())
        runs = sorted((run for run in loaded.runs if run.fingerprint in mine), key=lambda run: run.seed)
        rows.append(
            ComparedVariant(
                label=cell.name,
                runs=tuple(runs),
                arm=Arm(cell.name, {}),
                diverged=tuple(run for run in loaded.diverged if run.fingerprint in mine),
                differs={k: (_text(one), _text(other)) for k, (one, other) in cell.differs.items()},
                removed=cell.removed,
                co_changes=cell.along,
                budget=cell.budget,
                planned_seeds=None if plan.study.sequential else len(mine),
            )
        )
    known = plan.fingerprints()
    return rows, sum(run.fingerprint not in known for run in loaded.runs)


def _variants(loaded: Loaded) -> list[ComparedVariant]:
    found = variants(loaded.runs, loaded.diverged)
    return [ComparedVariant(v.label, v.runs, Arm(v.label, {}), diverged=v.diverged) for v in found]


def _text(value: Any) -> str:
    return printable(text.typed_value(value))


def _judged(
    rows: Sequence[ComparedVariant], pairs: Sequence[tuple[str, str]], plan: StudyPlan | None, how: TestSpec
) -> list[ComparedVariant]:
    """Each row with its gate and its finding."""
    by = {row.label: row for row in rows}
    against = dict(pairs)
    gates = {one: _gated(by[one], by[other], plan) for one, other in pairs if by[one].runs and by[other].runs}
    ready = [one for one, found in gates.items() if not found.blocking]
    judged = verdict.judge(
        [(by[one].arm, by[against[one]].arm) for one in ready], how.comparisons, how.margin, how.metric.higher
    )
    if how.max_seeds is not None:
        ends = [
            min(_reach(by[name], how.max_seeds) for name in (one, against[one])) if how.waits else 0 for one in ready
        ]
        looked = sequential.decide(
            [(f.arm, f.reference) for f in judged], how.max_seeds, how.comparisons, how.metric.higher, ends=ends
        )
        judged = [_looked(found, decision) for found, decision in zip(judged, looked, strict=True)]
    if not how.alone:
        judged = [
            replace(found, verdict="", p_holm=nan, p_holm_pooled=nan, assumes_normality=False) for found in judged
        ]
    findings = dict(zip(ready, judged, strict=True))
    few = sum(len(row.runs) for row in rows) <= paired_images.MOST
    return [
        replace(
            row,
            reference=against.get(row.label),
            comparability=gates.get(row.label, Comparability()),
            result=findings.get(row.label),
            images=_images_of(row, by[against[row.label]], how) if few and row.label in findings else None,
        )
        for row in rows
    ]


def _images_of(row: ComparedVariant, other: ComparedVariant, how: TestSpec) -> PerImage | None:
    """Where it was kept which images are right: of the last epoch, and of the best where there is a test."""
    validation = ("val_accuracy", LAST)
    names = {("test_accuracy", LAST): "test_last", ("test_accuracy", BEST): "test_best", validation: "val_last"}
    name = names.get((how.metric.key, how.select))
    return paired_images.paired(row.runs, other.runs, name) if name else None


def _reach(row: ComparedVariant, most: int) -> int:
    return sequential.max_usable_seeds(most, row.arm.n, len({run.seed for run in row.diverged} - row.arm.values.keys()))


def _looked(found: PairResult, decision: Decision) -> PairResult:
    """The finding with the verdict that the looks gave, which correct by their own levels.

    Equivalence has no such levels: it is told of what was open at the last look, which no earlier one had chosen.
    """
    last = found.verdict == EQUIVALENT and decision.verdict == INCONCLUSIVE
    verdict = found.verdict if last or found.verdict == TOO_FEW else decision.verdict
    return replace(found, verdict=verdict, p_holm=nan, p_holm_pooled=nan)


def _effects(rows: Sequence[ComparedVariant], plan: StudyPlan, metric: Metric) -> list[Effect]:
    parts = [component.labels() for component in plan.study.components]
    arms = {row.label: row.arm for row in rows}
    cells = {cell.level: arms[cell.same_as or cell.name] for cell in plan.cells}
    resolution = plan.fraction.resolution if plan.fraction else len(parts) + 1
    return effects(parts, cells, resolution, plan.test.comparisons, metric.higher)


def _gated(row: ComparedVariant, other: ComparedVariant, plan: StudyPlan | None) -> Comparability:
    declared = {*row.differs, *other.differs} if plan else comparability.factors(other.runs[0], row.runs[0])
    return comparability.comparability(other.runs, row.runs, declared, budget=row.budget or other.budget)
