"""Plans of studies that nobody planned: made in memory, with made-up fingerprints."""

from typing import Any

from ablation.rundir.declared_study import Component, Removal, Study
from ablation.rundir.plan_history import PastPlan
from ablation.rundir.plan_parts import PlannedCell, PlannedTest
from ablation.rundir.study_plan import StudyPlan

LABELS = ("-a", "-b", "-c")


def plan(paired: tuple[str, ...] = (), history: tuple[PastPlan, ...] = (), **declared: Any) -> StudyPlan:
    """A plan that compares each of LABELS with `baseline`, or of effects. declared: fields of the study."""
    fields: dict[str, Any] = {"seeds": (0, 1, 2, 3, 4), "design": "leave_one_out", **declared}
    components = tuple(Component(label[1:], (Removal(None, f"model.{label[1:]}=0", ()),)) for label in LABELS)
    study = Study("mine", "", ("model=resnet34",), (), components, resolution=None, cells=None, **fields)
    cells = tuple(_cell(name, study.seeds) for name in ("baseline", *LABELS))
    has_effects = study.design == "factorial"
    pairs = () if has_effects else tuple((label, "baseline") for label in LABELS)
    return StudyPlan(study, PlannedTest(len(LABELS), paired=paired), cells, pairs, history=history)


def past(*labels: str) -> PastPlan:
    """A replaced plan, under which these were compared with the baseline."""
    compared = tuple(frozenset([(f"{label} 0", "baseline 0")]) for label in labels)
    return PastPlan("0a1b", None, "2026-01-02T03:04:05+00:00", 8, 8, ("components: fewer",), False, compared)


def _cell(name: str, seeds: tuple[int, ...]) -> PlannedCell:
    removed = () if name == "baseline" else (name[1:],)
    levels = {label[1:]: int(label == name) for label in LABELS}
    runs = {str(seed): f"{name} {seed}" for seed in seeds}
    return PlannedCell(name, levels, removed, (), False, (), {}, (), None, runs)
