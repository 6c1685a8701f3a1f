"""`plan.json` of a study, typed: what was declared, its cells and their runs, and how it is judged."""

import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, islice
from pathlib import Path
from typing import Any

from ablation.rundir.declared_study import Study
from ablation.rundir.files import Unreadable, digest, read_bounded
from ablation.rundir.layout import FORMAT, PLAN, STUDIES
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
    typed,
)

FROZEN = ("study", "test", "cells", "comparisons", "fraction")  # what the hash of a plan is of
MOST_STUDIES = 1000  # folders that are looked into for plans
MOST_COMPONENTS, MOST_SEEDS = 64, 1000  # of a factorial; of a study that adds seeds


@dataclass(frozen=True)
class StudyPlan:
    """A plan.

    comparisons: (cell, what it is compared to); none in a factorial, whose effects are over all cells. hash: of the
    frozen part. supersedes: the hash of the plan before. networks, checked, measured: what was found out so far, by a
    digest of what it was found of.
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

    @classmethod
    def from_json(cls, values: Json) -> "StudyPlan":
        """The one check of what a plan may hold. Raises Unreadable for one that no study writes."""
        try:
            plan = _plan(values)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"{PLAN} is not what a study writes") from error
        if not _consistent(plan):
            raise Unreadable(f"{PLAN} has cells or comparisons that do not fit its components")
        return plan

    def frozen(self) -> Json:
        """What is fixed before there is data, as JSON: its hash names the plan."""
        return {
            "study": dataclasses.asdict(self.study),
            "test": self.test.to_json(),
            "cells": [cell.to_json() for cell in self.cells],
            "comparisons": [list(pair) for pair in self.comparisons],
            "fraction": None if self.fraction is None else dataclasses.asdict(self.fraction),
        }

    def to_json(self) -> Json:
        return {
            "format": FORMAT,
            "hash": self.hash,
            "supersedes": self.supersedes,
            **self.frozen(),
            "networks": self.networks,
            "checked": self.checked,
            "measured": self.measured,
        }

    def with_hash(self) -> "StudyPlan":
        """The plan with the hash of its frozen part."""
        return dataclasses.replace(self, hash=digest(self.frozen()))

    def pairs(self) -> list[tuple[str, str]]:
        """The comparisons, each once: of equal cells the first stands for all."""
        first = {cell.name: cell.same_as or cell.name for cell in self.cells}
        distinct = dict.fromkeys((first[cell], first[reference]) for cell, reference in self.comparisons)
        return [(cell, reference) for cell, reference in distinct if cell != reference]

    @property
    def can_be_judged(self) -> bool:
        """Does it have comparisons, or every level of a component beside each of every other, as effects require?"""
        return bool(self.comparisons) or _crossed([cell.level for cell in self.cells], self.study.sizes)

    def fingerprints(self) -> set[str]:
        """Of all its runs."""
        return {fingerprint for cell in self.cells for fingerprint in cell.runs.values()}


def _plan(values: Json) -> StudyPlan:
    fraction, test = values["fraction"], dict(values["test"])
    return StudyPlan(
        study=read_study(values["study"]),
        test=PlannedTest(typed(test.pop("comparisons"), int), test),
        cells=each(read_cell, values["cells"]),
        comparisons=each(read_comparison, values["comparisons"]),
        fraction=None if fraction is None else read_fraction(fraction),
        hash=typed(values["hash"], str),
        supersedes=optional(values.get("supersedes"), str),
        networks=_found_out(values.get("networks")),
        checked=_found_out(values.get("checked")),
        measured=_found_out(values.get("measured")),
    )


def _found_out(values: Any) -> Json:
    return values if isinstance(values, dict) else {}


def _consistent(plan: StudyPlan) -> bool:
    """Are the cells named once each, do they name each other, and are their levels removals that are declared?"""
    names = [cell.name for cell in plan.cells]
    if not names or len(set(names)) != len(names):
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
    return True


def _are_levels(level: Sequence[int], sizes: Sequence[int]) -> bool:
    return len(level) == len(sizes) and all(0 <= each <= size for each, size in zip(level, sizes, strict=True))


def _crossed(levels: Sequence[Sequence[int]], sizes: Sequence[int]) -> bool:
    """Does every level of a component occur with each of every other one? levels: of each cell. sizes: removals."""
    if len(sizes) > MOST_COMPONENTS:
        return False
    columns = list(zip(*levels, strict=True))
    for i, j in combinations_with_replacement(range(len(sizes)), 2):
        combinations = (sizes[i] + 1) * (sizes[j] + 1 if i < j else 1)
        if len(set(zip(columns[i], columns[j], strict=True))) != combinations:
            return False
    return True


# ---------------------------------------------------------------- on the disk


def plan_paths(outputs: Path) -> list[Path]:
    """The plans that lie below a root of outputs, by their places. No link is followed."""
    studies = outputs / STUDIES
    if studies.is_symlink():
        return []
    paths = [Path(folder, PLAN) for folder, _, names in islice(os.walk(studies), MOST_STUDIES) if PLAN in names]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def read_plan(path: Path) -> StudyPlan | None:
    """plan.json as it was written; None if it is missing, or was changed since."""
    try:
        values = json.loads(read_bounded(path))
        frozen = {name: values[name] for name in FROZEN}
        if values["format"] != FORMAT or values["hash"] != digest(frozen):
            return None
        return StudyPlan.from_json(values)
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None
