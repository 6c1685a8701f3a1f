"""Warnings about a whole comparison."""

from collections.abc import Iterable, Sequence
from shlex import quote

from ablation.comparison.analysis import comparability
from ablation.comparison.analysis.comparison import ComparedVariant, Difference
from ablation.rundir.declared_study import Study
from ablation.rundir.study_plan import StudyPlan

CLEAR = 4  # resolution from which no main effect is mixed with an interaction of two
MIXED = "Of so small a fraction (resolution III) each main effect may in part be an interaction of two other parts"
BARRED = "No effect is judged, for an effect is over all cells and one of them is no comparison"


def comparison_warnings(
    rows: Sequence[ComparedVariant], study: Study | None, left: int, others: Sequence[str], barred: bool, mixed: bool
) -> Iterable[str]:
    """Of the whole. left: how many runs are of no cell. others: studies beside it. barred, mixed: are its effects?"""
    if left and study:
        yield f"{left} runs belong to no cell of the study {study.name}, and are not shown"
    if others:
        yield f"Other studies are here too: {', '.join(others)}. Type for example --study {quote(others[0])}"
    if barred:
        yield BARRED
    elif mixed:
        yield MIXED
    if not any(row.reference for row in rows):
        yield from _unlike([row for row in rows if row.runs])


def is_aliased(plan: StudyPlan) -> bool:
    """Does the design fail to tell effects of one part from those of two others together?"""
    fraction = plan.fraction
    return fraction is not None and bool(fraction.generators) and fraction.resolution < CLEAR


def _unlike(rows: Sequence[ComparedVariant]) -> Iterable[str]:
    """What no label says, where nothing is judged: facts of how they were run in which variants are no comparison.

    Of a lone variant those in which its own runs are none.
    """
    if len(rows) == 1:
        for each in comparability.comparability(rows[0].runs[:1], rows[0].runs, ()).blocking:
            yield f"Runs of {rows[0].label} differ in {each.key}: {each.variant}"
    found: dict[str, tuple[Difference, str]] = {}
    for row in rows[1:]:
        for each in comparability.comparability(
            rows[0].runs, row.runs, comparability.factors(rows[0].runs[0], row.runs[0])
        ).blocking:
            if each.key not in rows[0].runs[0].config:
                found.setdefault(each.key, (each, row.label))
    for key, (each, label) in found.items():
        yield f"Variants differ in {key} too: {each.baseline} in {rows[0].label}, {each.variant} in {label}"
