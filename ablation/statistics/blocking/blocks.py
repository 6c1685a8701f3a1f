"""One comparison of two arms over several blocks, such as data sets, each with a level and variances of its own.

A block is a fixed effect: the arms are compared within each block, and the pooled difference is the mean of these
differences with equal weights. Its variance is the sum of theirs over the square of the number of blocks, and its
degrees of freedom follow from Welch (1947, Biometrika 34) and Satterthwaite (1946, Biometrics Bulletin 2), as for any
sum of independent mean squares; Searle, Casella and McCulloch 1992, Variance Components, give the model. The result is
about these blocks: it says nothing about other data sets, of which these would have to be a sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import comb, nan

import numpy as np

from ablation.statistics import intervals
from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate, satterthwaite
from ablation.statistics.intervals import Interval
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import Family, PairResult


def pooled(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of independent estimates with equal weights; without a standard error if one of them has none."""
    count = len(estimates)
    value = sum(estimate.value for estimate in estimates) / count
    variances = [estimate.standard_error**2 for estimate in estimates]
    total = sum(variances)
    if not all(variance > 0 for variance in variances):
        return Estimate(value)
    shares = [variance / total for variance in variances]
    # `satterthwaite` takes numbers of values, which are one more than their degrees of freedom.
    freedom = satterthwaite(shares, [estimate.freedom + 1 for estimate in estimates])  # pyright: ignore[reportArgumentType]
    return Estimate(value, total**0.5 / count, freedom)


@dataclass(frozen=True)
class BlockedArm(Arm):
    """One arm in several blocks. values: of all blocks, by numbers that stand for (block, seed). blocks: by name."""

    blocks: Mapping[str, Arm] = field(default_factory=dict)

    @cached_property
    def mean(self) -> float:
        """The mean of the blocks' means, whatever their numbers of runs."""
        return float(np.mean([arm.mean for arm in self.blocks.values()]))

    @cached_property
    def variance(self) -> float:
        """The mean of the variances within blocks."""
        return float(np.mean([arm.variance for arm in self.blocks.values()]))

    def interval(self) -> Interval:
        """The 95 % CI of the mean over runs of these blocks."""
        estimates = []
        for arm in self.blocks.values():
            known = arm.n > 1 and arm.variance > 0
            estimates.append(Estimate(arm.mean, (arm.variance / arm.n) ** 0.5 if known else nan, arm.n - 1))
        return pooled(estimates).interval()


@dataclass(frozen=True)
class BlockedPair(Pair):
    """An arm and its reference in several blocks. blocks: the pair in each block, by name."""

    blocks: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """The number of runs of the smaller side in the block that has the fewest."""
        return min((pair.n for pair in self.blocks.values()), default=0)

    @property
    def difference(self) -> float:
        return self.estimate.value

    @cached_property
    def estimate(self) -> Estimate:
        return pooled([pair.estimate for pair in self.blocks.values()])

    @property
    def offsets(self) -> np.ndarray:
        """Each run minus the mean of the reference in its block, float64 (runs,)."""
        return np.concatenate([pair.offsets for pair in self.blocks.values()])


@dataclass(frozen=True)
class BlockedFamily(Family):
    """Pairs in the same blocks, judged together; pairs: BlockedPair."""

    blocked: Sequence[BlockedPair] = ()

    @cached_property
    def estimates(self) -> list[Estimate]:
        """The pooled differences; the degrees of freedom in each block are as cautious as without other blocks."""
        in_blocks = []
        for name in self.blocked[0].blocks if self.blocked else ():
            pairs = [pair.blocks[name] for pair in self.blocked]
            in_blocks.append(Family(pairs, self.comparisons, self.margin, self.higher, self.level).estimates)
        return [pooled(estimates) for estimates in zip(*in_blocks, strict=True)]

    def results(self) -> list[PairResult]:
        """The full comparison of each pair, without the statistics that would ignore the blocks."""
        results = []
        for index, outcome in enumerate(self.outcomes()):
            pair = self.blocked[index]
            results.append(
                PairResult(
                    pair=pair,
                    interval=pair.estimate.interval(),
                    p=pair.estimate.p_value(),
                    p_permutation=nan,
                    exhaustive=False,
                    paired=None,
                    prob_improvement=nan,
                    hedges_g=nan,
                    **self.judged(index, outcome),
                    assumes_normality=smallest_p(pair) * self.comparisons > self.level,
                )
            )
        return results


def judge(
    pairs: Sequence[BlockedPair], comparisons: int, margin: float | None = None, higher: bool = True
) -> list[PairResult]:
    """Judge each pair over its blocks; as `verdict.judge`."""
    counted = max(comparisons, len(pairs), 1)
    return BlockedFamily(pairs, counted, margin, higher, blocked=pairs).results()


def smallest_p(pair: BlockedPair) -> float:
    """The smallest p of a permutation test that permutes runs within blocks: the two most extreme of all splits."""
    splits = 1
    for block in pair.blocks.values():
        splits *= comb(block.arm.n + block.reference.n, block.arm.n)
    return min(1.0, 2 / splits)


def mean_interval(arm: Arm) -> Interval:
    """The 95 % CI of an arm's mean, with or without blocks."""
    return arm.interval() if isinstance(arm, BlockedArm) else intervals.mean_interval(arm.array)
