"""Effects of a factorial design: main effects, interactions, leave-one-out minus add-one-in, and Shapley shares.

Each is a contrast of cell means (Box, Hunter & Hunter 2005, ch. 5). Its standard error follows Welch and Satterthwaite,
so the cells may have unequal variances.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import factorial, nan, prod, sqrt

from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate, satterthwaite
from ablation.statistics.intervals import Interval
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import BETTER, TOO_FEW, WHERE_TRAINED, WORSE, direction
from ablation.statistics.welch import holm

Levels = tuple[int, ...]  # a cell: one level per component, 0 if the component is present
Cells = Mapping[Levels, Arm]
MAIN, INTERACTION, GAP, SHAPLEY = "main effect", "interaction", "leave-one-out minus add-one-in", "Shapley share"
MAX_COMPONENTS = 10  # Shapley shares need 2^components cells; above this none are computed


@dataclass(frozen=True)
class Effect:
    """The effect of removing components.

    kind: MAIN, INTERACTION, GAP or SHAPLEY. components: the labels of the removals.
    difference: the change of the metric by the removal; for a Shapley share, the component's contribution.
    estimate: its standard error and degrees of freedom. interval: 95 % CI of the difference. p: two-sided.
    p_holm, verdict: only for main effects, with Holm's correction over the planned ones.
    """

    kind: str
    components: tuple[str, ...]
    estimate: Estimate
    p_holm: float = nan
    verdict: str = ""

    @property
    def difference(self) -> float:
        return self.estimate.value

    @property
    def interval(self) -> Interval:
        return self.estimate.interval()

    @property
    def p(self) -> float:
        return self.estimate.p_value()


@dataclass(frozen=True)
class Design:
    """A factorial design with its runs.

    removals: for each component, the labels of its removals; the first is level 1.
    cells: all cells of the design. resolution: of a fractional design; for a full one, more than its components.
    diverged: {cell: the number of its runs that diverged}, of cells with any.
    """

    removals: Sequence[Sequence[str]]
    cells: Cells
    resolution: int
    diverged: Mapping[Levels, int] = field(default_factory=dict)

    @property
    def sizes(self) -> list[int]:
        """The number of levels of each component."""
        return [max(levels) + 1 for levels in zip(*self.cells, strict=True)]

    @property
    def has_enough_runs(self) -> bool:
        """True if each cell has run MIN_SEEDS times, and two runs of it have a value."""
        for levels, arm in self.cells.items():
            if arm.n < 2 or arm.n + self.diverged.get(levels, 0) < MIN_SEEDS:
                return False
        return True

    @property
    def is_full(self) -> bool:
        return len(self.cells) == prod(self.sizes)

    @property
    def has_interactions(self) -> bool:
        """True if two-way interactions are aliased neither with main effects nor with each other."""
        return self.is_full or (self.resolution >= 5 and set(self.sizes) == {2})

    def at(self, fixed: Mapping[int, int]) -> list[Levels]:
        """The cells with these levels. fixed: {index of a component: its level}."""
        return [levels for levels in self.cells if all(levels[i] == level for i, level in fixed.items())]


def effects(design: Design, comparisons: int, higher: bool) -> list[Effect]:
    """All effects that the design can estimate.

    comparisons: the number that Holm's correction counts. higher: True if a higher value is better.
    """
    all_effects = _main_effects(design, comparisons, higher)
    if design.has_interactions:
        all_effects += _interactions(design)
    if design.is_full and 1 < len(design.sizes) <= MAX_COMPONENTS:
        all_effects += [_gap(design, i) for i in range(len(design.sizes))]
        all_effects += [_shapley_share(design, i) for i in range(len(design.sizes))]
    return all_effects


def contrast(weights: Mapping[Levels, float], cells: Cells) -> Estimate:
    """The weighted sum of cell means. Its standard error is nan if a cell has a single run. Equal cells count once."""
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
    return Effect(kind, components, contrast(weights, cells))


def _main_effects(design: Design, comparisons: int, higher: bool) -> list[Effect]:
    """For each removal, the mean of the cells with this removal minus the mean of the cells that keep the component."""
    main_effects, diverged = [], []
    for i, size in enumerate(design.sizes):
        having = design.at({i: 0})
        for level in range(1, size):
            without = design.at({i: level})
            weights = dict.fromkeys(without, 1 / len(without)) | dict.fromkeys(having, -1 / len(having))
            main_effects.append(_effect(MAIN, (design.removals[i][level - 1],), weights, design.cells))
            diverged.append((_any_diverged(design, without), _any_diverged(design, having)))
    adjusted = holm([effect.p for effect in main_effects], max(comparisons, len(main_effects)))
    judged = []
    for effect, p, lost in zip(main_effects, adjusted, diverged, strict=True):
        if design.has_enough_runs:
            judged.append(replace(effect, p_holm=p, verdict=_verdict(effect, p, lost, higher)))
        else:
            judged.append(replace(effect, verdict=TOO_FEW))
    return judged


def _any_diverged(design: Design, cells: Sequence[Levels]) -> bool:
    return any(levels in design.diverged for levels in cells)


def _verdict(effect: Effect, p_holm: float, lost: tuple[bool, bool], higher: bool) -> str:
    """lost: whether runs diverged in the cells without the component, and in those with it."""
    found = direction(effect.difference, p_holm <= LEVEL, higher)
    diverged_without, diverged_with = lost
    if (found == BETTER and diverged_without) or (found == WORSE and diverged_with):
        return WHERE_TRAINED
    return found


def _interactions(design: Design) -> list[Effect]:
    """For each pair of removals, the change in the effect of one when the other component is removed too."""
    interactions = []
    for (i, size), (j, other_size) in combinations(enumerate(design.sizes), 2):
        for level in range(1, size):
            for other_level in range(1, other_size):
                interactions.append(_interaction(design, {i: level, j: other_level}))
    return interactions


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
    """The component's leave-one-out effect minus its add-one-in effect."""
    n = len(design.removals)
    only_it_gone = tuple(int(j == i) for j in range(n))
    only_it_there = tuple(int(j != i) for j in range(n))
    weights = {(0,) * n: 1.0, only_it_gone: -1.0, only_it_there: -1.0, (1,) * n: 1.0}
    return _effect(GAP, (design.removals[i][0],), weights, design.cells)


def _shapley_share(design: Design, i: int) -> Effect:
    """The component's contribution, averaged over all orders of adding the components (Shapley 1953)."""
    n = len(design.removals)
    weights: dict[Levels, float] = {}
    other_components = [j for j in range(n) if j != i]
    for size in range(n):
        share = factorial(size) * factorial(n - size - 1) / factorial(n)
        for added in combinations(other_components, size):
            before = tuple(int(j not in added) for j in range(n))
            after = tuple(int(j not in added and j != i) for j in range(n))
            weights[after] = weights.get(after, 0.0) + share
            weights[before] = weights.get(before, 0.0) - share
    return _effect(SHAPLEY, (design.removals[i][0],), weights, design.cells)
