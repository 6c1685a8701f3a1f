"""Turn a record and its history into a Run, with every type that readers rely on, and within limits of size."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ablation.comparison.reading.run import MEASURED, Diverged, History, Run, usable
from ablation.config.applicability import choice_reads
from ablation.config.fingerprint import WITHIN_VARIANT
from ablation.config.schema import DEFAULTS
from ablation.rundir import claim, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.layout import RECORD
from ablation.rundir.record import RunRecord
from ablation.rundir.record_fields import unusable
from ablation.rundir.record_parts import DataRecord

MOST_TAGS, LONGEST_TAG = 32, 200  # of a run, and characters of one
DEEPEST = 16  # lists and objects within each other, in what is kept of a record
LARGEST_CONFIG, LARGEST_FACTS = 2**14, 2**16  # characters as JSON: tables and labels repeat them in every row
LONGEST_NAME = 1000
Value = TypeVar("Value")


@dataclass(frozen=True)
class Arm:
    """What the runs of a variant have in common; fields as in Run."""

    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str


class InternPool:
    """What many runs have in common, stored once: variants and facts, by their text."""

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
            _short(told, "description of its environment", LARGEST_FACTS)
            self._add(text, _shallow(facts), facts)
        return self._values[text]

    def texts(self, run: Run) -> tuple[str, str]:
        """As `read_arm` and `read_facts` take them."""
        return self._texts[id(run.config)], self._texts[id(run.facts)]

    def read_arm(self, text: str) -> Arm:
        if not isinstance(self._values.get(text), Arm):
            arm = json.loads(text)
            if [type(part) for part in arm] != [str, str, str, dict]:
                raise Unreadable("no variant")
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


def read(directory: Path, shared: InternPool | None = None) -> Run | Diverged:
    """Read one run that ended. Raises Unreadable, with the reason, for any other and for a record of wrong types."""
    shared = shared or InternPool()
    record = rundir_record.read_record(directory)
    if not record.is_final:
        raise Unreadable(claim.status(directory, record))
    network, data = record.network, record.data
    if network is None or data is None:
        raise unusable("network.name" if network is None else "data.name")
    arm = shared.arm(network.name, data.name, data.digest, shaping(_recorded(record.config, "config")))
    completed = record.status == "completed"
    begun = completed or layout.HISTORY in _recorded(record.files, "files")  # or diverged in its first epoch
    common = {
        "path": directory,
        **vars(arm),
        "seed": _recorded(record.seed, "seed"),
        "history": read_history(directory, record) if begun else History(np.empty((len(MEASURED), 0))),
        "fingerprint": _recorded(record.fingerprint, "fingerprint"),
        "tags": tags(record.tags),
    }
    if not completed:
        return Diverged(**common)
    return Run(
        **common,
        name=(record.name or "")[:LONGEST_NAME],
        attempt=record.attempt,
        started=record.timings.started or "",
        checksum=_recorded(record.checksum, "checksum"),
        validation_images=data.validation,
        test_images=data.test,
        validated_on_test=record.selected_on == "test",
        parameters=network.trainable_parameters,
        macs=network.macs,
        seconds=float(_recorded(record.timings.seconds, "timings.seconds")),
        loss=float(_recorded(record.metrics.value("final", "loss"), "metrics.final.loss")),
        val_accuracy=_share(record, "final", "val_accuracy"),
        best_val_accuracy=_share(record, "best", "val_accuracy"),
        test_accuracy=None if record.metrics.scores.get("test") is None else _share(record, "test", "accuracy"),
        facts=shared.facts(_facts(record, data)),
        metrics=record.metrics.measured(),
    )


def _recorded(value: Value | None, key: str) -> Value:
    """The value. Raises Unreadable where the record has none."""
    if value is None:
        raise unusable(key)
    return value


def _share(record: RunRecord, score: str, metric: str) -> float:
    """A metric that is a share of 1. Raises Unreadable where it is none."""
    value = record.metrics.value(score, metric)
    if value is None or not 0 <= value <= 1:
        raise unusable(f"metrics.{score}.{metric}")
    return float(value)


# What may differ between two runs that their configs do not tell: texts, and groups of several.
FACTS = {"code": None, "selected_on": None, "plugins": None}
PARTS = {name: {} for name in ("exactness", "versions", "hardware", "git", "steps", "data")}


def _facts(record: RunRecord, data: DataRecord) -> dict[str, Any]:
    """What FACTS and PARTS name. A record of an older version lacks some."""
    return {
        "code": record.code,
        "selected_on": record.selected_on,
        "plugins": None if record.plugins is None else " ".join(record.plugins)[:1000] or "none",
        "exactness": record.exactness or {},
        "versions": record.versions or {},
        "hardware": record.hardware or {},
        "git": record.git or {},
        "steps": record.steps or {},
        "data": data.to_json(),
    }


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
    unread = {key for key in flat if not choice_reads(flat, key)}
    kept = (k for k in flat if k not in WITHIN_VARIANT)
    return {k: None if k in unread else DEFAULTS.get(k) if flat[k] is None else flat[k] for k in kept}


def read_history(directory: Path, record: RunRecord) -> History:
    """Read history.csv of a run that ended.

    Raises Unreadable unless its epochs count from 1, and loss and accuracy are numbers.
    """
    epochs, *_ = columns = history.read_columns(directory, record)
    if not np.array_equal(epochs, np.arange(1, len(epochs) + 1)):
        raise Unreadable(f"{layout.HISTORY} does not have the epochs from 1, once each")
    if not usable(columns[1:]):
        raise Unreadable(f"{layout.HISTORY} has no usable loss or val_accuracy")
    return History(columns[1:])
