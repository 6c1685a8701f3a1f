"""Choose the baseline, and which variant is compared with which."""

from collections.abc import Sequence
from dataclasses import replace
from shlex import quote

from ablation.comparison.analysis import variant_labels
from ablation.comparison.analysis.variants import Variant
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.study_plan import StudyPlan


def named_baseline(variants: Sequence[Variant], name: str | None) -> str | None:
    """The label of the variant of this name: its label, or else what its network or its runs are called.

    Raises AblateError where no variant has the name, or several do.
    """
    if name is None:
        return None
    labels = [variant.label for variant in variants if variant.label == name]
    if not labels:
        labels = [variant.label for variant in variants if name in _names(variant)]
    if len(labels) == 1:
        return labels[0]
    if labels:
        raise AblateError(
            f"The baseline is one variant. Received --baseline {printable(name)}, which is {len(labels)}: "
            f"{', '.join(labels[:6])}. Allowed: a label of the table. Type for example --baseline={quote(labels[0])}"
        )
    raise unknown("variant", printable(name), [quote(variant.label) for variant in variants], "--baseline")


def _names(variant: Variant) -> set[str]:
    if not variant.runs:
        return set()
    return {variant.runs[0].network, *(run.name for run in variant.runs if run.name)}


def relative_labels(variants: Sequence[Variant], baseline: str) -> tuple[list[Variant], str]:
    """The variants labelled by what differs from the baseline, and the baseline's new label."""
    firsts = [(variant.runs or variant.diverged)[0] for variant in variants]
    place = [variant.label for variant in variants].index(baseline)
    labels = variant_labels.relative(firsts[place], firsts)
    relabelled = [replace(variant, label=label) for variant, label in zip(variants, labels, strict=True)]
    return relabelled, labels[place]


def planned_baseline(variants: Sequence[Variant], plan: StudyPlan) -> str:
    """The first variant that others are compared with; of a factorial the first of all."""
    references = {reference for _, reference in plan.comparisons}
    labels = [variant.label for variant in variants]
    return next((label for label in labels if label in references), labels[0])


def compared_pairs(variants: Sequence[Variant], baseline: str | None, plan: StudyPlan | None) -> list[tuple[str, str]]:
    """(variant, reference) by their labels: the plan's, else each variant with the baseline; none without one."""
    if baseline is None:
        return []
    planned = plan.pairs() if plan else []
    return planned or [(variant.label, baseline) for variant in variants if variant.label != baseline]
