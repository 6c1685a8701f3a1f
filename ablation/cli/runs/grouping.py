"""The experiment and the variant of each run: a study with its cells, or the other runs on the same data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ablation.comparison.analysis.variant_labels import labels
from ablation.comparison.reading.all_runs import ListedRun
from ablation.comparison.reading.run import Diverged, Run, Unfinished
from ablation.rundir import study_plan
from ablation.text import list_with_more, natural_sort_key

MAX_NETWORKS = 3  # in the name of an experiment
NO_EXPERIMENT = "no experiment"  # of runs whose data is unknown: unreadable, or failed before it was loaded


@dataclass(frozen=True)
class Place:
    """Where a run belongs. variant: its label in comparisons. studies: all whose plans contain the run."""

    experiment: str
    variant: str
    studies: tuple[str, ...] = ()


@dataclass
class _Cells:
    """The cells that planned a run: the name of the study and of the cell, of each plan."""

    names: list[tuple[str, str]]

    @property
    def studies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(study for study, _ in self.names))


def places(runs: Sequence[ListedRun]) -> dict[Path, Place]:
    """The place of each run, by its directory."""
    planned = _planned(runs)
    found: dict[Path, Place] = {}
    others: dict[str, list[ListedRun]] = {}
    for listed in runs:
        cells = planned.get(listed.fingerprint or "")
        if cells is not None:
            study, cell = cells.names[0]
            found[listed.path] = Place(study, cell, cells.studies)
        elif listed.run is None:
            found[listed.path] = Place(NO_EXPERIMENT, "")
        else:
            others.setdefault(listed.run.data, []).append(listed)
    for data, group in others.items():
        found |= _places_of_group(data, group)
    return found


def _planned(runs: Iterable[ListedRun]) -> dict[str, _Cells]:
    """The cells that planned each run, by its fingerprint."""
    planned: dict[str, _Cells] = {}
    for root in dict.fromkeys(listed.path.parent for listed in runs):
        for path in study_plan.plan_paths(root):
            plan = study_plan.read_plan(path)
            if plan is None:
                continue
            for cell in plan.cells:
                for fingerprint in cell.runs.values():
                    cells = planned.setdefault(fingerprint, _Cells([]))
                    cells.names.append((plan.study.name, cell.name))
    return planned


def _places_of_group(data: str, group: Sequence[ListedRun]) -> dict[Path, Place]:
    first: dict[str, Run | Diverged | Unfinished] = {}
    for listed in group:
        if listed.run is not None:
            first.setdefault(listed.run.variant, listed.run)
    variants = cast(list[Run | Diverged], list(first.values()))  # labels need only what an unfinished run has too
    label_of = dict(zip(first, labels(variants), strict=True))
    networks = sorted({run.network for run in first.values()}, key=natural_sort_key)
    experiment = f"{list_with_more(networks, MAX_NETWORKS)} on {data}"
    found = {}
    for listed in group:
        if listed.run is not None:
            found[listed.path] = Place(experiment, label_of[listed.run.variant])
    return found
