"""The parts of a study's plan, and their readers from JSON, which check all types.

Each reader raises AttributeError, KeyError, TypeError or ValueError for content that no study writes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ablation.config.program.spec import DIRECTIONS, STYLES, MetricSource, Program
from ablation.rundir.declared_study import AUTO, LARGEST_MARGIN, TESTS, Component, Removal, Study

Json = dict[str, Any]
Value = TypeVar("Value")


@dataclass(frozen=True)
class PlannedCell:
    """A cell of the design.

    levels: {component: 0 if present, otherwise the number of its removal}. removed: labels of the removals.
    along: overrides declared to change with them. differs: {key: (value in the baseline, value in this cell)}.
    implied: keys in `differs` that no override sets. same_as: the earlier cell with the same configuration.
    runs: {seed: fingerprint}.
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

    @property
    def level(self) -> tuple[int, ...]:
        """The levels alone, in the order of the components."""
        return tuple(self.levels.values())

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
    """A fractional design. letters: {letter: component}. generators, relation, aliases: words of these letters."""

    letters: dict[str, str]
    resolution: int
    generators: tuple[str, ...]
    relation: tuple[str, ...]
    aliases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PlannedTest:
    """The planned test.

    comparisons: the number that the correction counts. terms: the other parameters, as text. paired: the cells whose
    comparison, in which they come first, is paired by seed; the others are compared by Welch's test.
    """

    comparisons: int
    terms: Json = field(default_factory=dict)
    paired: tuple[str, ...] = ()

    def is_paired(self, cell: str) -> bool:
        """Return whether the comparison of a cell with its reference is paired by seed."""
        return cell in self.paired

    def to_json(self) -> Json:
        return {**self.terms, "comparisons": self.comparisons, "paired": list(self.paired)}


def typed(value: Any, *types: type) -> Any:
    """The value itself. Raises TypeError unless its type is one of `types`; a bool is not an int."""
    if type(value) not in types:
        raise TypeError(f"{value!r} is not {types}")
    return value


def each(read: Callable[[Any], Value], values: Any) -> tuple[Value, ...]:
    """Apply `read` to every item of a JSON list."""
    return tuple(read(value) for value in typed(values, list))


def text(value: Any) -> str:
    return typed(value, str)


def integer(value: Any) -> int:
    return typed(value, int)


def texts(values: Any) -> tuple[str, ...]:
    return each(text, values)


def optional(value: Any, kind: type) -> Any:
    return None if value is None else typed(value, kind)


def read_test(values: Json) -> PlannedTest:
    terms = dict(values)
    comparisons, paired = integer(terms.pop("comparisons")), texts(terms.pop("paired", []))
    return PlannedTest(comparisons, terms, paired)


def read_study(values: Json) -> Study:
    cells = values["cells"]
    return Study(
        name=text(values["name"]),
        question=typed(values["question"], str),
        baseline=texts(values["baseline"]),
        typed=texts(values["typed"]),
        components=each(_component, values["components"]),
        design=typed(values["design"], str),
        resolution=optional(values["resolution"], int),
        cells=None if cells is None else each(texts, cells),
        seeds=each(integer, values["seeds"]),
        stopping=typed(values["stopping"], str),
        test=_one_of(TESTS, values.get("test", AUTO)),
        margin=_margin(values.get("margin"), has_limit=values.get("program") is None),
        program=None if values.get("program") is None else _program(values["program"]),
    )


def _program(values: Json) -> Program:
    metric = typed(values["metric"], dict)
    return Program(
        command=texts(values["command"]),
        metric=MetricSource(
            name=text(metric["name"]),
            better=_one_of(DIRECTIONS, metric["better"]),
            **{name: optional(metric[name], str) for name in ("file", "lines", "stdout", "key", "take")},
        ),
        flags=_one_of(STYLES, values["flags"]),
        cwd=optional(values["cwd"], str),
        **{name: texts(values[name]) for name in ("code", "data", "smoke", "variables")},
    )


def _one_of(allowed: tuple[str, ...], value: Any) -> str:
    """The value itself. Raises ValueError unless it is allowed."""
    if text(value) not in allowed:
        raise ValueError(f"{value} is not in {allowed}")
    return value


def _margin(value: Any, has_limit: bool) -> float | None:
    """An equivalence margin. Raises ValueError if it is out of range. has_limit: the metric is an accuracy."""
    margin = optional(value, float)
    if margin is not None and not 0 < margin < (LARGEST_MARGIN if has_limit else math.inf):
        raise ValueError(f"{margin} is out of range")
    return margin


def _component(values: Json) -> Component:
    return Component(text(values["name"]), each(_removal, values["removals"]), typed(values["budget"], bool))


def _removal(values: Json) -> Removal:
    return Removal(optional(values["name"], str), typed(values["remove"], str), texts(values["along"]))


def read_cell(values: Json) -> PlannedCell:
    return PlannedCell(
        name=text(values["name"]),
        levels={name: typed(level, int) for name, level in values["levels"].items()},
        removed=texts(values["removed"]),
        along=texts(values["with"]),
        budget=typed(values["budget"], bool),
        overrides=texts(values["overrides"]),
        differs={key: _pair(pair) for key, pair in values["differs"].items()},
        implied=texts(values["implied"]),
        same_as=optional(values["same_as"], str),
        runs={seed: typed(fingerprint, str) for seed, fingerprint in values["runs"].items()},
    )


def read_comparison(values: Any) -> tuple[str, str]:
    cell, reference = texts(values)
    return cell, reference


def _pair(values: Any) -> tuple[Any, Any]:
    first, second = typed(values, list)
    return first, second


def read_fraction(values: Json) -> Fraction:
    return Fraction(
        letters={letter: typed(name, str) for letter, name in values["letters"].items()},
        resolution=typed(values["resolution"], int),
        generators=texts(values["generators"]),
        relation=texts(values["relation"]),
        aliases=each(texts, values["aliases"]),
    )
