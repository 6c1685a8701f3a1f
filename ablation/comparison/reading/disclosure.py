"""What a verdict must say about its plan: changes after data, reruns, deleted runs, and runs from before the plan."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import Run
from ablation.rundir.declared_study import RULES
from ablation.rundir.ended_runs import EndedRun, EndedRuns, events, find_ended
from ablation.rundir.layout import FINGERPRINT_DIGITS
from ablation.rundir.plan_history import DELETED, RERUN, PastPlan, SeenRuns
from ablation.rundir.study_plan import StudyPlan
from ablation.text import list_with_more, plural

MOST_LISTED = 6  # runs, or changes of a plan, in one sentence
CLOCKS = timedelta(minutes=1)  # by which the clocks of two machines may differ


@dataclass(frozen=True)
class PlanChange:
    """A change of the plan after runs under it had ended.

    hash: of the plan that was replaced. replaced: when, in ISO 8601, UTC. ended: how many of its runs had ended.
    changes: sentences. rules: True if seeds, stopping, test or margin changed although both plans share ended runs.
    """

    hash: str
    replaced: str
    ended: int
    changes: tuple[str, ...]
    rules: bool


@dataclass(frozen=True)
class Disclosure:
    """What a comparison says about its plan.

    sentences: for readers. exploratory: the reasons why verdicts are exploratory; empty if they are not.
    least_comparisons: the number that Holm's correction counts at least, because another plan of the study has so many.
    """

    changes: tuple[PlanChange, ...] = ()
    sentences: tuple[str, ...] = ()
    exploratory: tuple[str, ...] = ()
    least_comparisons: int = 0


def disclose(plan: StudyPlan, loaded: Loaded) -> Disclosure:
    """What to say about a plan: from its own history, and from the runs that were loaded or are beside it."""
    changes, sentences, exploratory = [], [], []
    for past in plan.history:
        changes.append(PlanChange(past.hash, past.replaced, past.ended, past.changes, past.rules))
        sentences.append(_change(past, plan))
        if past.rules or _changed_terms(past, plan):
            exploratory.append(f"{_changed_rules(past, plan)} changed after {plural(past.ended, 'run')} had ended")
    counted = plan.comparisons_with_history()
    if counted > plan.test.comparisons:
        sentences.append(
            f"Holm's correction counts {plural(counted, 'comparison')}, because it includes those of earlier plans of "
            f"this study; the plan itself has {plan.test.comparisons}."
        )
    unknown = _unknown_plans(plan, loaded)
    sentences += unknown.sentences
    exploratory += unknown.exploratory
    sentences += _changed_runs(plan, loaded)
    if plan.seen is not None and plan.seen.ended:
        sentences.append(_seen(plan.seen, plan.cells[0].name))
        if plan.seen.cells:
            exploratory.append(
                f"runs of {list_with_more(plan.seen.cells, MOST_LISTED)} had ended before they were planned"
            )
    return Disclosure(tuple(changes), tuple(sentences), tuple(exploratory), unknown.least_comparisons)


def _unknown_plans(plan: StudyPlan, loaded: Loaded) -> Disclosure:
    """Runs that ended under a plan of this study, or before this plan, of which its history knows nothing."""
    fingerprints = plan.fingerprints()
    known = {plan.hash, *(past.hash for past in plan.history)}
    others: dict[str, int] = {}
    under_others: set[str] = set()
    earlier: set[str] = set()
    for run in loaded.runs:
        if run.fingerprint not in fingerprints:
            continue
        references = [reference for reference in run.plans if reference.study == plan.study.name]
        if references and known.isdisjoint(reference.plan for reference in references):
            under_others.add(run.fingerprint)
            for reference in references:
                others[reference.plan] = reference.comparisons
        elif _ended_before(run, plan):
            earlier.add(run.fingerprint)
    sentences, exploratory = [], []
    if under_others:
        hashes = list_with_more([each[:8] for each in others], MOST_LISTED)
        sentences.append(
            f"{plural(len(under_others), 'run')} ended under another plan of this study ({hashes}, of "
            f"{plural(max(others.values()), 'comparison')}), which the history of this plan does not contain."
        )
        exploratory.append("the plan is not the one under which its runs ended")
    if earlier:
        sentences.append(f"{plural(len(earlier), 'run')} had ended before this plan was made.")
        exploratory.append("runs had ended before they were planned")
    return Disclosure((), tuple(sentences), tuple(exploratory), max(others.values(), default=0))


def _ended_before(run: Run, plan: StudyPlan) -> bool:
    """Return whether a run, not of the baseline, ended before it was planned and the plan does not say so."""
    if plan.planned is None or not run.started or run.seconds is None or run.fingerprint in plan.cells[0].runs.values():
        return False
    disclosed = plan.seen is not None and run.fingerprint in plan.seen.runs
    if disclosed or any(run.fingerprint in past.runs for past in plan.history):
        return False
    try:
        ended = datetime.fromisoformat(run.started) + timedelta(seconds=run.seconds)
        return ended < datetime.fromisoformat(plan.planned) - CLOCKS
    except (ValueError, TypeError, OverflowError):  # not a time, without a time zone, or far too long
        return False


def _changed_terms(past: PastPlan, plan: StudyPlan) -> list[str]:
    """The names of RULES in which a past plan, whose runs this one uses, differs from this one."""
    if plan.fingerprints().isdisjoint(past.runs):
        return []
    return [name for name, term in plan.rules().items() if past.terms.get(name, term) != term]


def _change(past: PastPlan, plan: StudyPlan) -> str:
    when = datetime.fromisoformat(past.replaced).strftime("%Y-%m-%d %H:%M")
    changes = list_with_more(past.changes, MOST_LISTED, "; ")
    text = f"The plan was changed at {when} UTC, after {plural(past.ended, 'run')} had ended: {changes}"
    since = []
    for name in _changed_terms(past, plan):
        term = plan.rules()[name]
        if not any(change.startswith(f"{name}: ") and change.endswith(f" {term} now") for change in past.changes):
            since.append(f"{name} {term}, not {past.terms[name]}")
    return f"{text}. In the present plan: {', '.join(since)}." if since else f"{text}."


def _changed_rules(past: PastPlan, plan: StudyPlan) -> str:
    """`seeds`, or `stopping, margin`: the fields of RULES that changed."""
    changed = _changed_terms(past, plan)
    if not changed:
        changed = [name for name in RULES if any(change.startswith(f"{name}: ") for change in past.changes)]
    return ", ".join(changed) or "the statistical test"


def _seen(seen: SeenRuns, baseline: str) -> str:
    runs = plural(seen.ended, "run")
    if not seen.cells:
        return f"{runs} of {baseline} had ended before they were planned."
    return f"{runs} had ended before they were planned, among them runs of {list_with_more(seen.cells, MOST_LISTED)}."


def _changed_runs(plan: StudyPlan, loaded: Loaded) -> list[str]:
    """A sentence on repeated or edited runs, and one on deleted runs, if there are any."""
    logged = [(entry.event, entry.run) for entry in plan.log]
    on_disk = _on_disk(plan, loaded)
    found = events(plan.ended, on_disk, {})
    reruns = [run for event, run in [*logged, *found] if event == RERUN]
    present = {run.name for runs in on_disk.values() for run in runs}
    deleted = [run for event, run in logged if event == DELETED and run not in present]
    names = _names(plan)
    for event, digits in found:
        if event == DELETED and not any(run.endswith(digits) for run in deleted):
            deleted.append(names.get(digits, digits))
    sentences = []
    if reruns:
        sentences.append(f"Repeated or edited after they had ended: {_listed(reruns)}.")
    if deleted:
        sentences.append(f"Deleted or made unreadable after they had ended: {_listed(deleted)}.")
    return sentences


def _names(plan: StudyPlan) -> dict[str, str]:
    """`-norm with seed 3` for each run, by the digits of its fingerprint that are in the name of a directory."""
    names: dict[str, str] = {}
    for cell in plan.cells:
        for seed, fingerprint in cell.runs.items():
            names.setdefault(fingerprint[:FINGERPRINT_DIGITS], f"{cell.name} with seed {seed}")
    return names


def _listed(runs: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(runs))
    return f"{plural(len(distinct), 'run')} ({list_with_more(distinct, MOST_LISTED)})"


def _on_disk(plan: StudyPlan, loaded: Loaded) -> EndedRuns:
    """The runs of a plan that have ended: those that were loaded, and the others in the same folders."""
    on_disk: EndedRuns = {}
    read: dict[str, set[str]] = {}
    for run in (*loaded.runs, *loaded.superseded):
        on_disk.setdefault(run.fingerprint, []).append(_ended_run(run))
        read.setdefault(os.path.dirname(run.path), set()).add(os.path.basename(run.path))
    for root in loaded.roots:
        for fingerprint, runs in find_ended(root, plan.ended, skip=read.get(str(root), set())).items():
            on_disk.setdefault(fingerprint, []).extend(runs)
    return on_disk


def _ended_run(run: Run) -> EndedRun:
    return EndedRun(os.path.basename(run.path), run.checksum)
