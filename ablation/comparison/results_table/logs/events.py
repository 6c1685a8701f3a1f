"""Scalars and hyperparameters in TensorBoard event files, of the writers of TensorFlow, Keras, PyTorch and JAX.

Field numbers are those of tensorflow/core/util/event.proto, framework/summary.proto and framework/tensor.proto, and of
tensorboard/plugins/hparams/plugin_data.proto.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ablation.comparison.results_table.logs.records import fields, number_of, records
from ablation.rundir.files import Unreadable

EVENT_STEP, EVENT_SUMMARY, SUMMARY_VALUE = 2, 5, 1
VALUE_TAG, VALUE_SIMPLE, VALUE_TENSOR, VALUE_METADATA = 1, 2, 8, 9
METADATA_PLUGIN, PLUGIN_NAME, PLUGIN_CONTENT = 1, 1, 2
TENSOR_TYPE, TENSOR_SHAPE, TENSOR_CONTENT, TENSOR_FLOATS, TENSOR_DOUBLES = 1, 2, 4, 5, 6
FLOAT, DOUBLE = 1, 2  # of TENSOR_TYPE
HPARAMS = b"hparams"
SESSION_START, SESSION_END, START_HPARAMS, END_STATUS = 3, 4, 1, 1
VALUE_NUMBER, VALUE_TEXT, VALUE_BOOLEAN = 2, 3, 4  # of google.protobuf.Value
STATUSES = {1: "success", 2: "failure", 3: "running"}


@dataclass
class Series:
    """The values of one metric by step, in the order of steps."""

    by_step: dict[int, float] = field(default_factory=dict)

    def put(self, step: int, value: float, is_restart: bool) -> None:
        """Add a value. is_restart: True if it is the first one of a later file, which replaces all from its step on."""
        if is_restart:
            self.by_step = {known: kept for known, kept in self.by_step.items() if known < step}
        self.by_step[step] = value

    @property
    def steps(self) -> list[int]:
        return sorted(self.by_step)


@dataclass
class EventLog:
    """What the event files of one folder contain. settings: hyperparameters. status: as in STATUSES, or empty."""

    series: dict[str, Series] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    status: str = ""


def read_events(paths: Iterable[Path]) -> EventLog:
    """Read the event files of one run, oldest first. What a later file repeats replaces it, as after a resume.

    Raises AblateError for a damaged file.
    """
    log = EventLog()
    for path in paths:
        seen: set[str] = set()
        for record in records(path):
            try:
                _read_event(record, log, seen)
            except Unreadable:  # a record of another kind, such as one of a profiler
                continue
    return log


def _read_event(record: bytes, log: EventLog, seen: set[str]) -> None:
    step, summaries = 0, []
    for number, value in fields(record):
        if number == EVENT_STEP and isinstance(value, int):
            step = value
        elif number == EVENT_SUMMARY and isinstance(value, bytes):
            summaries.append(value)
    for summary in summaries:
        for number, value in fields(summary):
            if number == SUMMARY_VALUE and isinstance(value, bytes):
                _read_value(value, step, log, seen)


def _read_value(message: bytes, step: int, log: EventLog, seen: set[str]) -> None:
    parts = dict(fields(message))
    tag, plugin = parts.get(VALUE_TAG, b""), _plugin(parts.get(VALUE_METADATA))
    if plugin.get(PLUGIN_NAME) == HPARAMS:
        _read_hparams(plugin.get(PLUGIN_CONTENT), log)
        return
    value = number_of(parts[VALUE_SIMPLE]) if VALUE_SIMPLE in parts else _tensor(parts.get(VALUE_TENSOR))
    if value is None or not isinstance(tag, bytes):
        return
    name = tag.decode(errors="replace")
    log.series.setdefault(name, Series()).put(step, value, is_restart=name not in seen)
    seen.add(name)


def _plugin(metadata: int | bytes | None) -> dict[int, int | bytes]:
    if not isinstance(metadata, bytes):
        return {}
    plugin = dict(fields(metadata)).get(METADATA_PLUGIN)
    return dict(fields(plugin)) if isinstance(plugin, bytes) else {}


def _tensor(message: int | bytes | None) -> float | None:
    """The number in a tensor without dimensions; None for any other tensor."""
    if not isinstance(message, bytes):
        return None
    parts = dict(fields(message))
    if parts.get(TENSOR_SHAPE):  # it has dimensions, as images and histograms have
        return None
    form = {FLOAT: "<f", DOUBLE: "<d"}.get(parts.get(TENSOR_TYPE, 0))  # pyright: ignore[reportArgumentType]
    place = {FLOAT: TENSOR_FLOATS, DOUBLE: TENSOR_DOUBLES}.get(parts.get(TENSOR_TYPE, 0))  # pyright: ignore
    if form is None or place is None:
        return None
    for data in (parts.get(TENSOR_CONTENT), parts.get(place)):
        if isinstance(data, bytes) and len(data) == struct.calcsize(form):
            return float(struct.unpack(form, data)[0])
    return None


# ---------------------------------------------------------------- hyperparameters


def _read_hparams(content: int | bytes | None, log: EventLog) -> None:
    if not isinstance(content, bytes):
        return
    for number, value in fields(content):
        if number == SESSION_START and isinstance(value, bytes):
            for place, entry in fields(value):
                if place == START_HPARAMS and isinstance(entry, bytes):
                    _read_setting(dict(fields(entry)), log)
        elif number == SESSION_END and isinstance(value, bytes):
            status = dict(fields(value)).get(END_STATUS, 0)
            log.status = STATUSES.get(status, "") if isinstance(status, int) else ""


def _read_setting(entry: dict[int, int | bytes], log: EventLog) -> None:
    """An entry of a map: its key, and its value as google.protobuf.Value."""
    name, value = entry.get(1, b""), entry.get(2, b"")
    if not (isinstance(name, bytes) and isinstance(value, bytes)):
        return
    for number, content in fields(value):
        setting: Any = None
        if number == VALUE_NUMBER:
            setting = number_of(content)
            setting = None if math.isnan(setting) else setting
        elif number == VALUE_TEXT and isinstance(content, bytes):
            setting = content.decode(errors="replace")
        elif number == VALUE_BOOLEAN:
            setting = bool(content)
        log.settings[name.decode(errors="replace")] = setting
