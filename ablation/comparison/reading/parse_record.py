"""A record and its history -> a Run: everything of the type that readers take for granted, and of a sensible size."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ablation.comparison.reading.run import LARGEST_COUNT, LARGEST_NUMBER, MEASURED, Diverged, History, Run, usable
from ablation.config.applicability import choice_reads
from ablation.config.fingerprint import WITHIN_VARIANT
from ablation.config.schema import DEFAULTS
from ablation.rundir import claim, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.layout import RECORD

MOST_TAGS, LONGEST_TAG = 32, 200  # of a run, and characters of one
DEEPEST = 16  # lists and objects within each other, in what is kept of a record
LARGEST_CONFIG, LARGEST_FACTS = 2**14, 2**16  # characters as JSON: tables and labels repeat them in every row
LONGEST_NAME = 1000


@dataclass(frozen=True)
class Arm:
    """What the runs of a variant have in common; fields as in Run."""

    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str


class InternPool:
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


def read(directory: Path, shared: InternPool | None = None) -> Run | Diverged:
    """Read one run that ended. Raises Unreadable, with the reason, for any other and for a record of wrong types."""
    shared = shared or InternPool()
    record = rundir_record.read_record(directory)
    status = _text(record, "status")
    if status not in layout.STATUSES:
        raise Unreadable(f"{RECORD} has no usable status")
    if status not in layout.FINAL:
        raise Unreadable(claim.status(directory, record))
    config = shaping(_at(record, "config", dict))
    arm = shared.arm(_text(record, "network.name"), _text(record, "data.name"), _text(record, "data.digest"), config)
    begun = status == "completed" or layout.HISTORY in _at(record, "files", dict)  # or diverged in its first epoch
    common = {
        "path": directory,
        **vars(arm),
        "seed": _count(record, "seed", -LARGEST_COUNT),
        "history": read_history(directory, record) if begun else History(np.empty((len(MEASURED), 0))),
        "fingerprint": _text(record, "fingerprint"),
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
        metrics=metrics(_at(record, "metrics", dict)),
    )


NUMBERS = (float, int)
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


def metrics(told: dict[str, Any]) -> dict[str, dict[str, float]]:
    """What was measured, without what was not. Raises Unreadable where something is no number."""
    scores = {name: score for name, score in told.items() if score and isinstance(score, dict)}
    for name, score in scores.items():
        for key, value in score.items():
            if type(value) not in NUMBERS or not -LARGEST_COUNT <= value <= LARGEST_COUNT:
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
    unread = {key for key in flat if not choice_reads(flat, key)}
    kept = (k for k in flat if k not in WITHIN_VARIANT)
    return {k: None if k in unread else DEFAULTS.get(k) if flat[k] is None else flat[k] for k in kept}


def read_history(directory: Path, record: dict[str, Any]) -> History:
    epochs, *_ = columns = history.read_columns(directory, record)
    if not np.array_equal(epochs, np.arange(1, len(epochs) + 1)):
        raise Unreadable(f"{layout.HISTORY} does not have the epochs from 1, once each")
    if not usable(columns[1:]):
        raise Unreadable(f"{layout.HISTORY} has no usable loss or val_accuracy")
    return History(columns[1:])


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
