"""Choose the baseline, and which variant is compared with which."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from shlex import quote

from ablation.comparison.analysis import variant_labels
from ablation.comparison.analysis.variants import Variant
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.study_plan import StudyPlan

MAX_LISTED = 6  # labels in an error


@dataclass(frozen=True)
class Lineup:
    """The variants, the baseline first, and what each is compared with, both by label."""

    variants: Sequence[Variant]
    baseline: str | None
    reference_of: dict[str, str]


def planned_lineup(variants: Sequence[Variant], plan: StudyPlan) -> Lineup:
    """The comparisons of a study's plan; each variant with the baseline where it has none, as in a factorial design."""
    baseline = _planned_baseline(variants, plan)
    ordered = _with_baseline_first(variants, baseline)
    planned = dict(plan.pairs())
    return Lineup(ordered, baseline, planned or _all_with_baseline(ordered, baseline))


def named_lineup(variants: Sequence[Variant], name: str | None, is_study: bool) -> Lineup:
    """Each variant with the baseline of this name; without a name no comparisons.

    is_study: whether the variants are cells of a study, which keep their names; others are labelled by what differs
    from the baseline. Raises AblateError where no variant has the name, or several have it.
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
    """Where the variant with this name is. It is its label, or else the name of its network or of one of its runs."""
    labels = [variant.label for variant in variants]
    if name in labels:
        return labels.index(name)
    matches = [variant.label for variant in variants if name in _names(variant)]
    if not matches:
        raise unknown("variant", printable(name), [quote(label) for label in labels], "--baseline")
    if len(matches) > 1:
        raise AblateError(
            f"The baseline is one variant. Received --baseline {printable(name)}, which is {len(matches)}: "
            f"{', '.join(matches[:MAX_LISTED])}. Allowed: a label of the table. "
            f"Type for example --baseline={quote(matches[0])}"
        )
    return labels.index(matches[0])


def _names(variant: Variant) -> set[str]:
    """What the variant's network and its runs are called."""
    if not variant.runs:
        return set()
    names = {run.name for run in variant.runs}
    return (names - {""}) | {variant.runs[0].network}


def _relabelled(variants: Sequence[Variant], position: int) -> list[Variant]:
    """The variants labelled by what differs from the baseline, which is at this position."""
    firsts = [(variant.runs or variant.diverged)[0] for variant in variants]
    labels = variant_labels.relative(firsts[position], firsts)
    return [replace(variant, label=label) for variant, label in zip(variants, labels, strict=True)]


def _planned_baseline(variants: Sequence[Variant], plan: StudyPlan) -> str:
    """The first variant that others are compared with; in a factorial design the first of all."""
    references = {reference for _, reference in plan.comparisons}
    for variant in variants:
        if variant.label in references:
            return variant.label
    return variants[0].label
