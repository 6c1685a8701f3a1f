"""Find the frozen plan of a study beside its runs. An invalid plan counts as absent."""

from dataclasses import dataclass, field
from pathlib import Path

from ablation.comparison.reading.load import Loaded
from ablation.errors import AblateError, unknown
from ablation.rundir import layout, study_plan
from ablation.rundir.study_plan import StudyPlan


@dataclass(frozen=True)
class PlanChoice:
    """The plan to use; None if no run belongs to a study.

    other_studies: names of further studies of the runs. unreadable: plans that are damaged or were edited.
    """

    plan: StudyPlan | None
    other_studies: list[str]
    unreadable: list[Path] = field(default_factory=list)


def find(loaded: Loaded, name: str | None = None) -> PlanChoice:
    """Choose the plan with the most of these runs, the first of several equals, from the folders of the runs.

    name: the study to choose. Raises AblateError if no run belongs to it.
    """
    fingerprints = {run.fingerprint for run in (*loaded.runs, *loaded.diverged)}
    readable, unreadable = _plans(loaded)
    plans = [plan for plan in readable if fingerprints & plan.fingerprints()]
    by_study: dict[str, list[StudyPlan]] = {}
    for plan in plans:
        by_study.setdefault(plan.study.name, []).append(plan)
    if name is not None:
        _require_study(name, list(by_study))
        plans = by_study[name]
    if not plans:
        return PlanChoice(None, [], unreadable)

    def count_runs(plan: StudyPlan) -> int:
        return len(fingerprints & plan.fingerprints())

    chosen = max(plans, key=count_runs)
    return PlanChoice(chosen, [study for study in by_study if study != chosen.study.name], unreadable)


def _require_study(name: str, names: list[str]) -> None:
    """Raise AblateError unless there is a study with this name."""
    if not names:
        raise AblateError(
            f"None of these runs belongs to a study. Received --study {name}. Allowed: a study whose plan is beside "
            f"the runs, in {layout.STUDIES}. Leave --study out, and name the baseline: --baseline NAME"
        )
    if name not in names:
        raise unknown("study", name, names, "--study")


def _plans(loaded: Loaded) -> tuple[list[StudyPlan], list[Path]]:
    """The plans beside the runs that can be judged, and the paths of those that cannot be read."""
    plans, unreadable = [], []
    for root in loaded.roots:
        for path in study_plan.plan_paths(root):
            plan = study_plan.read_plan(path)
            if plan is None:
                unreadable.append(path)
            elif plan.can_be_judged:
                plans.append(plan)
    return plans, unreadable
