"""Verdicts while seeds are added: looks at 3, 4, 5, … seeds, each at a level that holds the errors of all together.

Group-sequential, by spending the level as seeds come in (Lan & DeMets 1983, Biometrika 70, with the spending function
that is near Pocock's); the nominal level of each look is applied to Welch's p (Jennison & Turnbull 2000, section 3.8);
over a study's comparisons by Holm's steps (Maurer & Bretz 2013, Statist. Biopharm. Res. 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import e, log, pi, sqrt

import numpy as np
from scipy import stats

from ablation.statistics import welch
from ablation.statistics.arm import Arm
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, WORSE

GRID, WIDE = 400, 6.0  # points on each side, and deviations of the sum, in which its density is followed
WAITING = "not yet decided"


@dataclass(frozen=True)
class Decision:
    """verdict: WAITING where the next look needs seeds that are to come. seeds: of that look, or the last one."""

    verdict: str
    seeds: int


def looks(most: int) -> tuple[int, ...]:
    """At how many seeds is looked."""
    return tuple(range(MIN_SEEDS, most + 1))


@cache
def nominal_levels(most: int, level: float) -> tuple[float, ...]:
    """The two-sided level of each look, so that all looks together spend the level."""
    shares = [n / most for n in looks(most)]
    spent = [level * log(1 + (e - 1) * share) for share in shares]
    grid = np.linspace(-WIDE, WIDE, 2 * GRID + 1)
    step, density, levels, before = grid[1] - grid[0], None, [], 0.0
    gaps = (grid[:, None] - grid) ** 2
    for k, share in enumerate(shares):
        wanted = spent[k] - (spent[k - 1] if k else 0.0)
        if density is None:
            density = stats.norm.pdf(grid, scale=sqrt(share))
        else:
            scale = share - before  # variance of what this look adds
            density = np.exp(-gaps / (2 * scale)) @ density * (step / sqrt(2 * pi * scale))
        bound = _bound(grid, density * step, wanted)
        levels.append(float(2 * stats.norm.sf(bound / sqrt(share))))
        density = density * np.clip((bound - np.abs(grid)) / step + 0.5, 0, 1)  # of the cell at the bound a part
        before = share
    return tuple(levels)


def _bound(grid: np.ndarray, mass: np.ndarray, wanted: float) -> float:
    """Beyond which on both sides there is the wanted mass."""
    right = grid >= 0
    tail = np.cumsum((mass[right] + mass[::-1][right])[::-1])[::-1]
    edges = grid[right] - (grid[1] - grid[0]) / 2
    return float(np.interp(-np.log(wanted), -np.log(np.maximum(tail, 1e-300)), edges))


def max_usable_seeds(most: int, n: int, lost: int) -> int:
    """How many seeds an arm may come to. A run that diverged is made up for by a further seed; three are a finding."""
    return most - lost if lost < MIN_SEEDS else n


def decide(
    pairs: Sequence[tuple[Arm, Arm]],
    most: int,
    comparisons: int,
    higher: bool,
    level: float = LEVEL,
    ends: Sequence[int] | None = None,
) -> list[Decision]:
    """Go through the looks as they were, with the first seeds of each arm. most: seeds at which is looked last.

    ends: how many seeds may come, of each pair, where they are fewer: what is open then remains so.
    """
    found: list[Decision | None] = [None] * len(pairs)
    for look, n in enumerate(looks(most)):
        open_ = [i for i, decision in enumerate(found) if decision is None]
        for i in open_:
            if min(arm.n for arm in pairs[i]) < n:
                found[i] = Decision(WAITING if ends is None or n <= ends[i] else INCONCLUSIVE, n)
        ready = [i for i in open_ if found[i] is None]
        now = {i: tuple(_first(arm, n) for arm in pairs[i]) for i in ready}
        noise = welch.mean_variance([arm for arm, _ in now.values()])
        ps = {i: welch.welch_p_pooled(*now[i], noise) for i in ready}
        for i in sorted((i for i in ready if ps[i] == ps[i]), key=lambda i: ps[i]):
            left = comparisons - sum(d is not None and d.verdict in (BETTER, WORSE) for d in found)
            gap = welch.difference(*now[i])
            if ps[i] > nominal_levels(most, level / max(1, left))[look] or gap == 0:
                break
            found[i] = Decision(BETTER if (gap > 0) == higher else WORSE, n)
    return [decision or Decision(INCONCLUSIVE, most) for decision in found]


def _first(arm: Arm, n: int) -> Arm:
    return Arm(arm.label, {seed: arm.values[seed] for seed in sorted(arm.values)[:n]}, arm.resolution)
