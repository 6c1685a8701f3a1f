"""Designs: the components that each cell removes (Box, Hunter & Hunter 2005, chapters 5 and 6).

A cell is a tuple with one level per component: 0 if it is present, otherwise the number of its removal, from 1.
`sizes` contains the number of removals of each component.
"""

from collections.abc import Sequence
from itertools import product

from ablation.study import fractional as study_fractional

Cell = tuple[int, ...]


def leave_one_out(sizes: Sequence[int]) -> list[Cell]:
    """The baseline, then each removal of each component alone."""
    cells: list[Cell] = [(0,) * len(sizes)]
    for index, size in enumerate(sizes):
        for level in range(1, size + 1):
            cells.append(one_removed(len(sizes), index, level))
    return cells


def add_one_in(sizes: Sequence[int]) -> list[Cell]:
    """All components removed, then each one added back alone. Uses only the first alternative of a component."""
    bare = (1,) * len(sizes)
    cells: list[Cell] = [bare]
    for index in range(len(sizes)):
        cells.append((*bare[:index], 0, *bare[index + 1 :]))
    return cells


def cumulative(sizes: Sequence[int]) -> list[Cell]:
    """The baseline, then one more component removed per cell. Uses only the first alternative of a component."""
    cells: list[Cell] = []
    for removed in range(len(sizes) + 1):
        cells.append((1,) * removed + (0,) * (len(sizes) - removed))
    return cells


def factorial(sizes: Sequence[int]) -> list[Cell]:
    """All combinations of levels; the last component varies fastest."""
    return list(product(*(range(size + 1) for size in sizes)))


def fractional(sizes: Sequence[int], resolution: int) -> list[Cell]:
    """The smallest regular fraction of the 2^k design with at least this resolution. It contains the baseline."""
    return study_fractional.fraction(len(sizes), resolution).cells()


def one_removed(components: int, index: int, level: int) -> Cell:
    """The cell that removes a single component. components: their number. level: the number of the removal, from 1."""
    return (0,) * index + (level,) + (0,) * (components - index - 1)


DESIGNS = {"leave_one_out": leave_one_out, "add_one_in": add_one_in, "cumulative": cumulative, "factorial": factorial}
