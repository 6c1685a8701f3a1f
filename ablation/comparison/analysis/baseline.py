"""Choose the baseline, and which variant is compared with which."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Protocol

from ablation.comparison.analysis.variants import Variant
from ablation.comparison.reading.run import Run
from ablation.config.schema import DEFAULTS
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.study_plan import StudyPlan
from ablation.text import list_with_more

MAX_LISTED = 6  # labels in an error
NUMBER_END, NUMBER_START = re.compile(r"\d[.e+-]*$"), re.compile(r"[.e+-]*\d")


class UnknownVariant(AblateError):
    """No variant has the name of the baseline. name: the name. labels: the labels that there are."""

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self.name, self.labels = name, labels
        super().__init__(str(unknown("variant", printable(name), map(quote, labels), "--baseline")))


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
    """The label of each variant's reference, as planned; without variants that were left out."""
    label_of = {variant.cell: variant.label for variant in variants}
    return {
        label_of[cell]: label_of[reference] for cell, reference in plan.pairs() if {cell, reference} <= label_of.keys()
    }


def named_lineup(variants: Sequence[Variant], name: str | None) -> Lineup:
    """The comparison of each variant with the baseline of this name; without a name, none.

    Raises AblateError if no variant or several variants have the name.
    """
    if name is None:
        return Lineup(variants, None, {})
    baseline = _named_label(variants, name)
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


def _named_label(variants: Sequence[Variant], name: str) -> str:
    """The label of the variant with this name.

    A name is, in this order, a label, the name of a network or of runs, a label without abbreviations, or the beginning
    of a label. Raises AblateError if none or several have it.
    """
    if any(variant.label == name for variant in variants):
        return name
    for description, has_name in NAMES.items():
        matches = [variant.label for variant in variants if has_name(variant, name)]
        if len(matches) > 1:
            raise AblateError(
                f"The name of the baseline is ambiguous. Received --baseline {printable(name)}, {description} of "
                f"{len(matches)} variants: {list_with_more(matches, MAX_LISTED)}. Allowed: a label of the table, or a "
                f"beginning that only one label has. Type for example --baseline={quote(matches[0])}"
            )
        if matches:
            return matches[0]
    raise UnknownVariant(name, [variant.label for variant in variants])


def _has_run_name(variant: Variant, name: str) -> bool:
    """Return whether the variant's network or one of its runs has the name."""
    if not variant.runs:
        return False
    names = {run.name for run in variant.runs}
    return name in (names - {""}) | {variant.runs[0].network}


def _has_full_label(variant: Variant, name: str) -> bool:
    return variant.full_label == name


def _begins_with(variant: Variant, name: str) -> bool:
    return _begins(variant.label, name) or _begins(variant.full_label, name)


def _begins(label: str, name: str) -> bool:
    """Return whether a label begins with a name that does not end within a number: `width=1` is not `width=16`."""
    if not name or not label.startswith(name):
        return False
    return NUMBER_END.search(name) is None or NUMBER_START.match(label, len(name)) is None


NAMES = {  # ways in which a variant can have a name, in order of precedence
    "the name": _has_run_name,
    "the full label": _has_full_label,
    "the beginning of the labels": _begins_with,
}


def _planned_baseline(variants: Sequence[Variant], plan: StudyPlan) -> str:
    """The label of the first reference in the plan; in a factorial design, of the first cell that is there."""
    references = {reference for _, reference in plan.comparisons} or [cell.name for cell in plan.cells[:1]]
    for variant in variants:
        if variant.cell in references:
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
