"""Choose the baseline and the pairs that are compared."""

from collections.abc import Sequence
from dataclasses import replace
from shlex import quote

from ablation.comparison.analysis import variant_labels
from ablation.comparison.analysis.comparison import ComparedVariant
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.study_plan import StudyPlan


def named_baseline(rows: Sequence[ComparedVariant], name: str | None) -> str | None:
    """The label of the named row: by its label, or by what its network or its runs are called where one is."""
    if name is None:
        return None
    exact = [row.label for row in rows if row.label == name]
    called = [row.label for row in rows if row.runs and name in _names(row)]
    found = exact or called
    if len(found) == 1:
        return found[0]
    if found:
        raise AblateError(
            f"The baseline is one variant. Received --baseline {printable(name)}, which is {len(found)}: "
            f"{', '.join(found[:6])}. Allowed: a label of the table. Type for example --baseline={quote(found[0])}"
        )
    raise unknown("variant", printable(name), [quote(row.label) for row in rows], "--baseline")


def _names(row: ComparedVariant) -> set[str]:
    return {row.runs[0].network, *(run.name for run in row.runs if run.name)}


def relative_labels(rows: Sequence[ComparedVariant], base: str) -> tuple[list[ComparedVariant], str]:
    """The rows called by what differs from the baseline."""
    firsts = [(row.runs or row.diverged)[0] for row in rows]
    place = [row.label for row in rows].index(base)
    called = variant_labels.relative(firsts[place], firsts)
    rows = [replace(row, label=name, arm=replace(row.arm, label=name)) for row, name in zip(rows, called, strict=True)]
    return rows, called[place]


def planned_baseline(rows: Sequence[ComparedVariant], plan: StudyPlan) -> str:
    others = {other for _, other in plan.comparisons}
    first = rows[0].label
    return first if first in others or not others else next(row.label for row in rows if row.label in others)


def compared_pairs(
    rows: list[ComparedVariant], base: str | None, plan: StudyPlan | None
) -> tuple[list[ComparedVariant], list[tuple[str, str]]]:
    """The rows, the baseline first, and which is compared to which."""
    rows = sorted(rows, key=lambda row: row.label != base)
    if base is None:
        return rows, []
    planned = plan.pairs() if plan else []
    return rows, planned or [(row.label, base) for row in rows if row.label != base]
