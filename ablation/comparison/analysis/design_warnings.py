"""Warnings about a whole comparison."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant
from ablation.comparison.comparability import gate
from ablation.config.plugins import unnamed_layers
from ablation.rundir.study_plan import StudyPlan
from ablation.text import list_with_more, plural

LISTED = 6  # keys in one warning
CLEAR = 4  # resolution from which no main effect is confounded with an interaction of two components
ALIASED = "At resolution III, a main effect may be confounded with an interaction of two other components"
BLOCKED = "Effects were not tested: they average over all cells, and at least one cell is not comparable"


@dataclass(frozen=True)
class Design:
    """A factorial design.

    blocked: a cell is not comparable. aliased: main effects may be confounded with interactions of two components.
    """

    blocked: bool
    aliased: bool


def comparison_warnings(
    variants: Sequence[ComparedVariant], is_study: bool, former: int, design: Design | None
) -> Iterable[str]:
    """The warnings about the whole comparison.

    former: the number of runs that only earlier plans of the study contain. design: of a factorial study.
    """
    if former:
        yield f"Not shown, because the present plan of the study does not contain them: {plural(former, 'run')}"
    if design and design.blocked:
        yield BLOCKED
    elif design and design.aliased:
        yield ALIASED
    if not all(run.is_own for variant in variants for run in variant.runs):
        return  # what such runs record is in the notes of their experiment
    yield from _uncoupled({variant.label: variant for variant in variants})
    if not any(variant.reference for variant in variants):
        yield from _differing_conditions([variant for variant in variants if variant.runs])
    elif not is_study:
        yield from _several_factors({variant.label: variant for variant in variants})


def is_aliased(plan: StudyPlan) -> bool:
    """Return whether the design confounds main effects with interactions of two other components."""
    fraction = plan.fraction
    return fraction is not None and bool(fraction.generators) and fraction.resolution < CLEAR


def _uncoupled(variants: Mapping[str, ComparedVariant]) -> Iterable[str]:
    """Name the layers of plugins' networks that do not start from the same values as in the reference for sure."""
    for variant in variants.values():
        reference = variants.get(variant.reference or "")
        if reference is None or not (variant.runs and reference.runs):
            continue
        layers = (reference.runs[0].facts.unnamed, variant.runs[0].facts.unnamed)
        if text := unnamed_layers.sentence(variant.label, reference.label, *layers):
            yield f"Note: {text}"


def _several_factors(variants: Mapping[str, ComparedVariant]) -> Iterable[str]:
    """Without a study, name the variants that differ from their reference in several keys of recipe or data at once."""
    for variant in variants.values():
        reference = variants.get(variant.reference or "")
        if reference is None or not (variant.runs and reference.runs):
            continue
        keys = sorted(gate.factors(reference.runs[0], variant.runs[0]))
        if len(keys) > 1 and not keys[0].startswith("model."):
            yield (
                f"{variant.label} differs from {reference.label} in {len(keys)} keys at once "
                f"({list_with_more(keys, LISTED)}): the difference is that of all of them together"
            )


def _differing_conditions(variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """Without a baseline, warn about conditions that differ between variants but are not in their labels.

    For a single variant, warn about conditions that differ between its runs.
    """
    if len(variants) == 1:
        yield from _differing_runs(variants[0])
    elif variants:
        yield from _differing_variants(variants)


def _differing_runs(variant: ComparedVariant) -> Iterable[str]:
    for difference in gate.comparability(variant.runs[:1], variant.runs, ()).blocking:
        yield f"Runs of {variant.label} differ in {difference.key}: {difference.variant}"


def _differing_variants(variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """Warn about each condition once, with the value of the first variant and the first value that differs from it."""
    first, *remaining = variants
    warned: set[str] = set()
    noted: dict[str, None] = {}
    for variant in remaining:
        declared = gate.factors(first.runs[0], variant.runs[0])
        found = gate.comparability(first.runs, variant.runs, declared)
        noted |= dict.fromkeys(difference.key for difference in found.informational)
        for difference in found.blocking:
            key = difference.key
            if key in warned or key in first.runs[0].config:
                continue
            warned.add(key)
            yield (
                f"Variants differ in {key} too: {difference.baseline} in {first.label}, "
                f"{difference.variant} in {variant.label}"
            )
    if noted:
        yield f"Note: variants also differ in {list_with_more(noted, LISTED)}, which does not affect a comparison"
