"""What a plan remembers beside its frozen part: runs that have ended, runs repeated or deleted, and superseded plans.

Each reader raises AttributeError, KeyError, TypeError or ValueError for content that no study writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any

from ablation.rundir.plan_parts import Json, each, integer, text, texts, typed

RERUN, DELETED = EVENTS = ("rerun", "deleted")

Part = tuple[str, str] | str  # fingerprints of a cell's and its reference's run of one seed; the text of an effect
ComparisonId = frozenset[Part]


@dataclass(frozen=True)
class LogEntry:
    """A run that was repeated, edited or deleted after it had ended. at: ISO 8601, UTC. run: a directory's name."""

    at: str
    event: str
    run: str

    def to_json(self) -> Json:
        return {"at": self.at, "event": self.event, "run": self.run}


@dataclass(frozen=True)
class SeenRuns:
    """Runs that had ended before they were planned.

    ended: how many of them the plan has. cells: their cells, other than the first one. runs: all their fingerprints,
    including those that only earlier plans of the study had.
    """

    ended: int
    cells: tuple[str, ...]
    runs: tuple[str, ...]

    def to_json(self) -> Json:
        return {"ended": self.ended, "cells": list(self.cells), "runs": list(self.runs)}


@dataclass(frozen=True)
class PastPlan:
    """A plan that was replaced after some of its runs had ended.

    planned, replaced: ISO 8601, UTC; planned is None for plans from before that field. ended: how many of its runs had
    ended. shared: how many of these the next plan uses too. changes: sentences. rules: True if seeds, stopping, test or
    margin changed although runs were shared. comparisons: those of the plan. runs: fingerprints of its runs that had
    ended. terms: its seeds, stopping, test and margin, as text.
    """

    hash: str
    planned: str | None
    replaced: str
    ended: int
    shared: int
    changes: tuple[str, ...]
    rules: bool
    comparisons: tuple[ComparisonId, ...]
    runs: tuple[str, ...] = ()
    terms: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        return {
            "hash": self.hash,
            "planned": self.planned,
            "replaced": self.replaced,
            "ended": self.ended,
            "shared": self.shared,
            "changes": list(self.changes),
            "rules": self.rules,
            "comparisons": [_comparison_to_json(comparison) for comparison in self.comparisons],
            "runs": list(self.runs),
            "terms": self.terms,
        }


def _comparison_to_json(comparison: ComparisonId) -> list[Any]:
    parts = sorted(comparison, key=str)
    return [list(part) if isinstance(part, tuple) else part for part in parts]


def read_log_entry(values: Json) -> LogEntry:
    if values["event"] not in EVENTS:
        raise ValueError(f"{values['event']} is not in {EVENTS}")
    return LogEntry(read_time(values["at"]), values["event"], text(values["run"]))


def read_seen(values: Any) -> SeenRuns | None:
    if values is None:
        return None
    return SeenRuns(_count(values["ended"]), texts(values["cells"]), texts(values["runs"]))


def read_past_plan(values: Json) -> PastPlan:
    planned = values["planned"]
    return PastPlan(
        hash=text(values["hash"]),
        planned=None if planned is None else read_time(planned),
        replaced=read_time(values["replaced"]),
        ended=_count(values["ended"]),
        shared=_count(values["shared"]),
        changes=texts(values["changes"]),
        rules=typed(values["rules"], bool),
        comparisons=each(_comparison, values["comparisons"]),
        runs=texts(values.get("runs", [])),
        terms={text(name): text(term) for name, term in typed(values.get("terms", {}), dict).items()},
    )


def read_time(value: Any) -> str:
    """A time as text. Raises ValueError unless it is ISO 8601."""
    datetime.fromisoformat(text(value))
    return value


def read_ended(values: Any) -> dict[str, str]:
    """Checksums of records by fingerprint."""
    return {text(fingerprint): text(checksum) for fingerprint, checksum in typed(values, dict).items()}


def read_difference(value: Any) -> float | None:
    """A difference in accuracy. Raises ValueError unless it is a number above 0."""
    if value is None:
        return None
    if not (isfinite(typed(value, float)) and value > 0):
        raise ValueError(f"{value} is not a difference to detect")
    return value


def _count(value: Any) -> int:
    if integer(value) < 0:
        raise ValueError(f"{value} is not a count")
    return value


def _comparison(values: Any) -> ComparisonId:
    parts: list[Part] = []
    for part in typed(values, list):
        if isinstance(part, str):
            parts.append(part)
        else:
            cell, reference = texts(part)
            parts.append((cell, reference))
    return frozenset(parts)


def count_further(current: Sequence[ComparisonId], past: Sequence[ComparisonId]) -> int:
    """The number of distinct past comparisons that are none of the current ones.

    Two comparisons are the same if they have a pair of runs, or the text of an effect, in common, also through others.
    """
    groups = _Groups()
    for number, comparison in enumerate((*current, *past)):
        groups.add(number, comparison)
    of_current = {groups.first(number) for number in range(len(current))}
    of_past = {groups.first(len(current) + number) for number in range(len(past))}
    return len(of_past - of_current)


class _Groups:
    """Comparisons that have something in common, as disjoint sets. Each set is known by one of its members."""

    def __init__(self) -> None:
        self.parents: list[int] = []
        self.owners: dict[Part, int] = {}

    def add(self, number: int, comparison: ComparisonId) -> None:
        self.parents.append(number)
        for part in comparison:
            owner = self.owners.setdefault(part, number)
            self.parents[self.first(owner)] = self.first(number)

    def first(self, number: int) -> int:
        """The member by which the set of a comparison is known."""
        while self.parents[number] != number:
            self.parents[number] = self.parents[self.parents[number]]
            number = self.parents[number]
        return number
