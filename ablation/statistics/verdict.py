"""Verdicts on arms against their references: two-sided t-tests over seeds, corrected by Holm, and TOST.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6; Schuirmann 1987, J. Pharmacokinet. Biopharm. 15.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan, nan
from typing import Any

from ablation.statistics import effect_size, welch
from ablation.statistics.arm import Arm
from ablation.statistics.effect_size import Paired
from ablation.statistics.estimate import Estimate
from ablation.statistics.intervals import UNKNOWN, Interval
from ablation.statistics.outliers import diagnostics
from ablation.statistics.pair import Pair
from ablation.statistics.protocol import LEVEL, MIN_SEEDS

BETTER, WORSE, EQUIVALENT, INCONCLUSIVE, TOO_FEW = "better", "worse", "equivalent", "inconclusive", "too few seeds"
INCOMPLETE = "incomplete"  # instead of a verdict where planned runs are missing
WHERE_TRAINED = "only where trained"  # instead of a verdict that diverged runs on the side it favours could contradict


@dataclass(frozen=True)
class Look:
    """The interim look at which a comparison was decided, or the last one so far.

    n: the number of complete pairs. level: its nominal level. p: two-sided.
    """

    n: int
    level: float
    p: float


@dataclass(frozen=True)
class PairResult:
    """The comparison of an arm with its reference. A number that the runs cannot determine is nan.

    pair: the runs that were tested; in a sequential study, those of the look.
    estimate: the difference, with the standard error and degrees of freedom on which the verdict rests.
    interval: 95 % CI of this difference alone; in a sequential study, valid at all looks together.
    simultaneous: 95 % for all comparisons together (Bonferroni), with the verdict's degrees of freedom.
    equivalence_interval: 90 % CI, which lies within the margin if TOST shows equivalence at 5 %.
    p: of the test alone. p_holm: corrected by Holm, with the verdict's degrees of freedom. p_equivalence: of TOST.
    outcome: what the test found, even if the verdict is withdrawn because of diverged runs.
    within_margin: True if TOST shows a difference below the margin, after Holm.
    by_later_step: True if only a later step of Holm's procedure, not Bonferroni's, reaches the level.
    p_permutation: p of a permutation test, which assumes no distribution. exhaustive: True if it enumerated all.
    assumes_normality: True if a permutation test of so few runs cannot reach the level.
    paired: the comparison of runs of equal seed. prob_improvement: the probability that a run of the arm beats a run of
    the reference. diagnostics: sentences about outliers and unequal standard deviations.
    look: in a sequential study.
    """

    pair: Pair
    estimate: Estimate
    interval: Interval
    p: float
    p_permutation: float
    exhaustive: bool
    paired: Paired | None
    prob_improvement: float
    hedges_g: float
    simultaneous: Interval = UNKNOWN
    equivalence_interval: Interval = UNKNOWN
    p_holm: float = nan
    p_equivalence: float = nan
    verdict: str = ""
    outcome: str = ""
    within_margin: bool = False
    by_later_step: bool = False
    assumes_normality: bool = False
    diagnostics: tuple[str, ...] = ()
    look: Look | None = None

    @property
    def difference(self) -> float:
        return self.estimate.value

    @property
    def arm(self) -> Arm:
        return self.pair.arm

    @property
    def reference(self) -> Arm:
        return self.pair.reference


@dataclass(frozen=True)
class Family:
    """Pairs judged together, joined by Holm's correction and by the arms' usual variance.

    comparisons: the number that Holm's correction counts, at least the number of pairs.
    margin: the equivalence margin; None skips the equivalence tests.
    higher: True if a higher value is better. level: family-wise, over all comparisons.
    """

    pairs: Sequence[Pair]
    comparisons: int
    margin: float | None = None
    higher: bool = True
    level: float = LEVEL

    @cached_property
    def estimates(self) -> list[Estimate]:
        """Each difference, with the degrees of freedom on which its verdict rests."""
        usual = welch.geometric_mean_variance(pair.arm for pair in self.pairs) if self.comparisons > 1 else 0.0
        estimates = []
        for pair in self.pairs:
            if pair.paired:
                estimates.append(pair.paired_estimate())
            else:
                estimates.append(welch.guarded_estimate(pair.arm, pair.reference, usual))
        return estimates

    @cached_property
    def ps(self) -> list[float]:
        """The p on which each verdict rests, not corrected; nan below MIN_SEEDS runs."""
        return [self._p(index) for index in range(len(self.pairs))]

    def _p(self, index: int) -> float:
        return self.estimates[index].p_value() if self.pairs[index].n >= MIN_SEEDS else nan

    @cached_property
    def p_holm(self) -> list[float]:
        return welch.holm(self.ps, self.comparisons)

    @cached_property
    def p_equivalence(self) -> list[float]:
        """p of TOST for each pair, corrected by Holm over the equivalence tests; nan without a margin."""
        if not self.margin:
            return [nan] * len(self.pairs)
        ps = []
        for pair, estimate in zip(self.pairs, self.estimates, strict=True):
            ps.append(estimate.equivalence_p(self.margin) if pair.n >= MIN_SEEDS else nan)
        return welch.holm(ps, self.comparisons)

    def verdicts(self) -> list[str]:
        """The verdict on each pair."""
        return [verdict(pair, outcome) for pair, outcome in zip(self.pairs, self.outcomes(), strict=True)]

    def outcomes(self) -> list[str]:
        """What the test of each pair found, whether or not runs diverged."""
        outcomes = []
        for index, pair in enumerate(self.pairs):
            significant, equivalent = self.p_holm[index] <= self.level, self.p_equivalence[index] <= self.level
            outcomes.append(found(pair, significant, equivalent, self.higher))
        return outcomes

    def results(self) -> list[PairResult]:
        """The full comparison of each pair."""
        usual = welch.median_variance(arm for pair in self.pairs for arm in (pair.arm, pair.reference))
        results = []
        for index, outcome in enumerate(self.outcomes()):
            pair = self.pairs[index]
            result = replace(
                described(pair, self.higher),
                **self.judged(index, outcome),
                assumes_normality=effect_size.smallest_p(pair) * self.comparisons > self.level,
                diagnostics=diagnostics(pair.arm, pair.reference, usual),
            )
            results.append(result)
        return results

    def judged(self, index: int, outcome: str) -> dict[str, Any]:
        """The fields of a pair's result that depend on all comparisons. outcome: what its test found."""
        pair, estimate = self.pairs[index], self.estimates[index]
        enough = pair.n >= MIN_SEEDS
        p_holm = self.p_holm[index] if enough else nan
        return {
            "estimate": estimate,
            "simultaneous": estimate.interval(1 - self.level / self.comparisons),
            "equivalence_interval": estimate.interval(1 - 2 * self.level),
            "p_holm": p_holm,
            "p_equivalence": self.p_equivalence[index] if enough else nan,
            "verdict": verdict(pair, outcome),
            "outcome": outcome,
            "within_margin": enough and self.p_equivalence[index] <= self.level,
            "by_later_step": p_holm <= self.level < self.ps[index] * self.comparisons,
        }


def judge(
    pairs: Sequence[Pair],
    comparisons: int | None = None,
    margin: float | None = None,
    higher: bool = True,
    level: float = LEVEL,
) -> list[PairResult]:
    """Judge each pair.

    comparisons: the number planned, if larger than the number of pairs. The other parameters are as in Family.
    """
    return Family(pairs, max(comparisons or 0, len(pairs), 1), margin, higher, level).results()


def described(pair: Pair, higher: bool) -> PairResult:
    """The numbers of a pair that depend neither on other pairs nor on looks, without a verdict."""
    arm, reference, estimate = pair.arm, pair.reference, pair.estimate
    permutation = effect_size.randomization_test(pair)
    return PairResult(
        pair=pair,
        estimate=estimate,
        interval=estimate.interval(),
        p=estimate.p_value(),
        p_permutation=permutation.p,
        exhaustive=permutation.exhaustive,
        paired=effect_size.paired_difference(pair),
        prob_improvement=effect_size.probability_of_improvement(arm.array, reference.array, higher),
        hedges_g=effect_size.hedges_g(arm.array, reference.array),
    )


def found(pair: Pair, significant: bool, equivalent: bool, higher: bool) -> str:
    """What the test of a pair found. A significant difference is never overridden by equivalence."""
    if pair.n < MIN_SEEDS:
        return TOO_FEW
    outcome = direction(pair.difference, significant, higher)
    return EQUIVALENT if outcome == INCONCLUSIVE and equivalent else outcome


def verdict(pair: Pair, outcome: str) -> str:
    """The verdict on what a test found.

    Diverged runs on a side withdraw any verdict that favours this side, because they have no value.
    """
    favours_arm, favours_reference = outcome in (BETTER, EQUIVALENT), outcome in (WORSE, EQUIVALENT)
    if (favours_arm and pair.diverged) or (favours_reference and pair.reference_diverged):
        return WHERE_TRAINED
    return outcome


def direction(difference: float, significant: bool, higher: bool) -> str:
    """BETTER, WORSE or INCONCLUSIVE. higher: True if a higher value is better."""
    if not significant or difference == 0 or isnan(difference):
        return INCONCLUSIVE
    return BETTER if (difference > 0) == higher else WORSE
