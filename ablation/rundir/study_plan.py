"""`plan.json` of a study: the declaration, the cells with their runs, and the planned test."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, islice
from pathlib import Path
from typing import Any

from ablation.rundir.declared_study import RULES, Study
from ablation.rundir.files import Unreadable, digest, read_bounded, record_checksum
from ablation.rundir.layout import FORMAT, PLAN, STUDIES
from ablation.rundir.plan_history import (
    ComparisonId,
    LogEntry,
    PastPlan,
    SeenRuns,
    count_further,
    read_difference,
    read_ended,
    read_log_entry,
    read_past_plan,
    read_seen,
    read_time,
)
from ablation.rundir.plan_parts import (
    Fraction,
    Json,
    PlannedCell,
    PlannedTest,
    each,
    optional,
    read_cell,
    read_comparison,
    read_fraction,
    read_study,
    read_test,
    texts,
    typed,
)
from ablation.rundir.record import MOST_COMPARISONS, PlanReference
from ablation.text import typed_value

FROZEN = ("study", "test", "cells", "comparisons", "fraction")  # the fields that the hash of a plan covers
MOST_STUDIES = 1000  # folders that are searched for plans
MOST_COMPONENTS, MOST_SEEDS = 64, 1000  # of a factorial study; of a sequential study


@dataclass(frozen=True)
class StudyPlan:
    """The plan of a study.

    comparisons: (cell, reference cell); empty for a factorial study, whose effects average over all cells.
    hash: of the frozen fields. supersedes: the hash of the previous plan. networks, checked, measured: cached results
    of the preflight check, keyed by a digest of what they describe.
    planned: when this plan was first written, in ISO 8601, UTC; None for older plans. command: the words after `ablate`
    that run the study. detect: the difference to detect, in accuracy. ended: the checksums of the records of runs that
    have ended, by fingerprint, each as its first look found it. log: runs that were repeated or deleted since.
    history: earlier plans under which runs had ended. seen: runs that had ended before they were planned.
    """

    study: Study
    test: PlannedTest
    cells: tuple[PlannedCell, ...]
    comparisons: tuple[tuple[str, str], ...]
    fraction: Fraction | None = None
    hash: str = ""
    supersedes: str | None = None
    networks: Json = field(default_factory=dict)
    checked: Json = field(default_factory=dict)
    measured: Json = field(default_factory=dict)
    planned: str | None = None
    command: tuple[str, ...] = ()
    detect: float | None = None
    ended: dict[str, str] = field(default_factory=dict)
    log: tuple[LogEntry, ...] = ()
    history: tuple[PastPlan, ...] = ()
    seen: SeenRuns | None = None

    @classmethod
    def from_json(cls, values: Json) -> "StudyPlan":
        """Validate and parse a plan. Raises Unreadable if no study could have written it."""
        try:
            plan = _plan(values)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"{PLAN} is not a valid plan") from error
        if not _consistent(plan):
            raise Unreadable(f"{PLAN} has cells or comparisons that do not match its components")
        return plan

    def frozen(self) -> Json:
        """The part that is fixed before there is data, as JSON; its hash identifies the plan."""
        return {
            "study": _study(self.study),
            "test": self.test.to_json(),
            "cells": [cell.to_json() for cell in self.cells],
            "comparisons": [list(pair) for pair in self.comparisons],
            "fraction": None if self.fraction is None else dataclasses.asdict(self.fraction),
        }

    def to_json(self) -> Json:
        """The content of plan.json, with a checksum of everything in it."""
        values = {
            "format": FORMAT,
            "hash": self.hash,
            "supersedes": self.supersedes,
            **self.frozen(),
            "networks": self.networks,
            "checked": self.checked,
            "measured": self.measured,
            "planned": self.planned,
            "command": list(self.command),
            "detect": self.detect,
            "ended": self.ended,
            "log": [entry.to_json() for entry in self.log],
            "history": [past.to_json() for past in self.history],
            "seen": None if self.seen is None else self.seen.to_json(),
        }
        return {**values, "checksum": record_checksum(values)}

    def with_hash(self) -> "StudyPlan":
        """The plan with the hash of its frozen fields."""
        return dataclasses.replace(self, hash=digest(self.frozen()))

    def pairs(self) -> list[tuple[str, str]]:
        """The distinct comparisons; equal cells are represented by the first of them."""
        first = {cell.name: cell.same_as or cell.name for cell in self.cells}
        distinct = dict.fromkeys((first[cell], first[reference]) for cell, reference in self.comparisons)
        return [(cell, reference) for cell, reference in distinct if cell != reference]

    def comparison_ids(self) -> list[ComparisonId]:
        """What identifies each comparison whatever it is called: its runs; for an effect, its removal and baseline."""
        runs = {cell.name: cell.runs for cell in self.cells}
        ids: list[ComparisonId] = []
        for cell, reference in self.pairs():
            ids.append(frozenset((runs[cell][seed], runs[reference][seed]) for seed in runs[cell]))
        if not self.comparisons:
            first_seed = str(min(self.study.seeds))
            for component in self.study.components:
                for removal in component.removals:
                    words = " ".join(sorted(removal.overrides))
                    ids.append(frozenset([f"effect of {words} on {self.cells[0].runs[first_seed]}"]))
        return ids

    def rules(self) -> dict[str, str]:
        """The seeds, stopping, test and margin, as a user types them."""
        return {name: typed_value(getattr(self.study, name)) for name in RULES}

    def comparisons_with_history(self) -> int:
        """The number of comparisons that Holm's correction counts: those of this plan and of those in its history."""
        past: list[ComparisonId] = []
        for plan in self.history:
            past += plan.comparisons
        return self.test.comparisons + count_further(self.comparison_ids(), past)

    @property
    def can_be_judged(self) -> bool:
        """True if the plan has comparisons, or combines all levels of any two components, as effects require."""
        return bool(self.comparisons) or _crossed([cell.level for cell in self.cells], self.study.sizes)

    def fingerprints(self) -> set[str]:
        """The fingerprints of all runs of the plan."""
        return {fingerprint for cell in self.cells for fingerprint in cell.runs.values()}


def _study(study: Study) -> Json:
    values = dataclasses.asdict(study)
    del values["max_hours"]
    if study.program is None:
        del values["program"]
    return values


def _plan(values: Json) -> StudyPlan:
    fraction = values["fraction"]
    return StudyPlan(
        study=read_study(values["study"]),
        test=read_test(values["test"]),
        cells=each(read_cell, values["cells"]),
        comparisons=each(read_comparison, values["comparisons"]),
        fraction=None if fraction is None else read_fraction(fraction),
        hash=typed(values["hash"], str),
        supersedes=optional(values.get("supersedes"), str),
        networks=_mapping_or_empty(values.get("networks")),
        checked=_mapping_or_empty(values.get("checked")),
        measured=_mapping_or_empty(values.get("measured")),
        planned=None if values.get("planned") is None else read_time(values["planned"]),
        command=texts(values.get("command", [])),
        detect=read_difference(values.get("detect")),
        ended=read_ended(values.get("ended", {})),
        log=each(read_log_entry, values.get("log", [])),
        history=each(read_past_plan, values.get("history", [])),
        seen=read_seen(values.get("seen")),
    )


def _mapping_or_empty(values: Any) -> Json:
    return values if isinstance(values, dict) else {}


def _consistent(plan: StudyPlan) -> bool:
    """Return whether cells have unique names, a run of each seed and declared levels, and references to cells exist."""
    names = [cell.name for cell in plan.cells]
    if not names or len(set(names)) != len(names) or not _have_runs_of_each_seed(plan):
        return False
    if plan.study.sequential and len(plan.study.seeds) > MOST_SEEDS:
        return False
    if not all(name in names for pair in plan.comparisons for name in pair):
        return False
    for cell in plan.cells:
        if cell.same_as is not None and cell.same_as not in names:
            return False
        if not _are_levels(cell.level, plan.study.sizes):
            return False
    pairs = plan.pairs()
    if not max(1, len(pairs)) <= plan.test.comparisons <= MOST_COMPARISONS:
        return False
    return {cell for cell, _ in pairs}.issuperset(plan.test.paired)


def _have_runs_of_each_seed(plan: StudyPlan) -> bool:
    seeds = {str(seed) for seed in plan.study.seeds}
    return bool(seeds) and all(cell.runs.keys() == seeds for cell in plan.cells)


def _are_levels(level: Sequence[int], sizes: Sequence[int]) -> bool:
    return len(level) == len(sizes) and all(0 <= each <= size for each, size in zip(level, sizes, strict=True))


def _crossed(levels: Sequence[Sequence[int]], sizes: Sequence[int]) -> bool:
    """Return whether all pairs of levels of any two components occur.

    levels: of each cell. sizes: the number of removals of each component.
    """
    if len(sizes) > MOST_COMPONENTS:
        return False
    columns = list(zip(*levels, strict=True))
    for i, j in combinations_with_replacement(range(len(sizes)), 2):
        combinations = (sizes[i] + 1) * (sizes[j] + 1 if i < j else 1)
        if len(set(zip(columns[i], columns[j], strict=True))) != combinations:
            return False
    return True


# ---------------------------------------------------------------- on disk


def plan_paths(outputs: Path) -> list[Path]:
    """The paths of all plans below a root of outputs, sorted. Symbolic links are not followed."""
    studies = outputs / STUDIES
    if studies.is_symlink():
        return []
    paths = [Path(folder, PLAN) for folder, _, names in islice(os.walk(studies), MOST_STUDIES) if PLAN in names]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def read_plan(path: Path) -> StudyPlan | None:
    """Read plan.json; None if it is missing or was modified. Older plans have no checksum."""
    try:
        values = json.loads(read_bounded(path))
        frozen = {name: values[name] for name in FROZEN}
        if values["format"] != FORMAT or values["hash"] != digest(frozen):
            return None
        if "checksum" in values and values["checksum"] != record_checksum(values):
            return None
        return StudyPlan.from_json(values)
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None


def plans_of_run(outputs: Path, fingerprint: str) -> tuple[PlanReference, ...]:
    """The plans below a root of outputs that contain a run."""
    references = []
    for path in plan_paths(outputs):
        with contextlib.suppress(OSError, Unreadable):
            if fingerprint.encode() not in read_bounded(path):
                continue
        plan = read_plan(path)
        if plan is not None and fingerprint in plan.fingerprints():
            references.append(PlanReference(plan.study.name, plan.hash, plan.comparisons_with_history()))
    return tuple(references)
