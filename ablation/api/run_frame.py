"""`ablation.runs`: every run below some paths as a DataFrame."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ablation.api.paths import Paths, as_paths
from ablation.cli.runs.arguments import RunsArguments
from ablation.cli.runs.missing import no_runs
from ablation.cli.runs.selection import Row, rows
from ablation.comparison.reading.all_runs import read_all
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.rundir.record import RESULT

# Of the columns of a score.
PREFIXES = {"final": "", "best": "best_", "test": "test_", "test_best": "test_best_", RESULT: ""}
FACTS = ("path", "status", "reason", "experiment", "variant", "studies", "network", "data", "seed", "name", "tags")
MORE_FACTS = ("started", "size", "fingerprint")
METRICS = (
    *("loss", "accuracy", "val_loss", "val_accuracy"),
    *("best_loss", "best_accuracy", "best_val_loss", "best_val_accuracy"),
    *("test_loss", "test_accuracy", "test_best_loss", "test_best_accuracy"),
)
COSTS = ("epochs", "best_epoch", "parameters", "macs", "seconds")
TEXTS = ("path", "status", "reason", "experiment", "variant", "network", "data", "name", "fingerprint")
WHOLE_NUMBERS = ("seed", "size", "epochs", "best_epoch", "parameters", "macs")


def runs(paths: Paths) -> pd.DataFrame:
    """List all runs; see `ablation.runs`."""
    roots = as_paths(paths)
    found = read_all(roots)
    arguments = RunsArguments(roots)
    if not found.runs:
        raise AblateError(no_runs(arguments, found))
    _warn_of(found.refused)
    return frame(rows(found, arguments))


def _warn_of(refused: Iterable[tuple[Path, str]]) -> None:
    for path, reason in refused:
        warnings.warn(f"Not searched: {printable(str(path))} ({reason})", stacklevel=4)


def frame(listed: Sequence[Row]) -> pd.DataFrame:
    """The runs as a DataFrame with the columns that `ablation.runs` describes."""
    table = pd.DataFrame([{**row.listed.config, **_values(row)} for row in listed])
    own, keys = [*FACTS, *MORE_FACTS, *METRICS], _config_keys(listed)
    config = [key for key in keys if key not in {*own, *COSTS}]
    further = sorted(set(table.columns) - {*own, *COSTS, *config})
    table = table.reindex(columns=[*own, *further, *COSTS, *config])
    types: dict[str, Any] = dict.fromkeys([*METRICS, *further, "seconds"], float)
    types |= dict.fromkeys(WHOLE_NUMBERS, "Int64") | dict.fromkeys(TEXTS, "str")
    table = table.astype(types)
    table["started"] = pd.to_datetime(table["started"], utc=True)
    return table


def _config_keys(listed: Sequence[Row]) -> list[str]:
    """The keys of all configurations, in their order, those of the groups first."""
    configs = {id(row.listed.config): row.listed.config for row in listed}  # most runs share them
    keys: dict[str, None] = {}
    for config in configs.values():
        keys |= dict.fromkeys(config)
    return sorted(keys, key=lambda key: "." not in key)


def _values(row: Row) -> dict[str, Any]:
    """The values of a run by column, without its configuration."""
    listed, run, completed = row.listed, row.listed.run, row.run
    values: dict[str, Any] = {
        "path": str(listed.path),
        "status": listed.status,
        "reason": listed.reason or None,
        "experiment": row.place.experiment,
        "variant": row.place.variant or None,
        "studies": row.place.studies,
        "network": None if run is None else run.network,
        "data": None if run is None else run.data,
        "seed": listed.seed,
        "name": listed.name or None,
        "tags": listed.tags,
        "started": listed.started,
        "size": listed.size,
        "fingerprint": listed.fingerprint,
    }
    if completed is not None:
        values |= {"parameters": completed.parameters, "macs": completed.macs, "seconds": completed.seconds}
        values |= _metrics(completed.metrics.scores)
    return values


def _metrics(scores: dict[str, dict[str, float] | None]) -> dict[str, float]:
    """`{"val_accuracy": 0.95, "best_val_accuracy": 0.96, "test_loss": 0.1, …}`; those that were measured."""
    values = {}
    for score, measured in scores.items():
        for name, value in (measured or {}).items():
            column = f"{PREFIXES.get(score, f'{score}_')}{name}"
            values["epochs" if column == "epoch" else column] = value
    return values
