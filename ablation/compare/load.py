"""Find and read runs. One that cannot be read or did not complete is set aside with the reason; it stops no other."""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablation import identity, rundir
from ablation.check import READER
from ablation.config import Config
from ablation.rundir import RECORD, Unreadable

LARGEST_COUNT, LARGEST_NUMBER = 2**63 - 1, 1e39  # what int64 and float32 can hold
# What shapes a result, at its schema default: a key added later changes no older run.
LEFT_OUT = identity.IGNORED | {"seed", "train.keep_weights"}
DEFAULTS = {k: v for k, v in identity.flat(Config()).items() if k not in LEFT_OUT}
# Keys that only some families, sources or schedules read: {"train.drops": ("train.schedule", ("step",)), …}.
READ_BY = {
    f"{group.name}.{field.name}": (
        f"{group.name}.{field.metadata.get('reader', READER[group.name])}",
        field.metadata["read_by"],
    )
    for group in dataclasses.fields(Config)
    if group.name in READER
    for field in dataclasses.fields(group.type)
    if "read_by" in field.metadata
}


@dataclass(frozen=True)
class Run:
    """One completed run. Accuracies are shares of 1; loss is the training loss of the last epoch."""

    path: Path
    network: str  # derived from the structure, such as resnet34
    data: str  # the data set's name
    digest: str  # of its images, labels and splits
    config: dict[str, Any]  # flat, without the seed and what does not shape the result
    variant: str  # equal for runs that differ in their seed alone
    seed: int
    name: str  # free text that the user gave it, or nothing
    attempt: int  # 1, of reruns 2, 3, …
    started: str  # ISO 8601, UTC; nothing in older records
    checksum: str
    validation_images: int
    test_images: int | None
    validated_on_test: bool
    parameters: int  # trainable
    macs: int
    seconds: float
    loss: float
    val_accuracy: float  # last epoch
    best_val_accuracy: float
    test_accuracy: float | None  # last weights
    history: dict[str, tuple[float, ...]]  # each column of history.csv, one value an epoch
    identity: str  # as a study's plan names the run
    facts: dict[str, Any]  # how it was run, as the record tells it: what the gate compares beside the config
    metrics: dict[str, Any]  # final, best, test, test_best


@dataclass(frozen=True)
class Diverged:
    """One run whose loss ceased to be a number: drawn as far as it came, and never averaged in. Fields as in Run."""

    path: Path
    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str
    seed: int
    history: dict[str, tuple[float, ...]]
    identity: str


@dataclass(frozen=True)
class Loaded:
    """runs: one a replicate. older: a newer one of the same replicate counts instead. skipped: with the reason."""

    runs: list[Run]
    older: list[Run]
    diverged: list[Diverged]
    skipped: list[tuple[Path, str]]


def load(paths: Iterable[Path]) -> Loaded:
    """Read every run at or below the paths; what is no run is passed over."""
    runs, diverged, skipped = [], [], []
    for directory in rundir.find(paths):
        try:
            run = read(directory)
            if isinstance(run, Diverged):
                diverged.append(run)
                raise Unreadable("diverged")
            runs.append(run)
        except rundir.Foreign:
            continue
        except Unreadable as error:
            skipped.append((directory, str(error)))
    return Loaded(*_newest(runs), diverged, skipped)


def _newest(runs: list[Run]) -> tuple[list[Run], list[Run]]:
    """Keep one run a (variant, seed): the newest. A copy, byte for byte the same record, leaves no trace.

    Within a folder attempts are numbered, which no clock can turn round; between folders the start decides.
    """
    last: dict[tuple[str, int, Path], Run] = {}
    for run in sorted(runs, key=lambda r: (r.attempt, r.started, r.checksum), reverse=True):
        last.setdefault((run.variant, run.seed, run.path.parent), run)
    kept: dict[tuple[str, int], Run] = {}
    for run in sorted(last.values(), key=lambda r: (r.started, r.attempt, r.checksum), reverse=True):
        kept.setdefault((run.variant, run.seed), run)
    checksums = {run.checksum for run in kept.values()}
    older = {run.checksum: run for run in runs if run.checksum not in checksums}
    return list(kept.values()), sorted(older.values(), key=lambda r: (r.variant, r.seed, r.attempt))


def read(directory: Path) -> Run | Diverged:
    """Read one run that ended. Raises Unreadable, with the reason, for any other and for a record of wrong types."""
    record = rundir.read_record(directory)
    status = _text(record, "status")
    if status not in rundir.FINAL:
        raise Unreadable(rundir.status(directory, record))
    config = shaping(_at(record, "config", dict))
    digest = _text(record, "data.digest")
    begun = status == "completed" or rundir.HISTORY in _at(record, "files", dict)  # or diverged in its first epoch
    history = _history(directory, record) if begun else []
    common = {
        "path": directory,
        "network": _text(record, "network.name"),
        "data": _text(record, "data.name"),
        "digest": digest,
        "config": config,
        "variant": json.dumps([config, digest], sort_keys=True),
        "seed": _at(record, "seed", int),
        "history": {name: tuple(row[name] for row in history) for name in rundir.HISTORY_COLUMNS},
        "identity": _text(record, "identity"),
    }
    if status == "diverged":
        return Diverged(**common)
    return Run(
        **common,
        name=_at(record, "name", str, type(None)) or "",
        attempt=_at(record, "attempt", int) if "attempt" in record else 1,
        started=str(_at(record, "timings", dict).get("started", "")),
        checksum=_text(record, "checksum"),
        validation_images=_count(record, "data.validation"),
        test_images=_count(record, "data.test") if _at(record, "data", dict).get("test") is not None else None,
        validated_on_test=record.get("selected_on") == "test",
        parameters=_count(record, "network.trainable_parameters"),
        macs=_count(record, "network.macs"),
        seconds=_number(record, "timings.seconds"),
        loss=_number(record, "metrics.final.loss"),
        val_accuracy=_number(record, "metrics.final.val_accuracy", 0, 1),
        best_val_accuracy=_number(record, "metrics.best.val_accuracy", 0, 1),
        test_accuracy=_test_accuracy(record),
        facts=_facts(record),
        metrics={name: score for name, score in _at(record, "metrics", dict).items() if isinstance(score, dict)},
    )


def _facts(record: dict[str, Any]) -> dict[str, Any]:
    """What may differ between two runs that their configs do not tell. A record of an older version lacks some."""
    parts = {name: record.get(name) for name in ("exactness", "versions", "hardware", "git", "steps", "data")}
    return {
        "code": record.get("code"),
        "selected_on": record.get("selected_on"),
        **{name: part if isinstance(part, dict) else {} for name, part in parts.items()},
    }


def shaping(config: dict[str, Any]) -> dict[str, Any]:
    """Flatten a recorded config to what shapes the result; a key that the run did not read is null.

    Where null is no value of a key any more, an older record's null stands for the default.
    """
    flat = dict(DEFAULTS)
    for name, value in config.items():
        flat |= {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {name: value}
    unread = {key for key, (reader, by) in READ_BY.items() if flat.get(reader) not in by}
    kept = (k for k in flat if k not in LEFT_OUT)
    return {k: None if k in unread else DEFAULTS.get(k) if flat[k] is None else flat[k] for k in kept}


def _history(directory: Path, record: dict[str, Any]) -> list[dict[str, float]]:
    rows = rundir.read_history(directory, record)
    if not rows or [row["epoch"] for row in rows] != list(range(1, len(rows) + 1)):
        raise Unreadable(f"{rundir.HISTORY} does not have the epochs from 1, once each")
    if not all(abs(row["loss"]) <= LARGEST_NUMBER and 0 <= row["val_accuracy"] <= 1 for row in rows):
        raise Unreadable(f"{rundir.HISTORY} has no usable loss or val_accuracy")
    return rows


def _test_accuracy(record: dict[str, Any]) -> float | None:
    """None where there is no test split."""
    return None if _at(record, "metrics", dict).get("test") is None else _number(record, "metrics.test.accuracy", 0, 1)


def _at(record: dict[str, Any], key: str, *types: type) -> Any:
    value: Any = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, types) or isinstance(value, bool):
        raise Unreadable(f"{RECORD} has no usable {key}")
    return value


def _text(record: dict[str, Any], key: str) -> str:
    return _at(record, key, str)


def _number(record: dict[str, Any], key: str, low: float = -LARGEST_NUMBER, high: float = LARGEST_NUMBER) -> float:
    value = _at(record, key, int, float)
    if not low <= value <= high:
        raise Unreadable(f"{RECORD} has no usable {key}")
    return float(value)


def _count(record: dict[str, Any], key: str) -> int:
    value = _at(record, key, int)
    if not 0 <= value <= LARGEST_COUNT:
        raise Unreadable(f"{RECORD} has no usable {key}")
    return value
