"""Verdicts on arms against their references: two-sided Welch's t-test across seeds, corrected by Holm.

Welch 1947, Biometrika 34; Holm 1979, Scand. J. Statist. 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan

from ablation.statistics import effect_size, welch
from ablation.statistics.arm import Arm
from ablation.statistics.effect_size import Paired
from ablation.statistics.intervals import Interval
from ablation.statistics.outliers import diagnostics
from ablation.statistics.protocol import LEVEL, MIN_SEEDS

BETTER, WORSE, EQUIVALENT, INCONCLUSIVE, TOO_FEW = "better", "worse", "equivalent", "inconclusive", "too few seeds"


@dataclass(frozen=True)
class PairResult:
    """The comparison of an arm with its reference. A number that the runs cannot determine is nan.

    difference: the arm's mean minus the reference's. interval: 95 % CI of this difference alone.
    p: Welch's. p_holm: corrected by Holm over all comparisons.
    p_holm_pooled: as p_holm, with degrees of freedom computed from the arms' mean variance; the verdict uses it.
    p_permutation: p of a permutation test, which assumes no distribution. exhaustive: True if it enumerated all.
    assumes_normality: True if a permutation test of so few runs cannot reach the level.
    paired: the comparison of runs of equal seed. prob_improvement: the probability that a run of the arm beats a run of
    the reference. diagnostics: sentences about outliers and unequal standard deviations.
    low_variance: True if the arm varies less than the average arm, so that its own p value is not trusted.
    """

    arm: Arm
    reference: Arm
    difference: float
    interval: Interval
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
    def warnings(self) -> tuple[str, ...]:
        """The diagnostics, and the reason if the arm's own p is significant but the pooled one is not."""
        if not self.p_holm <= LEVEL < self.p_holm_pooled:
            return self.diagnostics
        steady, its_p = self.arm.label, "its corrected p"
        if not self.low_variance:
            steady, its_p = "another variant", f"the corrected p of {self.arm.label}"
        text = f"{steady} varies unusually little across seeds, and {its_p} ({self.p_holm:.2g}) depends on that"
        return (*self.diagnostics, f"{text}, so no verdict is given")


@dataclass(frozen=True)
class Family:
    """Pairs (arm, reference) judged together, joined by Holm's correction and by the arms' mean variance.

    comparisons: the number that Holm's correction counts, at least the number of pairs.
    margin: the equivalence margin; None skips the equivalence tests.
    higher: True if a higher value is better. level: family-wise, over all comparisons.
    """

    pairs: Sequence[tuple[Arm, Arm]]
    comparisons: int
    margin: float | None = None
    higher: bool = True
    level: float = LEVEL

    @cached_property
    def arm_variance(self) -> float:
        """The mean variance of the arms, a floor for each arm's variance in the degrees of freedom."""
        return welch.mean_variance([arm for arm, _ in self.pairs])

    @cached_property
    def ps(self) -> list[float]:
        """Welch's p of each pair; nan below MIN_SEEDS runs."""
        return [welch.welch_p_pooled(arm, reference) for arm, reference in self.pairs]

    @cached_property
    def pooled_ps(self) -> list[float]:
        """As `ps`, with degrees of freedom computed from the arms' mean variance."""
        return [welch.welch_p_pooled(arm, reference, self.arm_variance) for arm, reference in self.pairs]

    @cached_property
    def pooled_p_holm(self) -> list[float]:
        return welch.holm(self.pooled_ps, self.comparisons)

    def equivalent(self) -> list[bool]:
        """For each pair, True if its difference was shown to lie within the margin."""
        if not self.margin:
            return [False] * len(self.pairs)
        ps = [welch.tost_p(arm, reference, self.margin, self.arm_variance) for arm, reference in self.pairs]
        return [p <= self.level for p in welch.holm(ps, self.comparisons)]

    def verdicts(self) -> list[str]:
        """The verdict on each pair."""
        verdicts = []
        for (arm, reference), p, equivalent in zip(self.pairs, self.pooled_p_holm, self.equivalent(), strict=True):
            if min(arm.n, reference.n) < MIN_SEEDS:
                verdicts.append(TOO_FEW)
            elif equivalent:
                verdicts.append(EQUIVALENT)
            else:
                verdicts.append(direction(welch.difference(arm, reference), p <= self.level, self.higher))
        return verdicts

    def results(self) -> list[PairResult]:
        """The full comparison of each pair."""
        p_holm, verdicts = welch.holm(self.ps, self.comparisons), self.verdicts()
        usual_variance = welch.median_variance([arm for pair in self.pairs for arm in pair])
        return [
            self._result(i, p_holm[i], verdicts[i], diagnostics(*pair, usual_variance))
            for i, pair in enumerate(self.pairs)
        ]

    def _result(self, index: int, p_holm: float, verdict: str, sentences: tuple[str, ...]) -> PairResult:
        arm, reference = self.pairs[index]
        enough = min(arm.n, reference.n) >= MIN_SEEDS
        permutation = effect_size.permutation_test(arm.array, reference.array)
        least = effect_size.smallest_permutation_p(arm.n, reference.n)
        return PairResult(
            arm=arm,
            reference=reference,
            difference=welch.difference(arm, reference),
            interval=welch.interval(arm, reference),
            p=self.ps[index] if enough else welch.welch_p(arm, reference),
            p_holm=p_holm if enough else nan,
            p_holm_pooled=self.pooled_p_holm[index] if enough else nan,
            verdict=verdict,
            assumes_normality=least * self.comparisons > self.level,
            p_permutation=permutation.p,
            exhaustive=permutation.exhaustive,
            paired=effect_size.paired_difference(arm.values, reference.values),
            prob_improvement=effect_size.probability_of_improvement(arm.array, reference.array, self.higher),
            hedges_g=effect_size.hedges_g(arm.array, reference.array),
            diagnostics=sentences,
            low_variance=self.pooled_ps[index] > self.ps[index],
        )


def judge(
    pairs: Sequence[tuple[Arm, Arm]],
    comparisons: int | None = None,
    margin: float | None = None,
    higher: bool = True,
    level: float = LEVEL,
) -> list[PairResult]:
    """Judge each pair (arm, reference).

    comparisons: the number planned, if larger than the number of pairs. The other parameters are as in Family.
    """
    return Family(pairs, max(comparisons or 0, len(pairs)), margin, higher, level).results()


def direction(difference: float, significant: bool, higher: bool) -> str:
    """BETTER, WORSE or INCONCLUSIVE. higher: True if a higher value is better."""
    if not significant or difference == 0:
        return INCONCLUSIVE
    return BETTER if (difference > 0) == higher else WORSE
