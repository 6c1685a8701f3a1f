"""An experiment: the runs that one table compares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ablation.comparison.experiments.basis import AnyRun
from ablation.comparison.reading.load import Loaded
from ablation.rundir.study_plan import StudyPlan


@dataclass(frozen=True)
class Experiment:
    """The runs of a study, or other runs that agree in data, split, length, precision, backend and code.

    name: unique among the experiments. runs: its own runs, as loaded. everything: all runs that were loaded, for what a
    verdict must disclose. plan: of the study; None for other runs. unreadable_plans: plans beside the runs that are
    damaged or were edited. former: runs that only earlier plans of the study contain. conditions: the options that
    narrow it, as typed. left_out: the number of runs that they leave out. least_comparisons: the number that Holm's
    correction counts at least, because so many variants were there before it was narrowed, or in a plan of the runs.
    unplanned: why a comparison of these runs is exploratory; empty for the usual reason. notes: sentences about the
    source of runs that ablate did not train. block: what the blocks of runs differ in; empty without blocks.
    """

    name: str
    runs: Loaded
    everything: Loaded
    plan: StudyPlan | None = None
    unreadable_plans: tuple[Path, ...] = ()
    former: tuple[AnyRun, ...] = ()
    conditions: tuple[str, ...] = ()
    least_comparisons: int = 0
    left_out: int = 0
    unplanned: str = ""
    notes: tuple[str, ...] = ()
    block: str = ""

    @property
    def is_study(self) -> bool:
        return self.plan is not None

    @cached_property
    def all_runs(self) -> list[AnyRun]:
        """Every run of the experiment, in whatever state, once; copies are left out."""
        return [*self.runs.runs, *self.runs.superseded, *self.runs.without_result]

    @property
    def newest(self) -> str:
        """When its newest run started, in ISO 8601; empty if no run says so."""
        return max((run.started for run in self.all_runs), default="")


@dataclass(frozen=True)
class Experiments:
    """All experiments below some paths, the newest first.

    unplaced: directories that belong to none, each with the reason.
    """

    found: tuple[Experiment, ...]
    unplaced: tuple[tuple[Path, str], ...] = ()

    def __iter__(self) -> Iterator[Experiment]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    @cached_property
    def homes(self) -> dict[Path, str]:
        """For each run directory, the name of the one experiment in which it counts.

        A run that several studies share counts in the first that planned it.
        """
        return _homes(self.found)

    def shared_runs(self, experiment: Experiment) -> dict[str, int]:
        """How many runs of an experiment count in others, by the name of the other."""
        counts: dict[str, int] = {}
        for run in experiment.all_runs:
            home = self.homes.get(run.path, experiment.name)
            if home != experiment.name:
                counts[home] = counts.get(home, 0) + 1
        return counts


def _homes(experiments: Sequence[Experiment]) -> dict[Path, str]:
    """The experiment in which each run counts: its only one, or the study that planned it first."""
    candidates: dict[Path, list[Experiment]] = {}
    first_planned: dict[Path, list[str]] = {}
    for experiment in experiments:
        for run in (*experiment.all_runs, *experiment.former, *experiment.runs.copies):
            candidates.setdefault(run.path, []).append(experiment)
            first_planned[run.path] = [reference.study for reference in run.plans]
    homes = {}
    for path, possible in candidates.items():
        homes[path] = possible[0].name if len(possible) == 1 else _home(possible, first_planned.get(path, [])).name
    return homes


def _home(possible: Sequence[Experiment], planned_by: Sequence[str]) -> Experiment:
    """The experiment of the study that planned a run first, or else the oldest one."""
    for name in planned_by:
        for experiment in possible:
            if experiment.plan is not None and experiment.plan.study.name == name:
                return experiment
    return min(possible, key=lambda experiment: (experiment.plan and experiment.plan.planned or "", experiment.name))
