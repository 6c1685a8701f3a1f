"""Effects of a factorial design: main effects, interactions, gaps between one-out and one-in, and Shapley shares.

Each is a contrast of cell means (Box, Hunter & Hunter 2005, ch. 5). Its standard error comes from the cells' own
standard deviations, by Welch and Satterthwaite, so that cells need not be equally noisy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial, nan, prod, sqrt

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate, satterthwaite
from ablation.statistics.intervals import Interval
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import TOO_FEW, direction
from ablation.statistics.welch import holm

Levels = tuple[int, ...]  # of a cell: one for each component, 0 where the component is there
Cells = Mapping[Levels, Arm]
MAIN, INTERACTION, GAP, SHAPLEY = "main effect", "interaction", "leave one out less add one in", "Shapley share"
MAX_COMPONENTS = 10  # above, no shares: they need 2^components cells


@dataclass(frozen=True)
class Effect:
    """An effect of taking components away.

    kind: MAIN, INTERACTION, GAP or SHAPLEY. components: the labels of the removals.
    difference: how the removal changes the metric; for a Shapley share, what the component adds. interval: its 95 % CI.
    p: two-sided. p_holm, verdict: of main effects alone, with Holm's correction over the planned ones.
    """

    kind: str
    components: tuple[str, ...]
    difference: float
    interval: Interval
    p: float
    p_holm: float = nan
    verdict: str = ""


@dataclass(frozen=True)
class Design:
    """A factorial design with its runs.

    removals: for each component the labels of its removals, in the order of the levels from 1.
    cells: all of the design. resolution: a fraction's number; of a full factorial more than it has components.
    """

    removals: Sequence[Sequence[str]]
    cells: Cells
    resolution: int

    @property
    def sizes(self) -> list[int]:
        """How many levels each component has."""
        return [max(levels) + 1 for levels in zip(*self.cells, strict=True)]

    @property
    def is_full(self) -> bool:
        return len(self.cells) == prod(self.sizes)

    @property
    def has_interactions(self) -> bool:
        """Whether interactions of two components are mixed neither with main effects nor with one another."""
        return self.is_full or (self.resolution >= 5 and set(self.sizes) == {2})

    def at(self, wanted: Mapping[int, int]) -> list[Levels]:
        """The cells that have the wanted level of each component named by its place."""
        return [levels for levels in self.cells if all(levels[i] == level for i, level in wanted.items())]


def effects(
    removals: Sequence[Sequence[str]], cells: Cells, resolution: int, comparisons: int, higher: bool
) -> list[Effect]:
    """All effects that the design can estimate.

    removals, cells, resolution: as in Design. comparisons: how many Holm's correction counts.
    higher: whether a higher value is better.
    """
    design = Design(removals, cells, resolution)
    found = _judged(_main_effects(design), cells, comparisons, higher)
    if design.has_interactions:
        found += _interactions(design)
    if design.is_full and 1 < len(design.sizes) <= MAX_COMPONENTS:
        found += [_gap(design, i) for i in range(len(design.sizes))]
        found += [_shapley_share(design, i) for i in range(len(design.sizes))]
    return found


def contrast(weights: Mapping[Levels, float], cells: Cells) -> Estimate:
    """The weighted sum of cell means; its error is unknown where a cell has a single run. Equal cells count as one."""
    arms = {id(cells[levels]): cells[levels] for levels in weights}
    weight_of: dict[int, float] = dict.fromkeys(arms, 0.0)
    for levels, weight in weights.items():
        weight_of[id(cells[levels])] += weight
    if any(arm.n == 0 for arm in arms.values()):
        return Estimate(nan)
    value = sum(weight * arms[key].mean for key, weight in weight_of.items())
    if any(arm.n < 2 for arm in arms.values()):
        return Estimate(value)
    weighted = [(arms[key], weight) for key, weight in weight_of.items() if weight]
    variances = [weight**2 * arm.floored_variance / arm.n for arm, weight in weighted]
    total = sum(variances)
    if not total > 0:
        return Estimate(value)
    freedom = satterthwaite([variance / total for variance in variances], [arm.n for arm, _ in weighted])
    return Estimate(value, sqrt(total), freedom)


def _effect(kind: str, components: tuple[str, ...], weights: Mapping[Levels, float], cells: Cells) -> Effect:
    estimate = contrast(weights, cells)
    return Effect(kind, components, estimate.value, estimate.interval(), estimate.p_value())


def _main_effects(design: Design) -> list[Effect]:
    """For each removal the mean of the cells with it less the mean of those that have the component."""
    found = []
    for i, size in enumerate(design.sizes):
        having = design.at({i: 0})
        for level in range(1, size):
            without = design.at({i: level})
            weights = dict.fromkeys(without, 1 / len(without)) | dict.fromkeys(having, -1 / len(having))
            found.append(_effect(MAIN, (design.removals[i][level - 1],), weights, design.cells))
    return found


def _interactions(design: Design) -> list[Effect]:
    """For each two removals how much more the one changes where the other component is gone too."""
    found = []
    for (i, size), (j, other_size) in combinations(enumerate(design.sizes), 2):
        for level in range(1, size):
            for other_level in range(1, other_size):
                found.append(_interaction(design, {i: level, j: other_level}))
    return found


def _interaction(design: Design, removed: Mapping[int, int]) -> Effect:
    (i, level), (j, other_level) = removed.items()
    weights: dict[Levels, float] = {}
    for at_i, at_j, sign in ((level, other_level, 1), (level, 0, -1), (0, other_level, -1), (0, 0, 1)):
        group = design.at({i: at_i, j: at_j})
        for levels in group:
            weights[levels] = weights.get(levels, 0.0) + sign / len(group)
    labels = design.removals[i][level - 1], design.removals[j][other_level - 1]
    return _effect(INTERACTION, labels, weights, design.cells)


def _gap(design: Design, i: int) -> Effect:
    """What a component is worth among all the others, less what it is worth alone."""
    n = len(design.removals)
    only_it_gone = tuple(int(j == i) for j in range(n))
    only_it_there = tuple(int(j != i) for j in range(n))
    weights = {(0,) * n: 1.0, only_it_gone: -1.0, only_it_there: -1.0, (1,) * n: 1.0}
    return _effect(GAP, (design.removals[i][0],), weights, design.cells)


def _shapley_share(design: Design, i: int) -> Effect:
    """What a component adds, averaged over all orders in which components can be added (Shapley 1953)."""
    n = len(design.removals)
    weights: dict[Levels, float] = {}
    others = [j for j in range(n) if j != i]
    for size in range(n):
        share = factorial(size) * factorial(n - size - 1) / factorial(n)
        for added in combinations(others, size):
            before = tuple(int(j not in added) for j in range(n))
            after = tuple(int(j not in added and j != i) for j in range(n))
            weights[after] = weights.get(after, 0.0) + share
            weights[before] = weights.get(before, 0.0) - share
    return _effect(SHAPLEY, (design.removals[i][0],), weights, design.cells)


def _judged(effects: Sequence[Effect], cells: Cells, comparisons: int, higher: bool) -> list[Effect]:
    """The main effects with their verdicts."""
    if min(arm.n for arm in cells.values()) < MIN_SEEDS:
        return [replace(effect, verdict=TOO_FEW) for effect in effects]
    adjusted = holm([effect.p for effect in effects], max(comparisons, len(effects)))
    return [
        replace(effect, p_holm=p, verdict=direction(effect.difference, p <= LEVEL, higher))
        for effect, p in zip(effects, adjusted, strict=True)
    ]
