"""The experiments that `ablate-compare` is about, and the sentences on runs that it excludes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ablation.cli.compare import table_request
from ablation.cli.compare.arguments import CompareArguments
from ablation.comparison.experiments.experiment import Experiments
from ablation.comparison.experiments.grouping import find, together
from ablation.comparison.experiments.narrowing import narrow, selection
from ablation.comparison.reading.load import load
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more

EXAMPLE = "ablate -m model=plain34,resnet34 seed=0,1,2"
EXPORTED = {  # folders of other programs, and how to make a table of them
    "mlruns": ("MLflow", "Type mlflow experiments csv -x EXPERIMENT_ID -o mlflow.csv, then ablate-compare mlflow.csv"),
    "wandb": ("W&B", "Export the table of runs in its web page as CSV, then type ablate-compare wandb_export.csv"),
}
MOST_LISTED = 12  # paths in one message
REMEDY = "Only completed runs are compared. Type a run's command again to finish it, with rerun=true if it diverged"
TABLE_REMEDY = "Only finished runs are compared. Finish the others, and export the table again"


def selected(arguments: CompareArguments) -> Experiments:
    """The experiments below the paths that the options select. Raises AblateError if none has a completed run."""
    if table_request.is_table(arguments):
        return _of_table(arguments)
    chosen = selection(arguments.study, arguments.experiment, arguments.where, arguments.tag)
    loaded = load(arguments.paths)
    if not loaded.runs and not loaded.excluded:
        if _has_logs(arguments.paths):
            return _of_table(arguments)
        raise AblateError(_no_runs(arguments.paths))
    experiments = narrow(together(loaded) if arguments.together else find(loaded), chosen)
    if not any(experiment.runs.runs for experiment in experiments):
        raise AblateError(_none_left(excluded_runs(experiments)))
    return experiments


def _of_table(arguments: CompareArguments) -> Experiments:
    options = table_request.table_options(arguments)
    from ablation.comparison.results_table.load import load as load_table  # imported late because pandas is slow

    return load_table(arguments.paths, options)


def excluded_runs(experiments: Experiments) -> list[tuple[Path, str]]:
    """The runs without a result, and what could not be read, each once, with the reason."""
    excluded: dict[Path, str] = {}
    for experiment in experiments:
        excluded |= dict(experiment.runs.excluded)
    return list((excluded | dict(experiments.unplaced)).items())


def _has_logs(paths: Sequence[Path]) -> bool:
    from ablation.comparison.results_table.logs.folder import has_logs  # imported late because pandas is slow

    return has_logs(paths)


def _no_runs(paths: Sequence[Path]) -> str:
    for path in paths:
        if path.name in EXPORTED:
            return (
                f"No run of ablate found, but a folder of {EXPORTED[path.name][0]}. Received {printable(str(path))}. "
                f"Allowed: its table of runs as a file. {EXPORTED[path.name][1]}"
            )
    searched = _listed((path if path.exists() else f"{path} (does not exist)" for path in paths), MOST_LISTED)
    return (
        f"No run found. Looked for folders with a run.json at and below: {searched}. "
        f"ablate writes runs, by default to outputs. Type for example {EXAMPLE}, then ablate-compare outputs/*"
    )


def _none_left(excluded: Sequence[tuple[Path, str]]) -> str:
    return f"Nothing to compare. Found {_reasons(excluded)}. {REMEDY}"


def excluded_sentence(excluded: Sequence[tuple[Path, str]], compared: int, is_table: bool = False) -> str:
    remedy = TABLE_REMEDY if is_table else REMEDY
    return f"Excluded {len(excluded)}, compared {compared}: {_reasons(excluded)}. {remedy}"


def _reasons(excluded: Sequence[tuple[Path, str]]) -> str:
    return _listed(f"{path} ({reason})" for path, reason in excluded)


def _listed(items: Iterable[object], most: int | None = None) -> str:
    """The items as printable text; those beyond `most` are only counted."""
    return list_with_more([printable(str(item)) for item in items], most)
