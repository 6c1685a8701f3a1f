"""Find the frozen plan of a study beside its runs. One that no study writes is as if it were not there."""

from dataclasses import dataclass

from ablation.comparison.reading.load import Loaded
from ablation.errors import AblateError, unknown
from ablation.rundir import layout, study_plan
from ablation.rundir.study_plan import StudyPlan


@dataclass(frozen=True)
class FoundPlan:
    """plan: None where no study's runs are there. others: names of further studies that some of the runs belong to."""

    plan: StudyPlan | None
    others: list[str]


def find(loaded: Loaded, name: str | None = None) -> FoundPlan:
    """The plan beside the runs, or copies of them, that has most of them.

    Of equal ones the first by its place. name: of the study to take. Raises AblateError where no run is of it.
    """
    fingerprints = {run.fingerprint for run in (*loaded.runs, *loaded.diverged)}
    plans = [plan for plan in _plans(loaded) if fingerprints & plan.fingerprints()]
    names = list(dict.fromkeys(plan.study.name for plan in plans))
    if name is not None and not names:
        raise AblateError(
            f"None of these runs belongs to a study. Received --study {name}. Allowed: a study whose plan is beside "
            f"the runs, in {layout.STUDIES}. Leave --study out, and name the baseline: --baseline NAME"
        )
    if name is not None and name not in names:
        raise unknown("study", name, names, "--study")
    candidates = [plan for plan in plans if name in (None, plan.study.name)]
    if not candidates:
        return FoundPlan(None, [])
    plan = max(candidates, key=lambda plan: len(fingerprints & plan.fingerprints()))
    return FoundPlan(plan, [other for other in names if other != plan.study.name])


def _plans(loaded: Loaded) -> list[StudyPlan]:
    plans = []
    for root in loaded.roots:
        for path in study_plan.plan_paths(root):
            plan = study_plan.read_plan(path)
            if plan is not None and plan.can_be_judged:
                plans.append(plan)
    return plans
