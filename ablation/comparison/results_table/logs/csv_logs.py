"""CSV files that have a row for each epoch or step: Lightning's metrics.csv, Keras' CSVLogger, and the like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from ablation.comparison.results_table.formats.files import read_file
from ablation.comparison.results_table.logs.events import Series
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import gist, size

HPARAMS = "hparams.yaml"  # beside Lightning's metrics.csv
SUFFIXES = (".csv", ".tsv", ".log")
ORDERS = ("epoch", "step")  # columns that may number the rows, the more usual first
COUNTERS = frozenset({"epoch", "step", "global_step", "iteration", "iter", "batch"})  # columns that are no metrics
MISSING = frozenset({"", "na", "n/a", "null", "none"})  # what loggers write where nothing was measured
HEAD = 4096  # bytes that are read to recognise a log
MAX_HPARAMS, MAX_SETTINGS = 10**6, 10_000  # bytes and settings of hparams.yaml


@dataclass
class CsvLog:
    """What a log contains. restarts: how often its steps begin again."""

    series: dict[str, Series] = field(default_factory=dict)
    restarts: int = 0


def is_log(path: Path) -> bool:
    """Return whether a file begins with a header that names epochs or steps."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            header = file.read(HEAD).split(b"\n", 1)[0].decode(errors="replace").strip().lower()
    except OSError:
        return False
    names = [name.strip().strip('"') for name in header.replace("\t", ",").replace(";", ",").split(",")]
    return len(names) > 1 and any(order in names for order in ORDERS)


def read_log(path: Path) -> CsvLog:
    """The metrics in a log by step. If the steps begin again, as after a resume, later rows replace earlier ones.

    Rows without a step have none of the metrics that are read, as those of Lightning's LearningRateMonitor. Raises
    AblateError for a file that cannot be read, and for steps that are no numbers.
    """
    frame = read_file(path).frame
    order = _order(frame)
    log, seen, before = CsvLog(), set[str](), None
    for position, step in enumerate(frame[order]):
        if _is_missing(step):
            continue
        number = _step(path, order, step)
        if before is not None and number < before:
            log.restarts, seen = log.restarts + 1, set()
        before = number
        for name in frame.columns:
            cell = frame[name].iloc[position]
            if name.lower() not in COUNTERS and not _is_missing(cell):
                is_restart = log.restarts > 0 and name not in seen
                log.series.setdefault(name, Series()).put(number, cell, is_restart)
                seen.add(name)
    return log


def _order(frame: pd.DataFrame) -> str:
    """The column that numbers the rows: the first of ORDERS without gaps, or else the one with the fewest."""
    names = {name.lower(): name for name in frame.columns}
    found = [names[name] for name in ORDERS if name in names]
    return max(found, key=lambda name: int(frame[name].notna().sum()))  # the first of equal ones


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and cell.lower() in MISSING)


def _step(path: Path, order: str, cell: Any) -> int:
    try:
        return int(float(cell))
    except (TypeError, ValueError, OverflowError) as error:
        raise AblateError(
            f"A log must number its rows. Received {cell!r} in column {order} of {printable(str(path))}. Allowed: "
            "whole numbers. Leave the file out, or type the numbers into it"
        ) from error


# ---------------------------------------------------------------- hyperparameters


class _PlainLoader(yaml.SafeLoader):
    """Reads plain values, and nothing in place of objects of Python, which Lightning writes too."""


_PlainLoader.add_multi_constructor("", lambda loader, suffix, node: None)


def read_hparams(folder: Path) -> dict[str, Any]:
    """The settings in hparams.yaml, flat; empty without the file. Raises AblateError if it cannot be read."""
    path = folder / HPARAMS
    try:
        if path.stat().st_size > MAX_HPARAMS:
            raise ValueError(f"it is larger than {size(MAX_HPARAMS)}")
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_PlainLoader)
        return _flat(content) if isinstance(content, Mapping) else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise AblateError(
            f"The settings of a run cannot be read. Received {printable(str(path))}: {printable(gist(error))}. "
            "Allowed: YAML as Lightning writes it. Correct the file, or leave the folder out"
        ) from error


def _flat(values: Mapping[Any, Any], prefix: str = "") -> dict[str, Any]:
    """Settings with dots between their keys. Raises ValueError for too many, as aliases in YAML can make of few."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if len(flat) > MAX_SETTINGS:
            raise ValueError(f"it has more than {MAX_SETTINGS:,} settings")
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = (
                value if isinstance(value, str | int | float | bool) or value is None else str(value)
            )
    return flat
