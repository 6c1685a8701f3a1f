"""The experiment and the variant of each run, with the names that comparisons give them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from ablation.comparison.analysis.variants import grouped
from ablation.comparison.experiments.experiment import Experiment
from ablation.comparison.experiments.grouping import find
from ablation.comparison.labels.variant_labels import labels
from ablation.comparison.reading.all_runs import ListedRun
from ablation.comparison.reading.load import Loaded, assemble
from ablation.comparison.reading.run import Diverged, Run, Unfinished

NO_EXPERIMENT = "no experiment"  # of runs whose data is unknown: unreadable, or failed before it was loaded
AnyRun = Run | Diverged | Unfinished


@dataclass(frozen=True)
class Place:
    """Where a run belongs. variant: its label in comparisons. studies: all whose plans contain the run."""

    experiment: str
    variant: str
    studies: tuple[str, ...] = ()


def places(runs: Sequence[ListedRun]) -> dict[Path, Place]:
    """The place of each run, by its directory."""
    experiments = find(_loaded(runs))
    studies: dict[Path, list[str]] = {}
    found: dict[Path, Place] = {}
    for experiment in experiments:
        label_of = _labels(experiment)
        for run in _all_runs(experiment):
            if experiment.plan is not None:
                studies.setdefault(run.path, []).append(experiment.plan.study.name)
            if experiments.homes[run.path] == experiment.name:
                found[run.path] = Place(experiment.name, label_of[run.variant])
    for path, names in studies.items():
        found[path] = replace(found[path], studies=tuple(dict.fromkeys(names)))
    for listed in runs:
        found.setdefault(listed.path, Place(NO_EXPERIMENT, ""))
    return found


def _loaded(runs: Sequence[ListedRun]) -> Loaded:
    readable = [(listed.path, listed.run) for listed in runs if listed.run is not None]
    roots = dict.fromkeys(os.path.dirname(listed.path) for listed in runs)
    return replace(assemble(readable), roots=tuple(map(Path, roots)))


def _all_runs(experiment: Experiment) -> list[AnyRun]:
    return [*experiment.all_runs, *experiment.former, *experiment.runs.copies]


def _labels(experiment: Experiment) -> dict[str, str]:
    """The label of each variant, by `Run.variant`: as in comparisons, also of one that is in none so far."""
    label_of: dict[str, str] = {}
    for variant in grouped(experiment):
        for run in (*variant.runs, *variant.diverged, *variant.unfinished):
            label_of.setdefault(run.variant, variant.label)
    first: dict[str, AnyRun] = {}
    for run in _all_runs(experiment):
        first.setdefault(run.variant, run)
    if first.keys() <= label_of.keys():
        return label_of
    variants = cast(list[Run | Diverged], list(first.values()))  # labels need only what an unfinished run has too
    all_labels = {name: label.text for name, label in zip(first, labels(variants), strict=True)}
    return all_labels | label_of
