"""Find the experiments: each study is one, and the other runs are grouped by what must be equal to be comparable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ablation.comparison.experiments import naming
from ablation.comparison.experiments.basis import AnyRun, Basis, BasisReader
from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.comparison.reading import study_plan
from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import Run
from ablation.comparison.reading.study_plan import FoundPlan

ALL = "all runs"  # the name of an experiment of everything


@dataclass
class _Group:
    """Runs that belong together.

    found: the plan of a study. basis: of other runs. members: ids of its runs. former: ids of runs that only earlier
    plans of the study contain.
    """

    found: FoundPlan | None = None
    basis: Basis | None = None
    runs: list[AnyRun] = field(default_factory=list)
    members: set[int] = field(default_factory=set)
    former: list[AnyRun] = field(default_factory=list)

    def add(self, run: AnyRun) -> None:
        if id(run) not in self.members:
            self.members.add(id(run))
            self.runs.append(run)


def find(loaded: Loaded) -> Experiments:
    """Find the experiments of all loaded runs, the newest first."""
    plans = study_plan.find(loaded.roots)
    studies = _studies(loaded, plans.plans)
    placed_runs: set[int] = set()
    for group in studies:
        placed_runs |= group.members
    placed_runs |= _add_former(studies, loaded, placed_runs)
    groups = [*studies, *_groups(loaded, placed_runs)]
    names = naming.names([naming.Subject(group.runs, group.found, group.basis) for group in groups])
    experiments = []
    for group, name in zip(groups, names, strict=True):
        is_everything = len(groups) == 1 and not group.former
        own = loaded if is_everything else own_part(loaded, group.members, group.former)
        plan = None if group.found is None else group.found.plan
        experiments.append(Experiment(name, own, loaded, plan, plans.unreadable, tuple(group.former)))
    return placed(experiments, _unplaced(loaded))


def placed(experiments: Iterable[Experiment], unplaced: Iterable[tuple[Path, str]]) -> Experiments:
    """The experiments, newest first. unplaced: as in Experiments."""
    newest_first = sorted(experiments, key=lambda experiment: experiment.newest, reverse=True)
    return Experiments(tuple(newest_first), tuple(unplaced))


def together(loaded: Loaded) -> Experiments:
    """One experiment of all runs, whatever studies planned them and whatever they differ in.

    Holm's correction then counts at least the comparisons of any plan that planned one of the runs.
    """
    plans = study_plan.find(loaded.roots)
    fingerprints = {run.fingerprint for run in (*loaded.runs, *loaded.diverged)}
    counts = [0]
    for found in plans.plans:
        if fingerprints & found.plan.fingerprints():
            counts.append(found.plan.comparisons_with_history())
    for run in loaded.runs:
        counts += [reference.comparisons for reference in run.plans]
    everything = Experiment(ALL, loaded, loaded, unreadable_plans=plans.unreadable, least_comparisons=max(counts))
    return placed([everything], _unplaced(loaded))


# ---------------------------------------------------------------- studies


def _studies(loaded: Loaded, plans: Iterable[FoundPlan]) -> list[_Group]:
    """The studies with at least one run, each with its runs. A run may belong to several."""
    groups = []
    for found in plans:
        group, fingerprints = _Group(found), found.plan.fingerprints()
        seeds: set[tuple[str, int]] = set()
        for run in (*loaded.runs, *loaded.without_result):
            if run.fingerprint in fingerprints:
                group.add(run)
                seeds.add((run.variant, run.seed))
        for run in (*loaded.superseded, *loaded.without_result):  # even if an edited plugin gave another fingerprint
            if (run.variant, run.seed) in seeds:
                group.add(run)
        if group.runs:
            groups.append(group)
    return groups


def _add_former(studies: Sequence[_Group], loaded: Loaded, planned: set[int]) -> set[int]:
    """Add to each study the runs that only its earlier plans contain. Returns their ids. planned: ids of other runs."""
    study_of_fingerprint: dict[str, _Group] = {}
    study_of_name: dict[str, _Group] = {}
    for group in studies:
        if group.found is None:
            continue
        study_of_name.setdefault(group.found.plan.study.name, group)
        for past in group.found.plan.history:
            for fingerprint in past.runs:
                study_of_fingerprint.setdefault(fingerprint, group)
    added = set()
    for run in _not_in(planned, (*loaded.runs, *loaded.superseded, *loaded.without_result)):
        owners = [study_of_fingerprint.get(run.fingerprint)]
        owners += [study_of_name.get(reference.study) for reference in run.plans]
        owner = next((owner for owner in owners if owner is not None), None)
        if owner is not None:
            owner.former.append(run)
            added.add(id(run))
    return added


# ---------------------------------------------------------------- other runs


def _groups(loaded: Loaded, planned: set[int]) -> list[_Group]:
    """Group the runs that no study planned. One without a result joins the runs of its seed, variant or basis."""
    reader = BasisReader()
    by_basis: dict[Basis, _Group] = {}
    by_seed: dict[tuple[str, int], _Group] = {}
    by_variant: dict[str, _Group] = {}
    by_declared: dict[tuple, _Group] = {}
    for run in _not_in(planned, loaded.runs):
        basis = reader.basis(run)
        if basis not in by_basis:
            by_basis[basis] = _Group(basis=basis)
        group = by_basis[basis]
        group.add(run)
        by_seed[run.variant, run.seed] = group
        by_variant.setdefault(run.variant, group)
        by_declared.setdefault(basis.declared, group)
    for run in _not_in(planned, (*loaded.superseded, *loaded.without_result)):
        basis = reader.basis(run)
        places = (by_seed.get((run.variant, run.seed)), by_variant.get(run.variant), by_declared.get(basis.declared))
        group = next((place for place in places if place is not None), None)
        if group is None:
            group = by_basis[basis] = by_declared[basis.declared] = _Group(basis=basis)
        group.add(run)
    return list(by_basis.values())


def _not_in(members: set[int], runs: Iterable[AnyRun]) -> list[AnyRun]:
    return [run for run in runs if id(run) not in members]


# ---------------------------------------------------------------- parts of what was loaded


def own_part(loaded: Loaded, members: set[int], former: Iterable[AnyRun] = ()) -> Loaded:
    """The part of what was loaded that belongs to a group. members: ids of its runs. former: runs of earlier plans."""

    def own(runs: Sequence) -> list:
        return [run for run in runs if id(run) in members]

    without_result = own(loaded.without_result)
    directories = {run.path for run in without_result}
    checksums = {run.checksum for run in (*own(loaded.runs), *own(loaded.superseded))}
    checksums |= {run.checksum for run in former if isinstance(run, Run)}
    return replace(
        loaded,
        runs=own(loaded.runs),
        superseded=own(loaded.superseded),
        diverged=own(loaded.diverged),
        unfinished=own(loaded.unfinished),
        without_result=without_result,
        excluded=[(path, reason) for path, reason in loaded.excluded if path in directories],
        copies=[run for run in loaded.copies if run.checksum in checksums],
    )


def _unplaced(loaded: Loaded) -> list[tuple[Path, str]]:
    """Directories that could not be read as a run, with the reason."""
    readable = {run.path for run in loaded.without_result}
    return [(path, reason) for path, reason in loaded.excluded if path not in readable]
