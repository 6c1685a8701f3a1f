"""The verdict on an arm against another: Welch's t over seeds, two-sided, Holm over a study's comparisons.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, nan, sqrt

from ablation.statistics import effect_size, intervals, power
from ablation.statistics.arm import Arm
from ablation.statistics.effect_size import Paired
from ablation.statistics.outliers import diagnostics
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.welch import (
    difference,
    holm,
    interval,
    mean_variance,
    median_variance,
    tost_p,
    welch,
    welch_p_pooled,
)

BETTER, WORSE, EQUIVALENT, INCONCLUSIVE, TOO_FEW = "better", "worse", "equivalent", "inconclusive", "too few seeds"
CALM, AMONG = "{} happens", "an arm beside {} happens"
KEPT = " to vary less than the arms do, which alone brings its p (Holm's) to {:.2g}; no verdict rests on that"


@dataclass(frozen=True)
class PairResult:
    """An arm compared with its reference. A number that the runs cannot give is nan.

    difference: the arm's mean minus the reference's. interval: 95 % CI of this difference alone.
    p: Welch's. p_holm: corrected by Holm over all comparisons.
    p_holm_pooled: as p_holm, with degrees of freedom computed from the arms' mean variance; the verdict uses it.
    p_permutation: p of a permutation test, which assumes no distribution. exhaustive: it tried every permutation.
    assumes_normality: with so few runs a permutation test cannot reach the level.
    paired: the difference between runs of equal seed. prob_improvement: the chance that a run of the arm beats one of
    the reference. diagnostics: sentences about outliers and unequal standard deviations.
    low_variance: the arm varies less than the average arm, so its own p value is not trusted.
    """

    arm: Arm
    reference: Arm
    difference: float
    interval: tuple[float, float]
    p: float
    p_holm: float
    p_holm_pooled: float
    verdict: str
    assumes_normality: bool
    p_permutation: float
    exhaustive: bool
    paired: Paired | None
    prob_improvement: float
    hedges_g: float
    diagnostics: tuple[str, ...] = ()
    low_variance: bool = False

    @property
    def relies_on_normality(self) -> bool:
        """Is there a verdict, and does it rest on normal noise?"""
        return self.assumes_normality and self.verdict not in ("", TOO_FEW)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know who relies on it."""
        kept = self.p_holm <= LEVEL < self.p_holm_pooled
        told = f"{CALM if self.low_variance else AMONG}{KEPT}".format(self.arm.label, self.p_holm)
        return (*self.diagnostics, *([told] if kept else []))


def judge(
    pairs: Sequence[tuple[Arm, Arm]],
    comparisons: int | None = None,
    margin: float | None = None,
    higher: bool = True,
    level: float = LEVEL,
) -> list[PairResult]:
    """Judge each pair (arm, other). comparisons: how many were planned, where more than there are pairs.

    margin: differences within it do not matter to the user. higher: is more of the metric better?
    """
    many = max(comparisons or 0, len(pairs))
    usual, shown = median_variance([arm for pair in pairs for arm in pair]), mean_variance([arm for arm, _ in pairs])
    adjusted = holm([welch_p_pooled(arm, other) for arm, other in pairs], many)
    decided = decide(pairs, many, margin, higher, level)
    return [
        _finding(*pair, reached, counted, verdict, many, higher, level, usual, shown)
        for pair, reached, (counted, verdict) in zip(pairs, adjusted, decided, strict=True)
    ]


def decide(
    pairs: Sequence[tuple[Arm, Arm]], comparisons: int, margin: float | None, higher: bool, level: float
) -> list[tuple[float, str]]:
    """The p that the verdict of each pair rests on, and the verdict; arguments as of `judge`."""
    shown = mean_variance([arm for arm, _ in pairs])
    counted = holm([welch_p_pooled(arm, other, shown) for arm, other in pairs], comparisons)
    within = [tost_p(arm, other, margin, shown) if margin else nan for arm, other in pairs]
    inside = [p <= level for p in holm(within, comparisons)]
    return [
        (reached, _verdict(arm, other, reached <= level, near, higher))
        for (arm, other), reached, near in zip(pairs, counted, inside, strict=True)
    ]


def _verdict(arm: Arm, other: Arm, apart: bool, near: bool, higher: bool) -> str:
    gap = difference(arm, other)
    if min(arm.n, other.n) < MIN_SEEDS:
        return TOO_FEW
    if near:
        return EQUIVALENT
    return (BETTER if (gap > 0) == higher else WORSE) if apart and gap != 0 else INCONCLUSIVE


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
) -> PairResult:
    gap = difference(arm, other)
    one, two = arm.array, other.array
    regrouped, exact = effect_size.regrouped(one, two)
    least = min(1.0, 2 / comb(arm.n + other.n, arm.n) if arm.n == other.n else 1 / comb(arm.n + other.n, arm.n))
    return PairResult(
        arm,
        other,
        gap,
        interval(arm, other),
        welch(arm, other),
        *((adjusted, counted) if min(arm.n, other.n) >= MIN_SEEDS else (nan, nan)),
        verdict,
        least * many > level,
        regrouped,
        exact,
        effect_size.paired(arm.values, other.values),
        effect_size.improvement(one, two, higher),
        effect_size.effect(one, two),
        diagnostics(arm, other, usual),
        welch_p_pooled(arm, other, shown) > welch_p_pooled(arm, other),
    )


def seeds_to_detect(wanted: float, arms: Sequence[Arm], level: float) -> tuple[int | None, int | None]:
    """The fewest and the most seeds of each that tell a difference, by where the arms' deviation may lie.

    None: too many. The deviation is the root of their mean variance, with as many degrees of freedom as their variances
    give together (Satterthwaite 1946). Arms of a single run tell nothing.
    """
    known = [(arm.variance, arm.n - 1) for arm in arms if arm.n > 1]
    total, squares = sum(one for one, _ in known), sum(one**2 / freedom for one, freedom in known)
    freedom = total**2 / squares if squares > 0 else sum(freedom for _, freedom in known)
    step, bounds = (
        max(arm.resolution for arm in arms),
        intervals.sd_interval(sqrt(total / len(known)), 1 + freedom),
    )
    bounds = (max(bound, step) for bound in bounds)
    few, many = (power.seeds_needed(wanted / bound, level) if bound > 0 else MIN_SEEDS for bound in bounds)
    return few, many
