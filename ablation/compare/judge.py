"""The verdict on an arm against another: Welch's t over seeds, two-sided, Holm over a study's comparisons.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, nan, sqrt

import numpy as np
from scipy import stats

from ablation.compare import beside, statistics
from ablation.compare.beside import Paired
from ablation.compare.rules import FEWEST, LEVEL

BETTER, WORSE, EQUIVALENT, OPEN, FEW = "better", "worse", "equivalent", "inconclusive", "too few seeds"
CALM, AMONG = "{} happens", "an arm beside {} happens"
KEPT = " to vary less than the arms do, which alone brings its p (Holm's) to {:.2g}; no verdict rests on that"
FAR, TENFOLD = 10, 10  # deviations from the rest that make a run a collapsed one; ratio of two arms' deviations


@dataclass(frozen=True)
class Arm:
    """values: of one metric, by seed. step: the least that a value can change by (one image), 0 where there is none."""

    label: str
    values: Mapping[int, float]
    step: float = 0.0

    @property
    def array(self) -> np.ndarray:
        """float64 (n,), in the order of seeds."""
        return np.array([self.values[seed] for seed in sorted(self.values)], dtype=float)

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return float(self.array.mean())

    @property
    def variance(self) -> float:
        return statistics.variance(self.array)

    @property
    def deviation(self) -> float:
        return sqrt(self.variance)


@dataclass(frozen=True)
class Finding:
    """An arm against another. Numbers that the runs do not give are nan.

    difference: arm minus other. interval: 95 %, of this difference alone. p: Welch's. adjusted: Holm's, over all
    comparisons. counted: the same with freedom counted as `noise` tells, on which the verdict rests. regrouped: the p
    without assuming normal noise; exact: were all regroupings gone through? normal: does the verdict rest on normal
    noise? improvement: chance that a run of the arm beats one of the other. effect: Hedges' g. noticed: of the arms.
    calm: does the arm vary less than arms are shown to, so that its own p counts for less?
    """

    arm: Arm
    other: Arm
    difference: float
    interval: tuple[float, float]
    p: float
    adjusted: float
    counted: float
    verdict: str
    normal: bool
    regrouped: float
    exact: bool
    paired: Paired | None
    improvement: float
    effect: float
    noticed: tuple[str, ...] = ()
    calm: bool = False

    @property
    def rests(self) -> bool:
        """Is there a verdict, and does it rest on normal noise?"""
        return self.normal and self.verdict not in ("", FEW)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know who relies on it."""
        kept = self.adjusted <= LEVEL < self.counted
        told = f"{CALM if self.calm else AMONG}{KEPT}".format(self.arm.label, self.adjusted)
        return (*self.noticed, *([told] if kept else []))


def judge(
    pairs: Sequence[tuple[Arm, Arm]],
    comparisons: int | None = None,
    margin: float | None = None,
    higher: bool = True,
    level: float = LEVEL,
) -> list[Finding]:
    """Judge each pair (arm, other). comparisons: how many were planned, where more than there are pairs.

    margin: differences within it do not matter to the user. higher: is more of the metric better?
    """
    many = max(comparisons or 0, len(pairs))
    usual, shown = _usual([arm for pair in pairs for arm in pair]), noise([arm for arm, _ in pairs])
    adjusted = holm([p(arm, other) for arm, other in pairs], many)
    decided = decide(pairs, many, margin, higher, level)
    return [
        _finding(*pair, reached, counted, verdict, many, higher, level, usual, shown)
        for pair, reached, (counted, verdict) in zip(pairs, adjusted, decided, strict=True)
    ]


def decide(
    pairs: Sequence[tuple[Arm, Arm]], comparisons: int, margin: float | None, higher: bool, level: float
) -> list[tuple[float, str]]:
    """The p that the verdict of each pair rests on, and the verdict; arguments as of `judge`."""
    shown = noise([arm for arm, _ in pairs])
    counted = holm([p(arm, other, shown) for arm, other in pairs], comparisons)
    within = [_outside(arm, other, margin, shown) if margin else nan for arm, other in pairs]
    inside = [p <= level for p in holm(within, comparisons)]
    return [
        (reached, _verdict(arm, other, reached <= level, near, higher))
        for (arm, other), reached, near in zip(pairs, counted, inside, strict=True)
    ]


def _verdict(arm: Arm, other: Arm, apart: bool, near: bool, higher: bool) -> str:
    gap = difference(arm, other)
    if min(arm.n, other.n) < FEWEST:
        return FEW
    if near:
        return EQUIVALENT
    return (BETTER if (gap > 0) == higher else WORSE) if apart and gap != 0 else OPEN


def holm(ps: Sequence[float], many: int) -> list[float]:
    """Adjusted p values; nan counts as 1. many: comparisons, of which some may have no p yet."""
    ps = [1.0 if np.isnan(p) else p for p in ps]
    adjusted, running = [1.0] * len(ps), 0.0
    for rank, i in enumerate(np.argsort(ps, kind="stable")):
        running = max(running, min(1.0, (many - rank) * ps[i]))
        adjusted[i] = running
    return adjusted


def difference(arm: Arm, other: Arm) -> float:
    return arm.mean - other.mean if arm.n and other.n else nan


def _finding(
    arm: Arm,
    other: Arm,
    adjusted: float,
    counted: float,
    verdict: str,
    many: int,
    higher: bool,
    level: float,
    usual: float,
    shown: float,
) -> Finding:
    gap = difference(arm, other)
    one, two = arm.array, other.array
    regrouped, exact = beside.regrouped(one, two)
    least = min(1.0, 2 / comb(arm.n + other.n, arm.n) if arm.n == other.n else 1 / comb(arm.n + other.n, arm.n))
    return Finding(
        arm,
        other,
        gap,
        interval(arm, other),
        welch(arm, other),
        *((adjusted, counted) if min(arm.n, other.n) >= FEWEST else (nan, nan)),
        verdict,
        least * many > level,
        regrouped,
        exact,
        beside.paired(arm.values, other.values),
        beside.improvement(one, two, higher),
        beside.effect(one, two),
        _noticed(arm, other, usual),
        p(arm, other, shown) > p(arm, other),
    )


def interval(arm: Arm, other: Arm, confidence: float = 0.95) -> tuple[float, float]:
    """Welch's, of the difference of means; (nan, nan) where no run differs from another of its arm."""
    error, freedom = _error(arm, other, floor=False)
    if not error > 0:
        return nan, nan
    half = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    gap = difference(arm, other)
    return gap - half, gap + half


def welch(arm: Arm, other: Arm) -> float:
    """Two-sided p. An arm's deviation never counts below one image; nan where no spread is known."""
    error, freedom = _error(arm, other)
    return float(2 * stats.t.sf(abs(difference(arm, other)) / error, freedom)) if error > 0 else nan


def _error(arm: Arm, other: Arm, floor: bool = True, shown: float = 0.0) -> tuple[float, float]:
    """Standard error of the difference, and degrees of freedom (Welch and Satterthwaite); (nan, nan) below two runs.

    shown: a variance that the arm's own is not believed to be below, where degrees of freedom are counted.
    """
    if min(arm.n, other.n) < 2:
        return nan, nan
    one, two = (max(a.variance, a.step**2 * floor) / a.n for a in (arm, other))
    if one + two == 0:
        return nan, nan
    freedom = _freedom(one, arm.n, two, other.n)
    return sqrt(one + two), min(freedom, _freedom(max(one, shown / arm.n), arm.n, two, other.n))


def _freedom(one: float, n: int, two: float, m: int) -> float:
    share = one / (one + two)  # of the larger scale, for squares of tiny numbers vanish
    return 1 / (share**2 / (n - 1) + (1 - share) ** 2 / (m - 1))


def noise(arms: Sequence[Arm]) -> float:
    """The mean variance of the arms: one that happens to show little would else lend its comparison too much trust.

    Without it Welch's test tells something of eight parts that do nothing in up to 8 % of studies, where their
    deviation is five times the baseline's (`benchmarks/verdict.py`).
    """
    return float(np.mean(known)) if (known := _variances(arms)) else 0.0


def _usual(arms: Sequence[Arm]) -> float:
    """The middle variance of the arms, the lower of two: a collapsed run does not hide itself in it."""
    known = sorted(_variances(arms))
    return known[(len(known) - 1) // 2] if known else 0.0


def _variances(arms: Sequence[Arm]) -> list[float]:
    return [max(arm.variance, arm.step**2) for arm in {id(arm): arm for arm in arms}.values() if arm.n > 1]


def p(arm: Arm, other: Arm, shown: float = 0.0) -> float:
    """Welch's, with degrees of freedom as if the arm were as noisy as arms are shown to be; nan for too few seeds."""
    error, freedom = _error(arm, other, shown=shown)
    if min(arm.n, other.n) < FEWEST or not error > 0:
        return nan
    return float(2 * stats.t.sf(abs(difference(arm, other)) / error, freedom))


def _outside(arm: Arm, other: Arm, margin: float, shown: float) -> float:
    """p of the claim that the difference lies within the margin: two one-sided tests (Schuirmann 1987)."""
    error, freedom = _error(arm, other, shown=shown)
    if min(arm.n, other.n) < FEWEST or not error > 0:
        return nan
    return float(stats.t.sf((margin - abs(difference(arm, other))) / error, freedom))


def _noticed(arm: Arm, other: Arm, usual: float) -> tuple[str, ...]:
    told = [text for one in (arm, other) if (text := collapsed(one, usual))]
    low, high = sorted(max(a.deviation, a.step) for a in (arm, other))
    if min(arm.n, other.n) >= FEWEST and low > 0 and high >= TENFOLD * low:
        noisy = max((arm, other), key=lambda a: max(a.deviation, a.step))
        steady = arm if noisy is other else other
        told.append(f"the deviation of {noisy.label} is {high / low:.0f} times that of {steady.label}")
    return tuple(told)


def collapsed(arm: Arm, usual: float = 0.0) -> str | None:
    """A run that lies more than ten deviations from the others of its arm. usual: a variance to expect at least."""
    if arm.n < FEWEST:
        return None
    values, n = arm.array - arm.mean, arm.n
    means = -values / (n - 1)  # of the others
    variances = ((values**2).sum() - values**2 - (n - 1) * means**2) / (n - 2)
    spread = np.sqrt(np.maximum(variances, max(arm.step**2, usual if n == FEWEST else 0.0)))
    far = np.abs(values - means) / np.where(spread > 0, spread, np.inf)
    worst = int(far.argmax())
    if far[worst] <= FAR:
        return None
    return f"seed {sorted(arm.values)[worst]} of {arm.label} lies {far[worst]:.0f} deviations from its others"


def seeds_for(wanted: float, arms: Sequence[Arm], level: float) -> tuple[int | None, int | None]:
    """The fewest and the most seeds of each that tell a difference, by where the arms' deviation may lie.

    None: too many. The deviation is the root of their mean variance, with as many degrees of freedom as their variances
    give together (Satterthwaite 1946). Arms of a single run tell nothing.
    """
    known = [(arm.variance, arm.n - 1) for arm in arms if arm.n > 1]
    total, squares = sum(one for one, _ in known), sum(one**2 / freedom for one, freedom in known)
    freedom = total**2 / squares if squares > 0 else sum(freedom for _, freedom in known)
    step, bounds = max(arm.step for arm in arms), statistics.deviation_interval(sqrt(total / len(known)), 1 + freedom)
    bounds = (max(bound, step) for bound in bounds)
    few, many = (statistics.seeds_needed(wanted / bound, level) if bound > 0 else FEWEST for bound in bounds)
    return few, many
