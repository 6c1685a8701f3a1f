"""Choose the baseline, and which variant is compared with which."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Protocol

from ablation.comparison.analysis import variant_labels
from ablation.comparison.analysis.variants import Variant
from ablation.comparison.reading.run import Run
from ablation.config.schema import DEFAULTS
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.study_plan import StudyPlan

MAX_LISTED = 6  # labels in an error


class UnknownVariant(AblateError):
    """No variant has the name of the baseline."""


class HasRuns(Protocol):
    """A variant, compared or not."""

    @property
    def label(self) -> str: ...

    @property
    def runs(self) -> tuple[Run, ...]: ...


@dataclass(frozen=True)
class Lineup:
    """The variants, baseline first, and {label: label of the reference that the variant is compared with}."""

    variants: Sequence[Variant]
    baseline: str | None
    reference_of: dict[str, str]


def planned_lineup(variants: Sequence[Variant], plan: StudyPlan) -> Lineup:
    """The comparisons of the study's plan; if it has none, as in a factorial design, each variant with the baseline."""
    baseline = _planned_baseline(variants, plan)
    ordered = _with_baseline_first(variants, baseline)
    return Lineup(ordered, baseline, _planned_references(variants, plan) or _all_with_baseline(ordered, baseline))


def _planned_references(variants: Sequence[Variant], plan: StudyPlan) -> dict[str, str]:
    """The reference of each variant, as planned; without variants that were left out."""
    labels = {variant.label for variant in variants}
    return {label: reference for label, reference in plan.pairs() if {label, reference} <= labels}


def named_lineup(variants: Sequence[Variant], name: str | None, is_study: bool) -> Lineup:
    """The comparison of each variant with the baseline of this name; without a name, none.

    is_study: True if the variants are cells of a study, which keep their names. Otherwise they are labelled by their
    differences from the baseline. Raises AblateError if no variant or several variants have the name.
    """
    if name is None:
        return Lineup(variants, None, {})
    position = _position_of_name(variants, name)
    if not is_study:
        variants = _relabelled(variants, position)
    baseline = variants[position].label
    ordered = _with_baseline_first(variants, baseline)
    return Lineup(ordered, baseline, _all_with_baseline(ordered, baseline))


def _with_baseline_first(variants: Sequence[Variant], baseline: str) -> list[Variant]:
    ordered = list(variants)
    for position, variant in enumerate(variants):
        if variant.label == baseline:
            ordered.insert(0, ordered.pop(position))
    return ordered


def _all_with_baseline(variants: Sequence[Variant], baseline: str) -> dict[str, str]:
    return {variant.label: baseline for variant in variants if variant.label != baseline}


def _position_of_name(variants: Sequence[Variant], name: str) -> int:
    """The position of the variant with this name: its label, or else the name of its network or of one of its runs."""
    labels = [variant.label for variant in variants]
    if name in labels:
        return labels.index(name)
    matches = [variant.label for variant in variants if name in _names(variant)]
    if not matches:
        raise UnknownVariant(str(unknown("variant", printable(name), [quote(label) for label in labels], "--baseline")))
    if len(matches) > 1:
        raise AblateError(
            f"The name of the baseline is ambiguous. Received --baseline {printable(name)}, the name of {len(matches)} "
            f"variants: {', '.join(matches[:MAX_LISTED])}. Allowed: a label of the table. "
            f"Type for example --baseline={quote(matches[0])}"
        )
    return labels.index(matches[0])


def _names(variant: Variant) -> set[str]:
    """The names of the variant's network and of its runs."""
    if not variant.runs:
        return set()
    names = {run.name for run in variant.runs}
    return (names - {""}) | {variant.runs[0].network}


def _relabelled(variants: Sequence[Variant], position: int) -> list[Variant]:
    """The variants, labelled by their differences from the baseline at this position."""
    firsts = [variant.first for variant in variants]
    labels = variant_labels.relative(firsts[position], firsts)
    return [replace(variant, label=label) for variant, label in zip(variants, labels, strict=True)]


def _planned_baseline(variants: Sequence[Variant], plan: StudyPlan) -> str:
    """The label of the first reference in the plan; in a factorial design, of the first cell that is there."""
    references = {reference for _, reference in plan.comparisons} or [cell.name for cell in plan.cells[:1]]
    for variant in variants:
        if variant.label in references:
            return variant.label
    return variants[0].label


def suggested_baseline(variants: Sequence[HasRuns]) -> str:
    """The label of the variant from which the others differ least in their settings, never chosen by its result.

    Of several, the one with more default values. variants: at least one, each with runs.
    """
    counts: dict[str, Counter[str]] = {}
    for variant in variants:
        for key, value in variant.runs[0].config.items():
            counts.setdefault(key, Counter())[repr(value)] += 1
    best, most = variants[0].label, (-1, -1)
    for variant in variants:
        config = variant.runs[0].config
        shared = sum(counts[key][repr(value)] for key, value in config.items())
        defaults = sum(value == DEFAULTS.get(key) for key, value in config.items())
        if (shared, defaults) > most:
            best, most = variant.label, (shared, defaults)
    return best
