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
    cells: list[Cell] = [(0,) * len(sizes)]
    for index, size in enumerate(sizes):
        for level in range(1, size + 1):
            cells.append(one_removed(len(sizes), index, level))
    return cells


def add_one_in(sizes: Sequence[int]) -> list[Cell]:
    """Everything taken away, then each component put back alone. Of alternatives the first one is the removal."""
    bare = (1,) * len(sizes)
    cells: list[Cell] = [bare]
    for index in range(len(sizes)):
        cells.append((*bare[:index], 0, *bare[index + 1 :]))
    return cells


def cumulative(sizes: Sequence[int]) -> list[Cell]:
    """The baseline, then one component after the other taken away. Of alternatives the first one is the removal."""
    cells: list[Cell] = []
    for removed in range(len(sizes) + 1):
        cells.append((1,) * removed + (0,) * (len(sizes) - removed))
    return cells


def factorial(sizes: Sequence[int]) -> list[Cell]:
    """Every combination; the last component changes first."""
    return list(product(*(range(size + 1) for size in sizes)))


def fractional(sizes: Sequence[int], resolution: int) -> list[Cell]:
    """The smallest regular fraction of the 2^k design that has the resolution: the one with the baseline in it."""
    return study_fractional.fraction(len(sizes), resolution).cells()


def one_removed(components: int, index: int, level: int) -> Cell:
    """The cell that removes only the component at an index, by one of its removals."""
    return (0,) * index + (level,) + (0,) * (components - index - 1)


DESIGNS = {"leave_one_out": leave_one_out, "add_one_in": add_one_in, "cumulative": cumulative, "factorial": factorial}
