"""Bounds on false verdicts and coverage, each with two standard errors of the simulated studies."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ablation.statistics.protocol import LEVEL
from simulation.factorial_level import FactorialCounts, FactorialRow
from simulation.level import Counts, Design, unequal_sds
from simulation.rows import COMPARISONS, Row

EXCEPTIONAL_LEVEL = 0.06  # of a single comparison by Welch's test of equally many seeds with unequal SDs
FIXED_COVERAGE, REPEATED_COVERAGE = 0.94, 0.95  # of single intervals


@dataclass(frozen=True)
class Figure:
    """A share of studies or intervals, and its bound. is_upper: False if the bound is a lower one."""

    what: str
    share: float
    bound: float
    is_upper: bool

    @property
    def is_broken(self) -> bool:
        return self.share > self.bound if self.is_upper else self.share < self.bound

    def __str__(self) -> str:
        return f"{self.what}: {self.share:.2%} (bound {self.bound:.2%})"


def at_most(what: str, share: float, level: float, studies: int) -> Figure:
    return Figure(what, share, level + 2 * _standard_error(level, studies), True)


def at_least(what: str, share: float, coverage: float, studies: int) -> Figure:
    return Figure(what, share, coverage - 2 * _standard_error(coverage, studies), False)


def _standard_error(share: float, studies: int) -> float:
    return sqrt(share * (1 - share) / studies)


def level_of(row: Row, design: Design, comparisons: int) -> float:
    is_single_welch = comparisons == 1 and design.n > 0 and not design.paired
    return EXCEPTIONAL_LEVEL if is_single_welch and unequal_sds(row) else LEVEL


def figures(row: Row, design: Design, counts: Counts) -> list[Figure]:
    """All figures of a row and design that have a bound."""
    single = FIXED_COVERAGE if design.n else REPEATED_COVERAGE
    place = f"{row.name}, {design.name}" if design.n else f"{row.name}, {design.name} sequential"
    if design.shift:
        place += f", differences {design.shift:g} SD"
    found, studies = [], counts.studies
    for number, k in enumerate(COMPARISONS):
        level, what = level_of(row, design, k), f"{place}, comparisons: {k}"
        if not design.shift:
            found.append(at_most(f"{what}: false verdicts", counts.false[number] / studies, level, studies))
        together = counts.together[number] / studies
        found.append(at_least(f"{what}: all intervals hold", together, 1 - level, studies))
        of_one = counts.coverage(row.groups, number)
        found.append(at_least(f"{what}: single intervals", of_one, single, studies))
    return found


def factorial_figures(row: FactorialRow, counts: Sequence[FactorialCounts]) -> list[Figure]:
    studies = sum(each.studies for each in counts)
    false = sum(each.false for each in counts)
    covered = sum(each.covered for each in counts)
    what = f"2^3, {row.name}"
    return [
        at_most(f"{what}: false verdicts", false / studies, LEVEL, studies),
        at_least(f"{what}: single intervals", float(min(covered)) / studies, FIXED_COVERAGE, studies),
    ]
