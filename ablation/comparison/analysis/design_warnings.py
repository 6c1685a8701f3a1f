"""Warnings about a whole comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from ablation.comparison.analysis import comparability
from ablation.comparison.analysis.comparison import ComparedVariant, Difference
from ablation.rundir.study_plan import StudyPlan

CLEAR = 4  # resolution from which no main effect is mixed with an interaction of two
ALIASED = "At resolution III, a main effect may be confounded with an interaction of two other components"
BARRED = "Effects were not tested: they average over all cells, and at least one cell is not comparable"


@dataclass(frozen=True)
class Design:
    """A factorial design. barred: a cell is not comparable. aliased: main effects may be interactions."""

    barred: bool
    aliased: bool


def comparison_warnings(
    variants: Sequence[ComparedVariant], study: str | None, stray: int, others: Sequence[str], design: Design | None
) -> Iterable[str]:
    """Sentences about the whole comparison.

    stray: how many runs belong to no cell of the study. others: names of further studies. design: of a factorial.
    """
    if stray:
        yield f"{stray} runs belong to no cell of the study {study}, and are not shown"
    if others:
        yield f"There are runs of other studies: {', '.join(others)}. Type for example --study {quote(others[0])}"
    if design and design.barred:
        yield BARRED
    elif design and design.aliased:
        yield ALIASED
    if not any(variant.reference for variant in variants):
        yield from _differing_conditions([variant for variant in variants if variant.runs])


def is_aliased(plan: StudyPlan) -> bool:
    """Whether the design confounds main effects with interactions of two other components."""
    fraction = plan.fraction
    return fraction is not None and bool(fraction.generators) and fraction.resolution < CLEAR


def _differing_conditions(variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """Without a baseline, warn of run conditions that differ between variants and are not in their labels.

    Of a lone variant, of those that differ between its runs.
    """
    if not variants:
        return
    first, *others = variants
    if not others:
        for difference in comparability.comparability(first.runs[:1], first.runs, ()).blocking:
            yield f"Runs of {first.label} differ in {difference.key}: {difference.variant}"
    found: dict[str, tuple[Difference, str]] = {}
    for variant in others:
        declared = comparability.factors(first.runs[0], variant.runs[0])
        for difference in comparability.comparability(first.runs, variant.runs, declared).blocking:
            if difference.key not in first.runs[0].config:
                found.setdefault(difference.key, (difference, variant.label))
    for key, (difference, label) in found.items():
        yield f"Variants differ in {key} too: {difference.baseline} in {first.label}, {difference.variant} in {label}"
