"""Name experiments as a person would: a study by its name, other runs by their networks and data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ablation.comparison.experiments.basis import AnyRun, Basis
from ablation.comparison.reading.study_plan import FoundPlan
from ablation.redaction import printable
from ablation.text import duplicates, list_with_more, natural_sort_key, number_duplicates

MAX_NETWORKS = 3  # in a name; more are only counted
MAX_NAME = 60  # characters
MAX_FOLDER = 60  # characters of a folder's name


@dataclass(frozen=True)
class Subject:
    """What is named. found: the plan of a study. basis: of other runs."""

    runs: Sequence[AnyRun]
    found: FoundPlan | None = None
    basis: Basis | None = None


def names(subjects: Sequence[Subject]) -> list[str]:
    """Unique names, in the order of the subjects.

    Runs without a study have the name that the user gave all of them, or else those of their networks and data.
    Equal names get what differs between the experiments: `resnet34 on digits, 10 epochs`.
    """
    chosen = [_name(subject) for subject in subjects]
    for positions in duplicates(chosen):
        for position, text in zip(positions, _distinct([subjects[each] for each in positions]), strict=True):
            if text:
                chosen[position] = f"{chosen[position]}, {text}"
    return number_duplicates(chosen)


def _name(subject: Subject) -> str:
    if subject.found is not None:
        return printable(subject.found.plan.study.name)
    given = {run.name for run in subject.runs}
    if len(given) == 1 and "" not in given:
        return _cut(printable(given.pop()))
    studies = {_study(run) for run in subject.runs}
    if len(studies) == 1 and "" not in studies:
        return _cut(f"{printable(studies.pop())} without its plan")
    networks = sorted({run.network for run in subject.runs}, key=natural_sort_key)
    data = list_with_more(sorted({run.data for run in subject.runs}))
    subject_text = list_with_more(networks) if len(networks) <= MAX_NETWORKS else f"{len(networks)} networks"
    return _cut(printable(f"{subject_text} on {data}"))


def _study(run: AnyRun) -> str:
    """The name of the study that planned a run first; empty if none did."""
    return run.plans[0].study if run.plans else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…"


def _distinct(subjects: Sequence[Subject]) -> list[str]:
    """What distinguishes subjects with equal names: as few texts as possible, in order of importance."""
    texts = [_texts(subject) for subject in subjects]
    chosen = [""] * len(subjects)
    for key in dict.fromkeys(key for each in texts for key in each):
        values = [each.get(key, "") for each in texts]
        if len(set(values)) == 1:
            continue
        longer = [", ".join(filter(None, pair)) for pair in zip(chosen, values, strict=True)]
        if len(set(longer)) > len(set(chosen)):
            chosen = longer
        if len(set(chosen)) == len(chosen):
            break
    return chosen


def _texts(subject: Subject) -> dict[str, str]:
    if subject.found is not None:
        return {"root": f"in {printable(subject.found.root.name or str(subject.found.root))}"}
    return {} if subject.basis is None else subject.basis.texts()


def folders(names_of_experiments: Sequence[str]) -> list[str]:
    """Unique names of folders, of letters, digits and hyphens: `resnet34-on-digits-10-epochs`."""
    folders_so_far: list[str] = []
    for name in names_of_experiments:
        folder = re.sub(r"\W+", "-", name.lower())[:MAX_FOLDER].strip("-") or "experiment"
        folders_so_far.append(_untaken(folder, folders_so_far))
    return folders_so_far


def _untaken(folder: str, taken: Sequence[str]) -> str:
    numbered, number = folder, 1
    while numbered in taken:
        number += 1
        numbered = f"{folder}-{number}"
    return numbered
