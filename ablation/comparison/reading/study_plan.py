"""Read the frozen plans of the studies beside runs. An invalid plan counts as absent."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ablation.rundir import study_plan
from ablation.rundir.study_plan import StudyPlan


@dataclass(frozen=True)
class FoundPlan:
    """A plan that can be judged. root: the root of outputs that it belongs to."""

    plan: StudyPlan
    root: Path


@dataclass(frozen=True)
class FoundPlans:
    """The plans beside runs. unreadable: the paths of those that are damaged or were edited."""

    plans: tuple[FoundPlan, ...]
    unreadable: tuple[Path, ...] = ()


def find(roots: Iterable[Path]) -> FoundPlans:
    """Read the plans below roots of outputs, each plan once. Of copies, the one with the longest history counts."""
    found: dict[str, FoundPlan] = {}
    unreadable = []
    for root in roots:
        for path in study_plan.plan_paths(root):
            plan = study_plan.read_plan(path)
            if plan is None:
                unreadable.append(path)
            elif plan.can_be_judged and _knows_more(plan, found.get(plan.hash)):
                found[plan.hash] = FoundPlan(plan, root)
    return FoundPlans(tuple(found.values()), tuple(unreadable))


def _knows_more(plan: StudyPlan, other: FoundPlan | None) -> bool:
    """Return whether a plan records more changes and repeated runs than a copy of it; true without a copy."""
    if other is None:
        return True
    return len(plan.history) + len(plan.log) > len(other.plan.history) + len(other.plan.log)
