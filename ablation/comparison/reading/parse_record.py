"""Convert a record and its history to a Run, checking the types that readers rely on and limits of size."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ablation.comparison.reading.facts import RunFacts, recorded_facts
from ablation.comparison.reading.run import MEASURED, Diverged, History, Run, Unfinished, usable
from ablation.config.applicability import choice_reads
from ablation.config.fingerprint import WITHIN_VARIANT
from ablation.config.plugins.choices import is_own
from ablation.config.schema import DEFAULTS, FORMER
from ablation.rundir import claim, history, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.layout import RECORD
from ablation.rundir.record import RunRecord
from ablation.rundir.record_fields import LARGEST_COUNT, unusable
from ablation.rundir.record_parts import Metrics

MAX_TAGS, MAX_TAG = 32, 200  # of a run, and characters of one
MAX_DEPTH = 16  # of nested lists and objects, in what is kept of a record
MAX_CONFIG, MAX_FACTS = 2**14, 2**16  # characters as JSON: tables and labels repeat them in every row
LONGEST_NAME = 1000
Value = TypeVar("Value")


@dataclass(frozen=True)
class VariantConfig:
    """The fields that all runs of a variant share, as in Run."""

    network: str
    data: str
    digest: str
    config: dict[str, Any]
    variant: str


class InternPool:
    """Stores values that many runs share only once: variants and facts, each by its JSON text."""

    def __init__(self):
        self._values: dict[str, Any] = {}
        self._text_of: dict[int, str] = {}  # by the id of a config or of facts

    def variant_config(self, network: str, data: str, digest: str, config: dict[str, Any]) -> VariantConfig:
        """The stored value that equals this one, which is stored if it is new. Raises Unreadable beyond the limits."""
        text = json.dumps([network, data, digest, config])
        if text not in self._values:
            _require_short(text, "config", MAX_CONFIG)
            _require_shallow(config)
            variant = json.dumps([config, digest], sort_keys=True)
            self._values[text] = VariantConfig(network, data, digest, config, variant)
            self._text_of[id(config)] = text
        return self._values[text]

    def facts(self, facts: RunFacts) -> RunFacts:
        """The stored facts that equal these, which are stored if they are new. Raises Unreadable beyond the limits."""
        values = facts.to_json()
        text = json.dumps(values)
        if text not in self._values:
            if len(text) > MAX_FACTS:  # the list of classes may be long and is not limited
                _require_short(json.dumps({**values, "data": None}), "description of its environment", MAX_FACTS)
            _require_shallow(values)
            self._values[text] = facts
            self._text_of[id(facts)] = text
        return self._values[text]

    def texts(self, run: Run) -> tuple[str, str]:
        """The texts of the run's shared values, from which `read_variant_config` and `read_facts` restore them."""
        return self._text_of[id(run.config)], self._text_of[id(run.facts)]

    def read_variant_config(self, text: str) -> VariantConfig:
        """The value of a text. Raises Unreadable, or what json does, for any other text."""
        stored = self._values.get(text)
        if isinstance(stored, VariantConfig):
            return stored
        parts = json.loads(text)
        if [type(part) for part in parts] != [str, str, str, dict]:
            raise Unreadable("not the configuration of a variant")
        return self.variant_config(*parts)

    def read_facts(self, text: str) -> RunFacts:
        """The value of a text. Raises Unreadable, or what json does, for any other text."""
        stored = self._values.get(text)
        if isinstance(stored, RunFacts):
            return stored
        values = json.loads(text)
        if not isinstance(values, dict):
            raise Unreadable("not the facts of a run")
        return self.facts(RunFacts.from_json(values))


def read(directory: Path, shared: InternPool | None = None) -> Run | Diverged | Unfinished:
    """Read a run of ablate. Raises Unreadable, with the reason, if a type is wrong or it had not loaded its data."""
    return convert(directory, rundir_record.read_record(directory), shared or InternPool())


def convert(directory: Path, record: RunRecord, shared: InternPool) -> Run | Diverged | Unfinished:
    """The run of a record. Raises the same errors as `read`."""
    status = claim.status(directory, record)
    if not record.is_final and (record.network is None or record.data is None or record.config is None):
        raise Unreadable(status)
    if record.network is None:
        raise unusable("network.name")
    if record.data is None:
        raise unusable("data.name")
    config = shaping(recorded(record.config, "config"))
    variant_config = shared.variant_config(record.network.name, record.data.name, record.data.digest, config)
    if record.status == "completed":
        return _completed_run(directory, record, variant_config, shared)
    if record.status == "diverged":
        return _diverged_run(directory, record, variant_config)
    return Unfinished(
        path=directory,
        **vars(variant_config),
        seed=recorded(record.seed, "seed"),
        fingerprint=recorded(record.fingerprint, "fingerprint"),
        status=status,
        **given_words(record),
        plans=record.plans,
        error=record.error or "",
    )


def _completed_run(directory: Path, record: RunRecord, variant_config: VariantConfig, shared: InternPool) -> Run:
    network, data = recorded(record.network, "network.name"), recorded(record.data, "data.name")
    return Run(
        path=directory,
        **vars(variant_config),
        seed=recorded(record.seed, "seed"),
        history=read_history(directory, record),
        fingerprint=recorded(record.fingerprint, "fingerprint"),
        attempt=record.attempt,
        **given_words(record),
        checksum=recorded(record.checksum, "checksum"),
        validation_images=data.validation,
        test_images=data.test,
        validated_on_test=record.selected_on == "test",
        parameters=network.trainable_parameters,
        macs=network.macs,
        seconds=float(recorded(record.timings.seconds, "timings.seconds")),
        metrics=completed_metrics(record.metrics),
        facts=shared.facts(recorded_facts(record, data)),
        plans=record.plans,
        size=size_of(directory, record),
    )


def _name(record: RunRecord) -> str:
    return (record.name or "")[:LONGEST_NAME]


def size_of(directory: Path, record: RunRecord) -> int:
    """The size of a completed run: of its record, and of the files that the record lists."""
    try:
        size_of_record = os.lstat(directory / RECORD).st_size
    except OSError:  # it was deleted after it was read
        size_of_record = 0
    return min(record.size_of_files() + size_of_record, LARGEST_COUNT)


def _diverged_run(directory: Path, record: RunRecord, variant_config: VariantConfig) -> Diverged:
    """Read a diverged run, which has no history if it diverged in its first epoch."""
    has_history = layout.HISTORY in recorded(record.files, "files")
    seed = recorded(record.seed, "seed")
    run_history = read_history(directory, record) if has_history else History(np.empty((len(MEASURED), 0)))
    return Diverged(
        path=directory,
        **vars(variant_config),
        seed=seed,
        history=run_history,
        fingerprint=recorded(record.fingerprint, "fingerprint"),
        **given_words(record),
        plans=record.plans,
    )


def given_words(record: RunRecord) -> dict[str, Any]:
    """Tags, name and start of a run."""
    return {"tags": tags(record.tags), "name": _name(record), "started": record.timings.started or ""}


def recorded(value: Value | None, key: str) -> Value:
    """The value. Raises Unreadable if the record has none."""
    if value is None:
        raise unusable(key)
    return value


def completed_metrics(metrics: Metrics) -> Metrics:
    """The metrics that were measured. Raises Unreadable if one of those that every completed run has is missing."""
    recorded(metrics.value("final", "loss"), "metrics.final.loss")
    _require_share(metrics, "final", "val_accuracy")
    _require_share(metrics, "best", "val_accuracy")
    if metrics.scores.get("test") is not None:
        _require_share(metrics, "test", "accuracy")
    return Metrics({**metrics.measured()})


def _require_share(metrics: Metrics, score: str, metric: str) -> None:
    """Raise Unreadable unless the metric is from 0 to 1."""
    value = metrics.value(score, metric)
    if value is None or not 0 <= value <= 1:
        raise unusable(f"metrics.{score}.{metric}")


def tags(recorded: Any) -> tuple[str, ...]:
    """The first MAX_TAGS texts of a list, each at most MAX_TAG characters; empty for anything but a list."""
    if not isinstance(recorded, list):
        return ()
    return tuple(tag[:MAX_TAG] for tag in recorded[:MAX_TAGS] if isinstance(tag, str))


def _require_short(text: str, description: str, limit: int) -> None:
    if len(text) > limit:
        raise Unreadable(f"{RECORD} has a {description} of more than {limit:,} characters")


def _require_shallow(value: Any) -> None:
    """Raise Unreadable if lists and objects are nested so deep that traversing them could exhaust the stack."""
    containers = [value]
    for _ in range(MAX_DEPTH):
        containers = _nested_containers(containers)
        if not containers:
            return
    raise Unreadable(f"{RECORD} is nested deeper than {MAX_DEPTH}")


def _nested_containers(containers: list[Any]) -> list[Any]:
    """The lists and objects directly inside these."""
    nested = []
    for container in containers:
        children = container.values() if isinstance(container, dict) else container
        for child in children:
            if isinstance(child, dict | list):
                nested.append(child)
    return nested


def shaping(config: dict[str, Any]) -> dict[str, Any]:
    """Flatten a recorded config to the keys that affect the result; a key that the run did not use is null.

    If null is no longer allowed for a key, null in an older record means the default. A key that an older record lacks
    has the default, or the value that runs had before the key existed.
    """
    written = _flat(config)
    defaults = {key: value for key, value in (DEFAULTS | FORMER).items() if not is_own(written, key)}
    flat = defaults | written
    shaped = {}
    for key, value in flat.items():
        if key in WITHIN_VARIANT:
            continue
        if not choice_reads(flat, key):
            shaped[key] = None
        elif value is None:
            shaped[key] = defaults.get(key)
        else:
            shaped[key] = value
    return shaped


def _flat(config: dict[str, Any]) -> dict[str, Any]:
    """`{"model.width": 64, "seed": 0, …}`."""
    flat = {}
    for name, value in config.items():
        if isinstance(value, dict):
            for key, nested in value.items():
                flat[f"{name}.{key}"] = nested
        else:
            flat[name] = value
    return flat


def read_history(directory: Path, record: RunRecord) -> History:
    """Read history.csv of a run that has ended.

    Raises Unreadable unless epochs are numbered from 1 and loss and accuracy are numbers.
    """
    columns = history.read_columns(directory, record)
    epochs = columns[0]
    if not np.array_equal(epochs, np.arange(1, len(epochs) + 1)):
        raise Unreadable(f"{layout.HISTORY} does not have one row for each epoch from 1")
    if not usable(columns[1:]):
        raise Unreadable(f"{layout.HISTORY} has no usable loss or val_accuracy")
    return History(columns[1:])
