"""Find and read runs. One that cannot be read or did not complete is set aside with the reason; it stops no other."""

import dataclasses
import gc
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from ablation import identity, rundir
from ablation.check import READER
from ablation.compare import index
from ablation.config import Config
from ablation.rundir import RECORD, Unreadable

LARGEST_COUNT, LARGEST_NUMBER = 2**63 - 1, 1e39  # what int64 and float32 can hold
MOST_TAGS, LONGEST_TAG = 32, 200  # of a run, and characters of one
DEEPEST = 16  # lists and objects within each other, in what is kept of a record
LARGEST_CONFIG, LARGEST_FACTS = 2**14, 2**16  # characters as JSON: tables and labels repeat them in every row
LONGEST_NAME = 1000
MEASURED = rundir.HISTORY_COLUMNS[1:]  # all but the epoch, which counts from 1
PLACE = {name: i for i, name in enumerate(MEASURED)}
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


class History(Mapping):
    """The columns of a history.csv, {name: float64 (epochs,)}.

    columns: float64 (len(MEASURED), epochs), the same without the epochs, for arithmetic over many runs.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: np.ndarray):
        self.columns = columns

    @property
    def epochs(self) -> int:
        return self.columns.shape[1]

    def __getitem__(self, name: str) -> np.ndarray:
        return np.arange(1.0, self.epochs + 1) if name == "epoch" else self.columns[PLACE[name]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and np.array_equal(self.columns, other.columns)

    __hash__ = None

    def __iter__(self) -> Iterator[str]:
        return iter(rundir.HISTORY_COLUMNS)

    def __len__(self) -> int:
        return len(rundir.HISTORY_COLUMNS)


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
    history: Mapping[str, np.ndarray]  # each column of history.csv, float64 (epochs,)
    identity: str  # as a study's plan names the run
    facts: dict[str, Any]  # how it was run, as the record tells it: what the gate compares beside the config
    metrics: dict[str, Any]  # final, best, test, test_best
    tags: tuple[str, ...] = ()  # free words that the user gave it


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
    history: Mapping[str, np.ndarray]
    identity: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """runs: one a replicate. older: a newer one of the same replicate counts instead. skipped: with the reason.

    roots: folders that any of them lie in, copies too.
    """

    runs: list[Run]
    older: list[Run]
    diverged: list[Diverged]
    skipped: list[tuple[Path, str]]
    roots: tuple[Path, ...] = ()


# What the index keeps of each run; config and facts, which runs share, it keeps once.
KEPT: dict[str, tuple[type, ...]] = {
    "seed": (int,),
    "name": (str,),
    "attempt": (int,),
    "started": (str,),
    "checksum": (str,),
    "validation_images": (int,),
    "test_images": (int, NoneType),
    "validated_on_test": (bool,),
    "parameters": (int,),
    "macs": (int,),
    "seconds": (float,),
    "loss": (float,),
    "val_accuracy": (float,),
    "best_val_accuracy": (float,),
    "test_accuracy": (float, NoneType),
    "identity": (str,),
    "metrics": (dict,),
    "tags": (list,),
}
TYPES = frozenset(product(*KEPT.values()))  # as the types of a row's values may be


@dataclass(frozen=True)
class Arm:
    """What the runs of a variant have in common; fields as in Run."""

    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str


class Shared:
    """What many runs have in common, once: arms and facts, by their text."""

    def __init__(self):
        self._values: dict[str, Any] = {}
        self._texts: dict[int, str] = {}

    def arm(self, network: str, data: str, digest: str, config: dict[str, Any]) -> Arm:
        text = json.dumps([network, data, digest, config])
        if text not in self._values:
            _short(text, "config", LARGEST_CONFIG)
            variant = json.dumps([config, digest], sort_keys=True)
            self._add(text, Arm(network, data, digest, _shallow(config), variant), config)
        return self._values[text]

    def facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(facts)
        if text not in self._values:
            told = json.dumps({**facts, "data": None}) if len(text) > LARGEST_FACTS else ""  # classes may be many
            _short(told, "story of how it was run", LARGEST_FACTS)
            self._add(text, _shallow(facts), facts)
        return self._values[text]

    def texts(self, run: Run) -> tuple[str, str]:
        """As `read_arm` and `read_facts` take them."""
        return self._texts[id(run.config)], self._texts[id(run.facts)]

    def read_arm(self, text: str) -> Arm:
        if not isinstance(self._values.get(text), Arm):
            arm = json.loads(text)
            if [type(part) for part in arm] != [str, str, str, dict]:
                raise Unreadable("no arm")
            return self.arm(*arm)
        return self._values[text]

    def read_facts(self, text: str) -> dict[str, Any]:
        if not isinstance(self._values.get(text), dict):
            facts = json.loads(text)
            if not isinstance(facts, dict) or facts.keys() != FACTS.keys() | PARTS.keys():
                raise Unreadable("no facts")
            if not all(isinstance(facts[name], dict) for name in PARTS):
                raise Unreadable("no parts of facts")
            return self.facts(facts)
        return self._values[text]

    def _add(self, text: str, value: Any, named: Any) -> None:
        self._values[text] = value
        self._texts[id(named)] = text


def load(paths: Iterable[Path]) -> Loaded:
    """Read every run at or below the paths; what is no run is passed over. The index beside the runs spares reading."""
    with _uncollected():
        return _load(paths)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without passes over all that was read so far in search of garbage: a third of the time, and there is none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _load(paths: Iterable[Path]) -> Loaded:
    runs, diverged = [], []
    folders, skipped = rundir.survey(paths)
    indexes, shared = index.Indexes(folders, list(KEPT), len(MEASURED), _usable), Shared()
    for number, directory in enumerate(folders):
        row = indexes.get(number)
        run = _known(directory, row, shared) if row else None
        try:
            if run is None:
                run = read(directory, shared)
                if isinstance(run, Run):
                    values = [list(run.tags) if name == "tags" else getattr(run, name) for name in KEPT]
                    indexes.keep(number, index.Row(values, shared.texts(run), run.history.columns))
            if isinstance(run, Diverged):
                diverged.append(run)
                raise Unreadable("diverged")
            runs.append(run)
        except rundir.Foreign:
            continue
        except Unreadable as error:
            skipped.append((directory, str(error)))
    indexes.write()
    roots = sorted({os.path.dirname(directory) for directory in folders})
    return Loaded(*_newest(runs), diverged, skipped, tuple(map(Path, roots)))


def _known(directory: Path, row: index.Row, shared: Shared) -> Run | None:
    """The run as the index has it; None where that is nothing that a record could have told."""
    if tuple(map(type, row.values)) not in TYPES:
        return None
    kept = dict(zip(KEPT, row.values, strict=True))
    counts = (kept["validation_images"], kept["test_images"] or 0, kept["parameters"], kept["macs"], kept["attempt"])
    shares = (kept["val_accuracy"], kept["best_val_accuracy"], kept["test_accuracy"] or 0)
    if not (0 <= min(counts) and max(*counts, abs(kept["seed"])) <= LARGEST_COUNT):
        return None
    if not all(0 <= share <= 1 for share in shares):
        return None
    if not (abs(kept["seconds"]) <= LARGEST_NUMBER and abs(kept["loss"]) <= LARGEST_NUMBER):
        return None
    try:
        arm, facts = shared.read_arm(row.texts[0]), shared.read_facts(row.texts[1])
        kept["metrics"], kept["tags"] = _metrics(kept["metrics"]), tags(kept["tags"])
    except (Unreadable, ValueError, TypeError, IndexError, RecursionError):
        return None
    return Run(path=directory, **vars(arm), history=History(row.history), facts=facts, **kept)


def _newest(runs: list[Run]) -> tuple[list[Run], list[Run]]:
    """Keep one run a (variant, seed): the newest. A copy, byte for byte the same record, leaves no trace.

    Within a folder attempts are numbered, which no clock can turn round; between folders the start decides.
    """
    last: dict[tuple[str, int, str], Run] = {}
    for run in sorted(runs, key=lambda r: (r.attempt, r.started, r.checksum), reverse=True):
        last.setdefault((run.variant, run.seed, os.path.dirname(run.path)), run)
    kept: dict[tuple[str, int], Run] = {}
    for run in sorted(last.values(), key=lambda r: (r.started, r.attempt, r.checksum), reverse=True):
        kept.setdefault((run.variant, run.seed), run)
    checksums = {run.checksum for run in kept.values()}
    older = {run.checksum: run for run in runs if run.checksum not in checksums}
    return list(kept.values()), sorted(older.values(), key=lambda r: (r.variant, r.seed, r.attempt))


def read(directory: Path, shared: Shared | None = None) -> Run | Diverged:
    """Read one run that ended. Raises Unreadable, with the reason, for any other and for a record of wrong types."""
    shared = shared or Shared()
    record = rundir.read_record(directory)
    status = _text(record, "status")
    if status not in rundir.STATUSES:
        raise Unreadable(f"{RECORD} has no usable status")
    if status not in rundir.FINAL:
        raise Unreadable(rundir.status(directory, record))
    config = shaping(_at(record, "config", dict))
    arm = shared.arm(_text(record, "network.name"), _text(record, "data.name"), _text(record, "data.digest"), config)
    begun = status == "completed" or rundir.HISTORY in _at(record, "files", dict)  # or diverged in its first epoch
    common = {
        "path": directory,
        **vars(arm),
        "seed": _count(record, "seed", -LARGEST_COUNT),
        "history": _read_history(directory, record) if begun else History(np.empty((len(MEASURED), 0))),
        "identity": _text(record, "identity"),
        "tags": tags(record.get("tags")),
    }
    if status == "diverged":
        return Diverged(**common)
    return Run(
        **common,
        name=(_at(record, "name", str, type(None)) or "")[:LONGEST_NAME],
        attempt=_count(record, "attempt") if "attempt" in record else 1,
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
        facts=shared.facts(_facts(record)),
        metrics=_metrics(_at(record, "metrics", dict)),
    )


# What may differ between two runs that their configs do not tell: texts, and groups of several.
FACTS = {"code": None, "selected_on": None, "plugins": None}
PARTS = {name: {} for name in ("exactness", "versions", "hardware", "git", "steps", "data")}


def _facts(record: dict[str, Any]) -> dict[str, Any]:
    """A record of an older version lacks some."""
    parts, own = {name: record.get(name) for name in PARTS}, record.get("plugins")
    return {
        **{name: record.get(name) for name in FACTS},
        "plugins": (" ".join(map(str, own))[:1000] or "none") if isinstance(own, list) else None,
        **{name: part if isinstance(part, dict) else {} for name, part in parts.items()},
    }


def _metrics(told: dict[str, Any]) -> dict[str, dict[str, float]]:
    """What was measured, without what was not. Raises Unreadable where something is no number."""
    scores = {name: score for name, score in told.items() if score and isinstance(score, dict)}
    for name, score in scores.items():
        for key, value in score.items():
            if type(value) not in (int, float) or not abs(value) <= LARGEST_COUNT:
                raise Unreadable(f"{RECORD} has no usable metrics.{name}.{key}"[:200])
    return scores


def tags(told: Any) -> tuple[str, ...]:
    """The texts of a list, at most MOST_TAGS and none longer than LONGEST_TAG; anything else has no tag in it."""
    if not isinstance(told, list):
        return ()
    return tuple(tag[:LONGEST_TAG] for tag in told[:MOST_TAGS] if isinstance(tag, str))


def _short(text: str, what: str, most: int) -> None:
    if len(text) > most:
        raise Unreadable(f"{RECORD} has a {what} of more than {most:,} characters")


def _shallow(value: Any) -> Any:
    """The value. Raises Unreadable where lists and objects lie so deep in it that walking them may end the process."""
    level = [value]
    for _ in range(DEEPEST):
        level = [v for part in level for v in (part.values() if isinstance(part, dict) else part)]
        level = [part for part in level if isinstance(part, dict | list)]
        if not level:
            return value
    raise Unreadable(f"{RECORD} is nested deeper than {DEEPEST}")


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


def _read_history(directory: Path, record: dict[str, Any]) -> History:
    epochs, *_ = columns = rundir.read_columns(directory, record)
    if not np.array_equal(epochs, np.arange(1, len(epochs) + 1)):
        raise Unreadable(f"{rundir.HISTORY} does not have the epochs from 1, once each")
    if not _usable(columns[1:]):
        raise Unreadable(f"{rundir.HISTORY} has no usable loss or val_accuracy")
    return History(columns[1:])


def _usable(columns: np.ndarray) -> bool:
    """Are loss and val_accuracy, in float64 (len(MEASURED), some), what they can be?"""
    loss, accuracy = columns[PLACE["loss"]], columns[PLACE["val_accuracy"]]
    return bool(abs(loss).max() <= LARGEST_NUMBER and 0 <= accuracy.min() and accuracy.max() <= 1)  # not so with a nan


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


def _count(record: dict[str, Any], key: str, low: int = 0) -> int:
    value = _at(record, key, int)
    if not low <= value <= LARGEST_COUNT:
        raise Unreadable(f"{RECORD} has no usable {key}")
    return value
