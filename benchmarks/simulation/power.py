"""The share of true differences that a verdict finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from ablation.statistics import sequential, welch
from ablation.statistics.pair import Pair
from ablation.statistics.protocol import LEVEL
from ablation.statistics.verdict import Family
from simulation.level import SIGNIFICANT, Design, moved
from simulation.rows import MAX_SEEDS, Row

POWER_COMPARISONS = 8
SEED = 5  # the same values for each test and number of seeds


@dataclass(frozen=True)
class PowerTask:
    """The first of eight components differs from the baseline, or each of them does.

    difference: in SDs of the baseline.
    """

    row: Row
    design: Design
    difference: float
    all_differ: bool = False


@dataclass(frozen=True)
class Power:
    """The share of the components that differ with a verdict, and of their verdicts by the earlier rule.

    seeds: the mean number at the decision.
    """

    now: float
    before: float
    seeds: float

    def __str__(self) -> str:
        return f"{100 * self.now:.1f} at {self.seeds:.1f}"


def power(task: PowerTask, studies: int) -> Power:
    row, design = task.row, task.design
    differing = range(POWER_COMPARISONS if task.all_differ else 1)
    difference = task.difference * row.sd
    now, before, seeds = [], [], []
    for values in row.values(np.random.default_rng(SEED), studies, MAX_SEEDS):
        *components, baseline = row.variants(values, design.sizes(row))
        for index in differing:
            components[index] = moved(components[index], difference)
        pairs = [Pair(component, baseline, design.paired) for component in components[:POWER_COMPARISONS]]
        if design.n:
            found = [verdict in SIGNIFICANT for verdict in Family(pairs, POWER_COMPARISONS).verdicts()]
            found_before = _found_before(pairs)
            before += [found_before[index] for index in differing]
        else:
            decisions = sequential.decide(pairs, sequential.Design(MAX_SEEDS, POWER_COMPARISONS))
            found = [decision.verdict in SIGNIFICANT for decision in decisions]
            seeds += [decisions[index].seeds for index in differing]
        now += [found[index] for index in differing]
    return Power(float(np.mean(now)), float(np.mean(before or nan)), float(np.mean(seeds or design.n)))


def _found_before(pairs: Sequence[Pair]) -> list[bool]:
    """By the earlier rule: Welch's test, with degrees of freedom from the arithmetic mean of the variances."""
    usual = float(np.mean([pair.arm.floored_variance for pair in pairs]))
    ps = []
    for pair in pairs:
        ps.append(welch.guarded_estimate(pair.arm, pair.reference, usual).p_value())
    return [p <= LEVEL for p in welch.holm(ps, len(pairs))]
