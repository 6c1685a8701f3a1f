"""Group-sequential verdicts: interim looks at 3, 4, 5, … seeds that together keep the false-positive rate at the level.

The level is spent as seeds come in (Lan & DeMets 1983, Biometrika 70, with their Pocock-type spending function).
Welch's p is compared with the nominal level of each look (Jennison & Turnbull 2000, section 3.8). Holm's steps correct
for the study's comparisons (Maurer & Bretz 2013, Statist. Biopharm. Res. 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import e, isnan, log, pi, sqrt

import numpy as np
import scipy

from ablation.statistics import welch
from ablation.statistics.arm import Arm
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, WORSE, direction

GRID_POINTS, GRID_END = 400, 6.0  # of the density of the test statistic: points on each side of 0, and the end in SDs
WAITING = "not yet decided"


@dataclass(frozen=True)
class Decision:
    """The state of one comparison.

    verdict: WAITING if the next look needs more seeds. seeds: the number at that look, or at the look that decided.
    """

    verdict: str
    seeds: int


def looks(max_seeds: int) -> tuple[int, ...]:
    """The numbers of seeds at which a study is analysed."""
    return tuple(range(MIN_SEEDS, max_seeds + 1))


@cache
def nominal_levels(max_seeds: int, level: float) -> tuple[float, ...]:
    """The two-sided nominal level of each look, such that all looks together spend `level`.

    Integrates numerically the density of the test statistic over the paths that no earlier look has stopped.
    """
    shares = [n / max_seeds for n in looks(max_seeds)]
    spent = [level * log(1 + (e - 1) * share) for share in shares]
    grid = np.linspace(-GRID_END, GRID_END, 2 * GRID_POINTS + 1)
    step, gaps = grid[1] - grid[0], (grid[:, None] - grid) ** 2
    density, levels = scipy.stats.norm.pdf(grid, scale=sqrt(shares[0])), []
    for k, share in enumerate(shares):
        if k > 0:
            added_variance = share - shares[k - 1]
            kernel = np.exp(-gaps / (2 * added_variance))
            density = kernel @ density * (step / sqrt(2 * pi * added_variance))
        bound = _bound(grid, density * step, spent[k] - (spent[k - 1] if k > 0 else 0.0))
        levels.append(float(2 * scipy.stats.norm.sf(bound / sqrt(share))))
        density = density * np.clip((bound - np.abs(grid)) / step + 0.5, 0, 1)  # a fraction of the cell at the bound
    return tuple(levels)


def _bound(grid: np.ndarray, mass: np.ndarray, tail_mass: float) -> float:
    """The distance from 0 beyond which `tail_mass` lies, both tails together."""
    right = grid >= 0
    tail = np.cumsum((mass[right] + mass[::-1][right])[::-1])[::-1]
    edges = grid[right] - (grid[1] - grid[0]) / 2
    return float(np.interp(-np.log(tail_mass), -np.log(np.maximum(tail, 1e-300)), edges))


def max_usable_seeds(max_seeds: int, n: int, diverged: int) -> int:
    """The number of seeds that an arm with n seeds can reach.

    Each diverged run is replaced by another seed. From MIN_SEEDS diverged runs on, none is added: the divergence itself
    is then the result.
    """
    return max_seeds - diverged if diverged < MIN_SEEDS else n


def decide(
    pairs: Sequence[tuple[Arm, Arm]],
    max_seeds: int,
    comparisons: int,
    higher: bool,
    level: float = LEVEL,
    ends: Sequence[int] | None = None,
) -> list[Decision]:
    """Repeat all looks in order, each with the first seeds of every arm; return the decision for each pair.

    max_seeds: the seeds at the last look. ends: the seeds that each pair can reach, if fewer; a pair that is undecided
    at that point is inconclusive.
    """
    study = _Study(pairs, max_seeds, comparisons, higher, level, {})
    for look, n in enumerate(looks(max_seeds)):
        study.look(look, n, ends)
    return [study.decisions.get(i, Decision(INCONCLUSIVE, max_seeds)) for i in range(len(pairs))]


@dataclass
class _Study:
    """The arguments of `decide`, and the decisions so far, keyed by the index of their pair."""

    pairs: Sequence[tuple[Arm, Arm]]
    max_seeds: int
    comparisons: int
    higher: bool
    level: float
    decisions: dict[int, Decision]

    def look(self, look: int, n: int, ends: Sequence[int] | None) -> None:
        """Test the undecided pairs at n seeds, smallest p first, and stop at the first p above its level."""
        ready = self._ready(n, ends)
        arm_variance = welch.mean_variance([arm for arm, _ in ready.values()])
        ps: dict[int, float] = {}
        for i, (arm, reference) in ready.items():
            p = welch.welch_p_pooled(arm, reference, arm_variance)
            if not isnan(p):
                ps[i] = p
        for i in sorted(ps, key=ps.__getitem__):
            difference = welch.difference(*ready[i])
            if ps[i] > self._level(look) or difference == 0:
                break
            self.decisions[i] = Decision(direction(difference, True, self.higher), n)

    def _ready(self, n: int, ends: Sequence[int] | None) -> dict[int, tuple[Arm, Arm]]:
        """The undecided pairs with n seeds in both arms, cut to n. The other pairs wait or become inconclusive."""
        ready: dict[int, tuple[Arm, Arm]] = {}
        for i, (arm, reference) in enumerate(self.pairs):
            if i in self.decisions:
                continue
            if min(arm.n, reference.n) >= n:
                ready[i] = arm.first(n), reference.first(n)
            else:
                can_come = ends is None or n <= ends[i]
                self.decisions[i] = Decision(WAITING if can_come else INCONCLUSIVE, n)
        return ready

    def _level(self, look: int) -> float:
        """The nominal level of this look after Holm's step: the level is shared by the comparisons still undecided."""
        different = [decision for decision in self.decisions.values() if decision.verdict in (BETTER, WORSE)]
        undecided = max(1, self.comparisons - len(different))
        return nominal_levels(self.max_seeds, self.level / undecided)[look]
