"""Test each comparable pair of variants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import nan

from ablation.comparison.analysis.requested_test import TestSpec
from ablation.comparison.analysis.variants import Variant
from ablation.comparison.reading.run import Diverged, Run
from ablation.rundir.study_plan import StudyPlan
from ablation.statistics import sequential, verdict
from ablation.statistics.arm import Arm
from ablation.statistics.effect_size import Share, fisher_p
from ablation.statistics.intervals import UNKNOWN
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import INCOMPLETE, TOO_FEW, PairResult


@dataclass(frozen=True)
class VariantPair:
    """A variant and its reference, and the metric's values of both."""

    variant: Variant
    reference: Variant
    arm: Arm
    reference_arm: Arm

    @property
    def is_incomplete(self) -> bool:
        return bool(self.variant.missing or self.reference.missing)

    @property
    def lost_seeds(self) -> set[int]:
        """The seeds at which a run of either side diverged."""
        return _seeds((*self.variant.diverged, *self.reference.diverged))

    def divergence_p(self) -> float:
        """Fisher's p for equal shares of seeds with a diverged run; nan if no run of either side diverged."""
        shares = []
        for side in (self.variant, self.reference):
            diverged = _seeds(side.diverged)
            shares.append(Share(len(diverged), len(diverged | _seeds(side.runs))))
        if not any(share.diverged for share in shares):
            return nan
        return fisher_p(*shares)


def _seeds(runs: Iterable[Run | Diverged]) -> set[int]:
    """The seeds of runs. With blocks, several runs have one seed."""
    return {run.seed for run in runs}


def pair_results(pairs: Sequence[VariantPair], plan: StudyPlan | None, test: TestSpec) -> list[PairResult]:
    """Test each pair; in a factorial study, the results have no verdict."""
    if test.max_seeds is not None and plan is not None:
        return _sequential_results(pairs, plan, test, test.max_seeds)
    tested = [_pair(pair, plan, test) for pair in pairs]
    results = []
    judged = verdict.judge(tested, test.comparisons, test.margin, test.metric.higher)
    for pair, result in zip(pairs, judged, strict=True):
        if not test.each_judged:
            results.append(_unjudged(result))
        elif pair.is_incomplete:
            results.append(replace(result, verdict=INCOMPLETE))
        else:
            results.append(result)
    return results


def _pair(pair: VariantPair, plan: StudyPlan | None, test: TestSpec) -> Pair:
    """Paired by seed if the plan fixed that for this comparison."""
    is_paired = plan is not None and test.is_planned and plan.test.is_paired(pair.variant.cell)
    diverged, reference_diverged = len(_seeds(pair.variant.diverged)), len(_seeds(pair.reference.diverged))
    return Pair(pair.arm, pair.reference_arm, is_paired, diverged, reference_diverged)


def _unjudged(result: PairResult) -> PairResult:
    """The result without its verdict, for a cell of a factorial study."""
    return replace(result, verdict="", p_holm=nan, simultaneous=UNKNOWN, assumes_normality=False)


# ---------------------------------------------------------------- sequential studies


def _sequential_results(
    pairs: Sequence[VariantPair], plan: StudyPlan, test: TestSpec, max_seeds: int
) -> list[PairResult]:
    design = sequential.Design(max_seeds, test.comparisons, test.metric.higher, test.margin)
    tested, ends = [], []
    for pair in pairs:
        whole = _pair(pair, plan, test)
        usable = sequential.without_gaps(whole, sorted(plan.study.seeds), pair.lost_seeds)
        tested.append(usable)
        ends.append(_reachable_pairs(usable, pair, max_seeds) if test.decides_stopping else 0)
    results = sequential.judge(tested, design, ends)
    return [_with_all_runs(result, pair) for result, pair in zip(results, pairs, strict=True)]


def _reachable_pairs(usable: Pair, pair: VariantPair, max_seeds: int) -> int:
    return sequential.usable_pairs(max_seeds, len(usable.seeds), len(pair.lost_seeds))


def _with_all_runs(result: PairResult, pair: VariantPair) -> PairResult:
    """Too few seeds rather than undecided, as long as neither side has enough for a first look."""
    fewest = min(pair.arm.n, pair.reference_arm.n)
    if result.look is None and fewest < verdict.MIN_SEEDS:
        return replace(result, verdict=TOO_FEW)
    return result
