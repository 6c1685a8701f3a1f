"""An experiment: the runs that one table compares."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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

    homes: for each run directory, the name of the one experiment in which it counts; a run that several studies share
    counts in the first that planned it. unplaced: directories that belong to none, each with the reason.
    """

    found: tuple[Experiment, ...]
    homes: dict[Path, str] = field(default_factory=dict)
    unplaced: tuple[tuple[Path, str], ...] = ()

    def __iter__(self) -> Iterator[Experiment]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def shared_runs(self, experiment: Experiment) -> dict[str, int]:
        """How many runs of an experiment count in others, by the name of the other."""
        counts: dict[str, int] = {}
        for run in experiment.all_runs:
            home = self.homes.get(run.path, experiment.name)
            if home != experiment.name:
                counts[home] = counts.get(home, 0) + 1
        return counts
