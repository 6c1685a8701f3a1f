"""A plan that replaces another: what changed, which runs had ended by then, and which were repeated or deleted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ablation.rundir.declared_study import RULES
from ablation.rundir.ended_runs import EndedRuns, events
from ablation.rundir.plan_history import LogEntry, PastPlan, SeenRuns
from ablation.rundir.study_plan import StudyPlan
from ablation.study.spec import Component, Study
from ablation.text import typed_value

DECLARED = ("question", "baseline", "typed", "design", "resolution", "cells", *RULES)  # compared field by field


def succeed(plan: StudyPlan, before: StudyPlan | None, on_disk: EndedRuns, names: Mapping[str, str]) -> StudyPlan:
    """The plan with what it has to remember of the one before.

    before: the plan of the same study on disk. on_disk: the runs of both that have ended. names: of run directories,
    by fingerprint.
    """
    if before is None:
        fresh = replace(plan, planned=_now(), ended={}, log=(), history=(), seen=_seen(plan, on_disk.keys()))
        return refreshed(fresh, on_disk, names)
    known = refreshed(before, on_disk, names)
    command, detect = plan.command or before.command, plan.detect or before.detect
    if plan.fingerprints() & known.ended.keys():
        detect = before.detect  # chosen before there was data, or not at all
    kept = replace(plan, ended=known.ended, log=known.log, command=command, detect=detect)
    if before.hash == plan.hash:
        kept = replace(kept, planned=before.planned, history=before.history, seen=before.seen)
        return refreshed(kept, on_disk, names)
    history = before.history
    ended = before.fingerprints() & known.ended.keys()
    if ended and not _is_judged_alike(before, plan):
        history = (*history, _entry(before, plan, ended))
    seen = on_disk.keys() - before.fingerprints() - before.ended.keys()
    if before.seen is not None:
        seen = seen.union(before.seen.runs)
    planned = before.planned if _is_judged_alike(before, plan) else _now()
    return refreshed(replace(kept, planned=planned, history=history, seen=_seen(plan, seen)), on_disk, names)


def refreshed(plan: StudyPlan, on_disk: EndedRuns, names: Mapping[str, str]) -> StudyPlan:
    """The plan with the runs that have ended, and a log entry for each that was repeated or deleted since.

    The first look at a run counts: a rerun beside it never takes its place. Arguments as for `succeed`.
    """
    ended = dict(plan.ended)
    for fingerprint in plan.fingerprints() & on_disk.keys():
        ended.setdefault(fingerprint, on_disk[fingerprint][0].checksum)
    known = {(entry.event, entry.run) for entry in plan.log}
    log = list(plan.log)
    for event, run in events(ended, on_disk, names):
        if (event, run) not in known:
            log.append(LogEntry(_now(), event, run))
    return replace(plan, ended=dict(sorted(ended.items())), log=tuple(log))


def _entry(before: StudyPlan, plan: StudyPlan, ended: Collection[str]) -> PastPlan:
    """What the history says of a plan that is replaced. ended: its runs that had ended."""
    shared = len(plan.fingerprints().intersection(ended))
    return PastPlan(
        hash=before.hash,
        planned=before.planned,
        replaced=_now(),
        ended=len(ended),
        shared=shared,
        changes=tuple(changes(before, plan)),
        rules=shared > 0 and _have_other_rules(before, plan),
        comparisons=tuple(before.comparison_ids()),
        runs=tuple(sorted(ended)),
        terms=before.rules(),
    )


def _is_judged_alike(before: StudyPlan, plan: StudyPlan) -> bool:
    """Return whether two plans differ only in overrides that shape no run, such as `n_jobs=2`."""
    study = replace(before.study, typed=plan.study.typed)
    return (
        study == plan.study
        and before.test == plan.test
        and before.comparisons == plan.comparisons
        and [cell.runs for cell in before.cells] == [cell.runs for cell in plan.cells]
    )


def _have_other_rules(before: StudyPlan, plan: StudyPlan) -> bool:
    if before.test.terms != plan.test.terms:
        return True
    return any(getattr(before.study, name) != getattr(plan.study, name) for name in RULES)


def _seen(plan: StudyPlan, ended: Collection[str]) -> SeenRuns | None:
    """The runs that had ended before they were planned, also those of other cells than the plan's; None without any."""
    if not ended:
        return None
    runs = plan.fingerprints().intersection(ended)
    cells = [cell.name for cell in plan.cells[1:] if runs.intersection(cell.runs.values())]
    return SeenRuns(len(runs), tuple(cells), tuple(sorted(ended)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def changes(before: StudyPlan, now: StudyPlan) -> list[str]:
    """The differences between two plans of a study, one sentence each."""
    sentences = _changed_fields(before.study, now.study)
    sentences += _changed_components(before.study.components, now.study.components)
    if before.test.terms != now.test.terms or (before.test != now.test and not sentences):
        sentences.append("the statistical test")
    return sentences or [_changed_runs(before, now)]


def _changed_fields(before: Study, now: Study) -> list[str]:
    sentences = []
    for name in DECLARED:
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            sentences.append(f"{name}: {_shown(old)} before, {_shown(new)} now")
    return sentences


def _changed_components(before: Iterable[Component], now: Iterable[Component]) -> list[str]:
    old = {component.name: component for component in before}
    new = {component.name: component for component in now}
    sentences = []
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            old_removals = _removals(old[name]) if name in old else "absent"
            new_removals = _removals(new[name]) if name in new else "absent"
            sentences.append(f"component {name}: {old_removals} before, {new_removals} now")
    old_order = [name for name in old if name in new]
    new_order = [name for name in new if name in old]
    if old_order != new_order:
        sentences.append(f"the order of components: {', '.join(old_order)} before, {', '.join(new_order)} now")
    return sentences


def _changed_runs(before: StudyPlan, now: StudyPlan) -> str:
    """A sentence that names the cells whose runs differ although their declarations are equal."""
    runs = {cell.name: cell.runs for cell in before.cells}
    changed = [cell.name for cell in now.cells if runs.get(cell.name) != cell.runs]
    where = ", ".join(changed) or "no cell"
    return f"the same overrides give different runs in {where}: a file or the data changed"


def _removals(component: Component) -> str:
    """The removals of a component: `model.norm=none with train.learning_rate=0.01 or model.norm=group, budget`."""
    texts = []
    for removal in component.removals:
        along = f" with {', '.join(removal.along)}" if removal.along else ""
        texts.append(f"{removal.remove}{along}")
    budget = ", budget" if component.budget else ""
    return " or ".join(texts) + budget


def _shown(value: Any) -> str:
    return "nothing" if value is None or value == () else typed_value(value)
