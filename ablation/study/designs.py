"""Designs: which components each cell leaves out (Box, Hunter & Hunter 2005, chapters 5 and 6).

A cell is a tuple of levels, one for each component: 0 where it is there, else which of its removals is made, from 1.
`sizes` says how many removals each component has.
"""

from collections.abc import Sequence
from itertools import product

from ablation.study import fractional as study_fractional

Cell = tuple[int, ...]


def leave_one_out(sizes: Sequence[int]) -> list[Cell]:
    """The baseline, then each component taken away alone, in each way that it can be."""
    alone = [_one(len(sizes), i, level) for i, size in enumerate(sizes) for level in range(1, size + 1)]
    return [(0,) * len(sizes), *alone]


def add_one_in(sizes: Sequence[int]) -> list[Cell]:
    """Everything taken away, then each component put back alone. Of alternatives the first one is the removal."""
    return [(1,) * len(sizes), *(tuple(int(i != j) for j in range(len(sizes))) for i in range(len(sizes)))]


def cumulative(sizes: Sequence[int]) -> list[Cell]:
    """The baseline, then one component after the other taken away. Of alternatives the first one is the removal."""
    return [tuple(int(i < count) for i in range(len(sizes))) for count in range(len(sizes) + 1)]


def factorial(sizes: Sequence[int]) -> list[Cell]:
    """Every combination; the last component changes first."""
    return list(product(*(range(size + 1) for size in sizes)))


def fractional(sizes: Sequence[int], resolution: int) -> list[Cell]:
    """The smallest regular fraction of the 2^k design that has the resolution: the one with the baseline in it."""
    return study_fractional.fraction(len(sizes), resolution).cells()


def _one(count: int, place: int, level: int) -> Cell:
    return tuple(level if i == place else 0 for i in range(count))


DESIGNS = {"leave_one_out": leave_one_out, "add_one_in": add_one_in, "cumulative": cumulative, "factorial": factorial}
