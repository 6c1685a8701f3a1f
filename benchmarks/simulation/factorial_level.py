"""False verdicts on main effects of a full factorial 2^3 design, and the coverage of their intervals."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from ablation.statistics import factorial
from ablation.statistics.arm import Arm
from simulation.level import SIGNIFICANT

CELLS = tuple(product((0, 1), repeat=3))
REMOVALS = (("a",), ("b",), ("c",))
MIXED = (3, 5, 10, 3, 5, 10, 3, 5)


@dataclass(frozen=True)
class FactorialRow:
    """sizes: the seeds of each cell. tenfold: the index of the cell with 10 times the SD of the others, or None."""

    name: str
    sizes: tuple[int, ...]
    tenfold: int | None = None


FACTORIAL_ROWS = (
    FactorialRow("3 seeds", (3,) * len(CELLS)),
    FactorialRow("3 seeds, one SD 10", (3,) * len(CELLS), 0),
    FactorialRow("5 seeds", (5,) * len(CELLS)),
    FactorialRow("5 seeds, one SD 10", (5,) * len(CELLS), 0),
    FactorialRow("10 seeds", (10,) * len(CELLS)),
    FactorialRow("10 seeds, one SD 10", (10,) * len(CELLS), 0),
    FactorialRow("3, 5 or 10 seeds", MIXED),
    FactorialRow("3, 5 or 10 seeds, SD 10 where 3", MIXED, 0),
    FactorialRow("3, 5 or 10 seeds, SD 10 where 10", MIXED, 2),
)


@dataclass(frozen=True)
class FactorialChunk:
    row: FactorialRow
    studies: int
    seed: tuple[int, ...]


@dataclass
class FactorialCounts:
    """Studies with a false verdict, and for each main effect the intervals that hold."""

    studies: int
    false: int
    covered: np.ndarray


def count_factorial(chunk: FactorialChunk) -> FactorialCounts:
    row = chunk.row
    values = np.random.default_rng(chunk.seed).normal(size=(chunk.studies, len(CELLS), max(row.sizes)))
    if row.tenfold is not None:
        values[:, row.tenfold] *= 10
    false, covered = 0, np.zeros(len(REMOVALS))
    for of_study in values.tolist():
        cells = {}
        for levels, n, of_cell in zip(CELLS, row.sizes, of_study, strict=True):
            cells[levels] = Arm(str(levels), dict(enumerate(of_cell[:n])))
        design = factorial.Design(REMOVALS, cells, len(REMOVALS) + 1)
        effects = factorial.effects(design, len(REMOVALS), higher=True)
        main_effects = [effect for effect in effects if effect.kind == factorial.MAIN]
        false += any(effect.verdict in SIGNIFICANT for effect in main_effects)
        covered += [effect.interval.low <= 0 <= effect.interval.high for effect in main_effects]
    return FactorialCounts(chunk.studies, false, covered)
