"""Verdicts while seeds are added: looks at 3, 4, 5, … seeds, each at a level that holds the errors of all together.

Group-sequential, by spending the level as seeds come in (Lan & DeMets 1983, Biometrika 70, with the spending function
that is near Pocock's); the nominal level of each look is applied to Welch's p (Jennison & Turnbull 2000, section 3.8);
over a study's comparisons by Holm's steps (Maurer & Bretz 2013, Statist. Biopharm. Res. 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import e, isnan, log, pi, sqrt

import numpy as np
from scipy import stats

from ablation.statistics import welch
from ablation.statistics.arm import Arm
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, WORSE, direction

GRID_POINTS, GRID_END = 400, 6.0  # points on each side, and SDs of the sum, over which its density is followed
WAITING = "not yet decided"


@dataclass(frozen=True)
class Decision:
    """verdict: WAITING where the next look needs further seeds. seeds: of that look, or of the last one."""

    verdict: str
    seeds: int


def looks(max_seeds: int) -> tuple[int, ...]:
    """The numbers of seeds at which the study is analysed."""
    return tuple(range(MIN_SEEDS, max_seeds + 1))


@cache
def nominal_levels(max_seeds: int, level: float) -> tuple[float, ...]:
    """The two-sided level of each look, so that all looks together spend the level.

    Follows the density of the sum of what each seed adds, over the paths that no earlier look has ended.
    """
    shares = [n / max_seeds for n in looks(max_seeds)]
    spent = [level * log(1 + (e - 1) * share) for share in shares]
    grid = np.linspace(-GRID_END, GRID_END, 2 * GRID_POINTS + 1)
    step, gaps = grid[1] - grid[0], (grid[:, None] - grid) ** 2
    density, levels = stats.norm.pdf(grid, scale=sqrt(shares[0])), []
    for k, share in enumerate(shares):
        if k > 0:
            added_variance = share - shares[k - 1]
            kernel = np.exp(-gaps / (2 * added_variance))
            density = kernel @ density * (step / sqrt(2 * pi * added_variance))
        bound = _bound(grid, density * step, spent[k] - (spent[k - 1] if k > 0 else 0.0))
        levels.append(float(2 * stats.norm.sf(bound / sqrt(share))))
        density = density * np.clip((bound - np.abs(grid)) / step + 0.5, 0, 1)  # the cell at the bound in part
    return tuple(levels)


def _bound(grid: np.ndarray, mass: np.ndarray, wanted: float) -> float:
    """The distance from 0 beyond which the wanted mass lies, on both sides together."""
    right = grid >= 0
    tail = np.cumsum((mass[right] + mass[::-1][right])[::-1])[::-1]
    edges = grid[right] - (grid[1] - grid[0]) / 2
    return float(np.interp(-np.log(wanted), -np.log(np.maximum(tail, 1e-300)), edges))


def max_usable_seeds(max_seeds: int, n: int, diverged: int) -> int:
    """How many seeds an arm with n of them can reach.

    A run that diverged is replaced by a further seed; MIN_SEEDS of them are a finding, and nothing is added.
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
    """Go through the looks in their order, each with the first seeds of every arm.

    max_seeds: of the last look. ends: how many seeds each pair can reach, where these are fewer; what is undecided then
    remains inconclusive.
    """
    study = _Study(pairs, max_seeds, comparisons, higher, level, {})
    for look, n in enumerate(looks(max_seeds)):
        study.look(look, n, ends)
    return [study.decisions.get(i, Decision(INCONCLUSIVE, max_seeds)) for i in range(len(pairs))]


@dataclass
class _Study:
    """What `decide` was given, and the decisions so far by the place of their pair."""

    pairs: Sequence[tuple[Arm, Arm]]
    max_seeds: int
    comparisons: int
    higher: bool
    level: float
    decisions: dict[int, Decision]

    def look(self, look: int, n: int, ends: Sequence[int] | None) -> None:
        """Decide what n seeds decide: the smallest p first, up to the first that does not reach its level."""
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
        """The undecided pairs that have n seeds on both sides, with these seeds; decide the others to wait, or not."""
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
        """The level of this look by Holm's step: shared among the comparisons without a difference so far."""
        different = [decision for decision in self.decisions.values() if decision.verdict in (BETTER, WORSE)]
        undecided = max(1, self.comparisons - len(different))
        return nominal_levels(self.max_seeds, self.level / undecided)[look]
