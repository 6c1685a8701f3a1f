"""index.json: all experiments of a comparison, and where each run counts."""

import json as standard_json
from collections.abc import Mapping
from dataclasses import dataclass

from ablation.comparison.experiments.experiment import Experiment
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.tables.export import FORMAT, strict

COMPARED, SUPERSEDED, COPY, FORMER = (
    "compared",
    "superseded",
    "copy",
    "not in the present plan",
)  # statuses beside those of run.json


@dataclass(frozen=True)
class Written:
    """The files of an experiment. inputs: a digest of everything that they show."""

    inputs: str
    files: tuple[str, ...]


def index_json(overview: Overview, written: Mapping[str, Written]) -> str:
    """Write index.json as strict JSON. Every run directory that was found stands in it once.

    written: the files of the experiments, by folder.

    experiments: newest first. runs: each with the experiment in which it counts; a run that several studies share names
    the others in `also_in`. excluded: directories that could not be read as a run.
    """
    document = {
        "format": FORMAT,
        "experiments": [_experiment(item, written) for item in overview.items],
        "runs": _runs(overview),
        "excluded": [{"path": str(path), "reason": reason} for path, reason in overview.experiments.unplaced],
    }
    return standard_json.dumps(strict(document), indent=2, allow_nan=False) + "\n"


def _experiment(item: Compared | NotCompared, written: Mapping[str, Written]) -> dict[str, object]:
    experiment = item.experiment
    values: dict[str, object] = {
        "name": experiment.name,
        "study": experiment.plan.study.name if experiment.plan else None,
        "plan": experiment.plan.hash if experiment.plan else None,
        "newest": experiment.newest or None,
        "runs": len(experiment.all_runs) + len(experiment.former),
    }
    if isinstance(item, NotCompared):
        return {**values, "folder": None, "reason": item.reason, "variants": []}
    comparison = item.comparison
    variants = []
    for record in item.table.records:
        variants.append({"variant": record.summary.variant, "n": record.summary.n, "verdict": record.verdict})
    files = written.get(item.folder, Written("", ()))
    return {
        **values,
        "folder": item.folder,
        "inputs": files.inputs,
        "files": list(files.files),
        "metric": comparison.metric.key,
        "baseline": comparison.baseline,
        "exploratory": bool(comparison.exploratory),
        "variants": variants,
    }


def _runs(overview: Overview) -> list[dict[str, object]]:
    """One entry for each run directory, sorted by its path."""
    statuses: dict[str, str] = {}
    homes: dict[str, str] = {}
    others: dict[str, list[str]] = {}
    for experiment in overview.experiments:
        for path, status in _statuses(experiment).items():
            name, home = str(path), overview.experiments.homes[path]
            statuses.setdefault(name, status)
            homes[name] = home
            if experiment.name != home:
                others.setdefault(name, []).append(experiment.name)
    entries = []
    for name in sorted(statuses):
        entry = {"path": name, "experiment": homes[name], "status": statuses[name], "also_in": others.get(name, [])}
        entries.append(entry)
    return entries


def _statuses(experiment: Experiment) -> dict:
    """{directory: what became of the run}."""
    loaded = experiment.runs
    statuses = {run.path: COMPARED for run in loaded.runs}
    statuses |= {run.path: SUPERSEDED for run in loaded.superseded}
    statuses |= {run.path: COPY for run in loaded.copies}
    statuses |= {run.path: FORMER for run in experiment.former}
    return statuses | dict(loaded.excluded)
