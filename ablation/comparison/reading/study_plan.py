"""Find the frozen plan of a study beside its runs. A file that no study writes counts as absent."""

from dataclasses import dataclass

from ablation.comparison.reading.load import Loaded
from ablation.errors import AblateError, unknown
from ablation.rundir import layout, study_plan
from ablation.rundir.study_plan import StudyPlan


@dataclass(frozen=True)
class PlanChoice:
    """plan: to judge by; None where no run belongs to a study. others: names of further studies of the runs."""

    plan: StudyPlan | None
    others: list[str]


def find(loaded: Loaded, name: str | None = None) -> PlanChoice:
    """Choose the plan that has most of the runs, among those beside the runs or their copies; of equals the first.

    name: of the study to take. Raises AblateError where no run belongs to it.
    """
    fingerprints = {run.fingerprint for run in (*loaded.runs, *loaded.diverged)}
    plans = [plan for plan in _readable_plans(loaded) if fingerprints & plan.fingerprints()]
    names = list(dict.fromkeys(plan.study.name for plan in plans))
    if name is not None:
        _require_study(name, names)
        plans = [plan for plan in plans if plan.study.name == name]
    if not plans:
        return PlanChoice(None, [])

    def count_runs(plan: StudyPlan) -> int:
        return len(fingerprints & plan.fingerprints())

    chosen = max(plans, key=count_runs)
    return PlanChoice(chosen, [other for other in names if other != chosen.study.name])


def _require_study(name: str, names: list[str]) -> None:
    """Raise AblateError unless the name is that of one of the studies."""
    if not names:
        raise AblateError(
            f"None of these runs belongs to a study. Received --study {name}. Allowed: a study whose plan is beside "
            f"the runs, in {layout.STUDIES}. Leave --study out, and name the baseline: --baseline NAME"
        )
    if name not in names:
        raise unknown("study", name, names, "--study")


def _readable_plans(loaded: Loaded) -> list[StudyPlan]:
    plans = []
    for root in loaded.roots:
        for path in study_plan.plan_paths(root):
            plan = study_plan.read_plan(path)
            if plan is not None and plan.can_be_judged:
                plans.append(plan)
    return plans
