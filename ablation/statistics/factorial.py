"""What a factorial says of its parts: main effects, interactions, alone against among the others, Shapley shares.

Each is a contrast of cell means (Box, Hunter & Hunter 2005, ch. 5); its error comes from the cells' own deviations, by
Welch and Satterthwaite, so that cells need not be equally noisy.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial, nan, sqrt

from scipy import stats

from ablation.statistics.arm import Arm
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, TOO_FEW, WORSE
from ablation.statistics.welch import holm

Cells = Mapping[tuple[int, ...], Arm]  # level of each part, 0 where it is there -> its runs
MAIN, INTERACTION, GAP, SHAPLEY = "main effect", "interaction", "leave one out less add one in", "Shapley share"
MANY = 10  # parts beyond which shares, of 2^parts cells, are no question


@dataclass(frozen=True)
class Effect:
    """kind: one of the four. parts: whose. difference: what the removal changes; of a share, what the part adds.

    interval: 95 %. p, p_holm: of main effects, Holm over the planned ones; of others p alone and no verdict.
    """

    kind: str
    parts: tuple[str, ...]
    difference: float
    interval: tuple[float, float]
    p: float
    p_holm: float = nan
    verdict: str = ""


def effects(
    parts: Sequence[Sequence[str]], cells: Cells, resolution: int, comparisons: int, higher: bool
) -> list[Effect]:
    """parts: the labels of each part's removals, in the order of the levels' places.

    cells: all of the design. resolution: its number; a full factorial's is above its number of parts.
    """
    sizes = [max(levels) + 1 for levels in zip(*cells, strict=True)]
    full = len(cells) == _product(sizes)
    found = _judged(
        [_main(parts, cells, i, k) for i, size in enumerate(sizes) for k in range(1, size)], cells, comparisons, higher
    )
    if full or (resolution >= 5 and set(sizes) == {2}):
        pairs = [(i, j) for i, j in combinations(range(len(sizes)), 2)]
        found += [
            _interaction(parts, cells, i, j, a, b)
            for i, j in pairs
            for a in range(1, sizes[i])
            for b in range(1, sizes[j])
        ]
    if full and 1 < len(sizes) <= MANY:
        found += [_gap(parts, cells, i) for i in range(len(sizes))]
        found += [_share(parts, cells, i) for i in range(len(sizes))]
    return found


def _product(sizes: Sequence[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def contrast(weights: Mapping[tuple[int, ...], float], cells: Cells) -> tuple[float, tuple[float, float], float]:
    """The weighted sum of cell means, its 95 % interval and two-sided p; a cell that stands for two counts as one."""
    of: Counter[int] = Counter()
    arms = {id(cells[levels]): cells[levels] for levels in weights}
    for levels, weight in weights.items():
        of[id(cells[levels])] += weight
    if any(arm.n == 0 for arm in arms.values()):
        return nan, (nan, nan), nan
    value = sum(weight * arms[k].mean for k, weight in of.items())
    if any(arm.n < 2 for arm in arms.values()):
        return value, (nan, nan), nan
    parts = [
        (weight**2 * max(arms[k].variance, arms[k].resolution ** 2) / arms[k].n, arms[k].n)
        for k, weight in of.items()
        if weight
    ]
    total = sum(part for part, _ in parts)
    if not total > 0:
        return value, (nan, nan), nan
    freedom = 1 / sum((part / total) ** 2 / (n - 1) for part, n in parts)
    half = float(stats.t.ppf(0.975, freedom)) * sqrt(total)
    return value, (value - half, value + half), float(2 * stats.t.sf(abs(value) / sqrt(total), freedom))


def _main(parts: Sequence[Sequence[str]], cells: Cells, i: int, level: int) -> Effect:
    """Mean of the cells without a part less the mean of those with it, whatever else is there."""
    without = [levels for levels in cells if levels[i] == level]
    having = [levels for levels in cells if levels[i] == 0]
    weights = {levels: 1 / len(without) for levels in without} | {levels: -1 / len(having) for levels in having}
    return Effect(MAIN, (parts[i][level - 1],), *contrast(weights, cells))


def _interaction(parts: Sequence[Sequence[str]], cells: Cells, i: int, j: int, a: int, b: int) -> Effect:
    """How much more the removal of one part changes where the other is gone too."""
    weights: Counter[tuple[int, ...]] = Counter()
    for x, y, sign in ((a, b, 1), (a, 0, -1), (0, b, -1), (0, 0, 1)):
        some = [levels for levels in cells if levels[i] == x and levels[j] == y]
        weights.update({levels: sign / len(some) for levels in some})
    return Effect(INTERACTION, (parts[i][a - 1], parts[j][b - 1]), *contrast(weights, cells))


def _gap(parts: Sequence[Sequence[str]], cells: Cells, i: int) -> Effect:
    """What a part is worth among all others, less what it is worth alone."""
    n = len(parts)
    alone = tuple(int(j == i) for j in range(n))
    rest = tuple(int(j != i) for j in range(n))
    weights = Counter({(0,) * n: 1.0, alone: -1.0})
    weights.subtract({rest: 1.0, (1,) * n: -1.0})
    return Effect(GAP, (parts[i][0],), *contrast(weights, cells))


def _share(parts: Sequence[Sequence[str]], cells: Cells, i: int) -> Effect:
    """What a part adds, averaged over all orders in which parts can be added (Shapley 1953)."""
    n, weights = len(parts), Counter()
    others = [j for j in range(n) if j != i]
    for size in range(n):
        share = factorial(size) * factorial(n - size - 1) / factorial(n)
        for there in combinations(others, size):
            before = tuple(int(j not in there) for j in range(n))
            after = tuple(int(j not in there and j != i) for j in range(n))
            weights.update({after: share})
            weights.subtract({before: share})
    return Effect(SHAPLEY, (parts[i][0],), *contrast(weights, cells))


def _judged(main: Sequence[Effect], cells: Cells, comparisons: int, higher: bool) -> list[Effect]:
    few = min(arm.n for arm in cells.values()) < MIN_SEEDS
    adjusted = [nan] * len(main) if few else holm([effect.p for effect in main], max(comparisons, len(main)))
    return [
        Effect(e.kind, e.parts, e.difference, e.interval, e.p, p, TOO_FEW if few else _verdict(e.difference, p, higher))
        for e, p in zip(main, adjusted, strict=True)
    ]


def _verdict(difference: float, p: float, higher: bool) -> str:
    if not p <= LEVEL or difference == 0:
        return INCONCLUSIVE
    return BETTER if (difference > 0) == higher else WORSE
