"""`plan.json` of a study, typed: what was declared, its cells and their runs, and how it is judged."""

import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, islice
from pathlib import Path
from typing import Any

from ablation.rundir.declared_study import Component, Removal, Study
from ablation.rundir.files import Unreadable, digest, read_bounded
from ablation.rundir.layout import FORMAT, PLAN, STUDIES

FROZEN = ("study", "test", "cells", "comparisons", "fraction")  # what the hash of a plan is of
MOST_STUDIES = 1000  # folders that are looked into for plans
MOST_COMPONENTS, MOST_SEEDS = 64, 1000  # of a factorial; of a study that adds seeds

Json = dict[str, Any]


@dataclass(frozen=True)
class PlannedCell:
    """A cell of the design.

    levels: of each component, 0 where it is there, else which of its removals is made. removed: labels of those.
    along: what is declared to change with them. differs: each key with its value in the baseline and here. implied:
    keys among them that nobody set. same_as: the earlier cell that it equals. runs: {seed: fingerprint}.
    """

    name: str
    levels: dict[str, int]
    removed: tuple[str, ...]
    along: tuple[str, ...]
    budget: bool
    overrides: tuple[str, ...]
    differs: dict[str, tuple[Any, Any]]
    implied: tuple[str, ...]
    same_as: str | None
    runs: dict[str, str]

    def to_json(self) -> Json:
        return {
            "name": self.name,
            "levels": self.levels,
            "removed": list(self.removed),
            "with": list(self.along),
            "budget": self.budget,
            "overrides": list(self.overrides),
            "differs": {key: list(pair) for key, pair in self.differs.items()},
            "implied": list(self.implied),
            "same_as": self.same_as,
            "runs": self.runs,
        }


@dataclass(frozen=True)
class Fraction:
    """A fractional design: {letter: component}, generators, defining relation and aliases, as words of letters."""

    letters: dict[str, str]
    resolution: int
    generators: tuple[str, ...]
    relation: tuple[str, ...]
    aliases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PlannedTest:
    """How the study is judged. comparisons: how many are corrected for. terms: the rest, as it is told in words."""

    comparisons: int
    terms: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        return {**self.terms, "comparisons": self.comparisons}


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
        sizes = [len(component.removals) for component in self.study.components]
        return bool(self.comparisons) or _crossed([list(cell.levels.values()) for cell in self.cells], sizes)

    def fingerprints(self) -> set[str]:
        """Of all its runs."""
        return {fingerprint for cell in self.cells for fingerprint in cell.runs.values()}


# ---------------------------------------------------------------- the one check


def _typed(value: Any, *types: type) -> Any:
    """The value. Raises TypeError where it is of another type; true and false are no numbers."""
    if type(value) not in types:
        raise TypeError(f"{value!r} is not {types}")
    return value


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(_typed(value, str) for value in _typed(values, list))


def _optional(value: Any, kind: type) -> Any:
    return None if value is None else _typed(value, kind)


def _plan(values: Json) -> StudyPlan:
    fraction, test = values["fraction"], dict(values["test"])
    return StudyPlan(
        study=_study(values["study"]),
        test=PlannedTest(_typed(test.pop("comparisons"), int), test),
        cells=tuple(_cell(cell) for cell in _typed(values["cells"], list)),
        comparisons=tuple(_pair(pair) for pair in _typed(values["comparisons"], list)),
        fraction=None if fraction is None else _fraction(fraction),
        hash=_typed(values["hash"], str),
        supersedes=_optional(values.get("supersedes"), str),
        networks=_found_out(values.get("networks")),
        checked=_found_out(values.get("checked")),
        measured=_found_out(values.get("measured")),
    )


def _found_out(values: Any) -> Json:
    return values if isinstance(values, dict) else {}


def _study(values: Json) -> Study:
    cells = values["cells"]
    return Study(
        name=_typed(values["name"], str),
        question=_typed(values["question"], str),
        baseline=_texts(values["baseline"]),
        typed=_texts(values["typed"]),
        components=tuple(_component(component) for component in _typed(values["components"], list)),
        design=_typed(values["design"], str),
        resolution=_optional(values["resolution"], int),
        cells=None if cells is None else tuple(_texts(cell) for cell in _typed(cells, list)),
        seeds=tuple(_typed(seed, int) for seed in _typed(values["seeds"], list)),
        stopping=_typed(values["stopping"], str),
    )


def _component(values: Json) -> Component:
    removals = tuple(_removal(removal) for removal in _typed(values["removals"], list))
    return Component(_typed(values["name"], str), removals, _typed(values["budget"], bool))


def _removal(values: Json) -> Removal:
    return Removal(_optional(values["name"], str), _typed(values["remove"], str), _texts(values["along"]))


def _cell(values: Json) -> PlannedCell:
    return PlannedCell(
        name=_typed(values["name"], str),
        levels={name: _typed(level, int) for name, level in values["levels"].items()},
        removed=_texts(values["removed"]),
        along=_texts(values["with"]),
        budget=_typed(values["budget"], bool),
        overrides=_texts(values["overrides"]),
        differs={key: _pair(pair) for key, pair in values["differs"].items()},
        implied=_texts(values["implied"]),
        same_as=_optional(values["same_as"], str),
        runs={seed: _typed(fingerprint, str) for seed, fingerprint in values["runs"].items()},
    )


def _pair(values: Any) -> tuple[Any, Any]:
    first, second = _typed(values, list)
    return first, second


def _fraction(values: Json) -> Fraction:
    return Fraction(
        letters={letter: _typed(name, str) for letter, name in values["letters"].items()},
        resolution=_typed(values["resolution"], int),
        generators=_texts(values["generators"]),
        relation=_texts(values["relation"]),
        aliases=tuple(_texts(group) for group in _typed(values["aliases"], list)),
    )


def _consistent(plan: StudyPlan) -> bool:
    """Are the cells named once each, do they name each other, and are their levels removals that are declared?"""
    names = [cell.name for cell in plan.cells]
    sizes = [len(component.removals) for component in plan.study.components]
    if not names or len(set(names)) != len(names):
        return False
    if plan.study.sequential and len(plan.study.seeds) > MOST_SEEDS:
        return False
    if not all(name in names for pair in plan.comparisons for name in pair):
        return False
    for cell in plan.cells:
        levels = list(cell.levels.values())
        if len(levels) != len(sizes) or (cell.same_as is not None and cell.same_as not in names):
            return False
        if not all(0 <= level <= size for level, size in zip(levels, sizes, strict=True)):
            return False
    return True


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
