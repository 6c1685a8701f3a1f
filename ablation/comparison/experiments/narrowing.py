"""Narrow experiments to some of them, or to some of their runs, as the options of a command say."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from ablation.comparison.analysis.variants import grouped
from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.comparison.experiments.grouping import own_part, placed
from ablation.comparison.experiments.naming import folders
from ablation.comparison.reading.conditions import Condition, check_keys, conditions, facts_of, has_tags, match_all
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir import layout
from ablation.rundir.study_plan import StudyPlan
from ablation.text import list_with_more

MAX_LISTED = 6  # names in an error
RESULTS = ("val_accuracy", "test_accuracy", "loss", "status")  # keys by which a verdict could be bent


@dataclass(frozen=True)
class Selection:
    """What narrows the experiments. study, experiment: a name. where: conditions on runs. tags: all of a run's."""

    study: str | None = None
    experiment: str | None = None
    where: tuple[Condition, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The options that leave out runs, as typed."""
        tags = [f"--tag {tag}" for tag in self.tags]
        return (*(f"--where {condition.typed}" for condition in self.where), *tags)


def selection(
    study: str | None, experiment: str | None, where: Sequence[str] = (), tags: Sequence[str] = ()
) -> Selection:
    """The selection of a command's options.

    where: `KEY=VALUE` each. Raises AblateError for a malformed condition, and for one on the result of a run.
    """
    parsed = conditions(where)
    for condition in parsed:
        if condition.key in RESULTS:
            raise AblateError(
                f"A comparison does not choose runs by their results. Received --where {quote(condition.typed)}. "
                f"Allowed: conditions on anything but {list_with_more(RESULTS)}. To list such runs, type for example "
                f"ablate-runs --where {quote(condition.typed)}"
            )
    return Selection(study, experiment, tuple(parsed), tuple(tags))


def narrow(experiments: Experiments, chosen: Selection) -> Experiments:
    """The experiments that are selected, with the runs that are selected; see `Selection`.

    A study keeps the baseline of the variants that are left, without which none could be judged, and the number of
    comparisons of its plan. Raises AblateError if nothing is left, or for an unknown name or key.
    """
    if chosen == Selection():
        return experiments
    found = list(experiments)
    if chosen.study is not None:
        found = _studies(found, chosen.study)
    if chosen.experiment is not None:
        found = [_named(found, chosen.experiment)]
    if chosen.words:
        found = _with_matching_runs(found, chosen)
    return placed(found, experiments.unplaced)


def _studies(found: Sequence[Experiment], name: str) -> list[Experiment]:
    """The experiments of the studies with a name; raises AblateError if there is none."""
    names = list(dict.fromkeys(experiment.plan.study.name for experiment in found if experiment.plan))
    if not names:
        raise AblateError(
            f"None of these runs belongs to a study. Received --study {name}. Allowed: a study whose plan is beside "
            f"the runs, in {layout.STUDIES}. Leave --study out, and name the baseline: --baseline NAME"
        )
    if name not in names:
        raise unknown("study", name, names, "--study")
    return [experiment for experiment in found if experiment.plan and experiment.plan.study.name == name]


def _named(found: Sequence[Experiment], name: str) -> Experiment:
    """The experiment with a name, or with a folder of this name, or whose name alone begins so."""
    names = [experiment.name for experiment in found]
    for possible in (names, folders(names)):
        if name in possible:
            return found[possible.index(name)]
    matches = [experiment for experiment in found if name and experiment.name.startswith(name)]
    if not matches:
        raise unknown("experiment", shlex.quote(printable(name)), map(shlex.quote, names), "--experiment")
    if len(matches) > 1:
        listed = list_with_more([experiment.name for experiment in matches], MAX_LISTED, "; ")
        raise AblateError(
            f"The name of the experiment is ambiguous. Received --experiment {printable(name)}, with which "
            f"{len(matches)} names begin: {listed}. Allowed: a beginning that only one of them has. "
            f"Type for example --experiment {shlex.quote(matches[0].name)}"
        )
    return matches[0]


def _with_matching_runs(found: Sequence[Experiment], chosen: Selection) -> list[Experiment]:
    """The experiments with a run that matches, each without those that do not. Raises AblateError if none matches."""
    where = check_keys(chosen.where, _config_keys(found))
    narrowed: list[Experiment] = []
    for experiment in found:
        matching = _matching(experiment, where, chosen.tags)
        if matching:
            narrowed.append(_narrowed(experiment, matching, chosen))
    if not narrowed:
        raise AblateError(
            f"No run is left. Received {list_with_more(chosen.words)}. Allowed: conditions that at least one run "
            "meets. Type for example ablate-runs, which lists the runs with their settings"
        )
    return narrowed


def _config_keys(found: Sequence[Experiment]) -> dict[str, None]:
    keys: dict[str, None] = {}
    for experiment in found:
        configs = {id(run.config): run.config for run in experiment.all_runs}  # runs share them
        for config in configs.values():
            keys |= dict.fromkeys(config)
    return keys


def _matching(experiment: Experiment, where: Sequence[Condition], tags: Sequence[str]) -> set[int]:
    """The ids of the runs that have all tags and meet all conditions."""
    labels = _labels(experiment) if any(condition.key == "variant" for condition in where) else {}
    studies = [experiment.plan.study.name] if experiment.plan else []
    matching: set[int] = set()
    for run in experiment.all_runs:
        facts = facts_of(run, variant=labels.get(run.path), studies=studies)
        if has_tags(run.tags, tags) and match_all(where, facts):
            matching.add(id(run))
    return matching


def _labels(experiment: Experiment) -> dict[Path, str]:
    """The label of the variant of each run, by the run's directory."""
    labels = {}
    for variant in grouped(experiment):
        for run in (*variant.runs, *variant.diverged, *variant.unfinished):
            labels[run.path] = variant.label
    return labels


def _narrowed(experiment: Experiment, matching: set[int], chosen: Selection) -> Experiment:
    """The experiment with the matching runs only. matching: their ids."""
    plan, members = experiment.plan, set(matching)
    if plan is not None:
        references = _references(plan, {run.fingerprint for run in experiment.all_runs if id(run) in matching})
        members |= {id(run) for run in experiment.all_runs if run.fingerprint in references}
    least_comparisons = experiment.least_comparisons
    if plan is None:  # a plan knows its own number
        variants = {run.variant for run in (*experiment.runs.runs, *experiment.runs.diverged)}
        least_comparisons = max(least_comparisons, len(variants) - 1)
    return replace(
        experiment,
        runs=own_part(experiment.runs, members),
        former=(),
        conditions=chosen.words,
        left_out=len(experiment.all_runs) - len(members),
        least_comparisons=least_comparisons,
    )


def _references(plan: StudyPlan, fingerprints: set[str]) -> set[str]:
    """The fingerprints of the cells with which cells of these runs are compared; of a factorial study, of the first."""
    runs = {cell.name: set(cell.runs.values()) for cell in plan.cells}
    names = {plan.cells[0].name} if not plan.comparisons else set()
    for cell, reference in plan.comparisons:
        if runs[cell] & fingerprints:
            names.add(reference)
    references: set[str] = set()
    for name in names:
        references |= runs[name]
    return references
