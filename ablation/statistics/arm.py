"""The values of one metric by seed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np

from ablation.statistics import intervals


@dataclass(frozen=True)
class Arm:
    """One arm of a comparison.

    values: of one metric, by seed.
    resolution: the smallest possible difference between two values, such as one image of an accuracy; 0 if continuous.
    """

    label: str
    values: Mapping[int, float]
    resolution: float = 0.0

    @cached_property
    def array(self) -> np.ndarray:
        """float64 (n,), in the order of seeds."""
        ordered = [self.values[seed] for seed in sorted(self.values)]
        return np.array(ordered, dtype=float)

    @property
    def n(self) -> int:
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        return float(self.array.mean())

    @cached_property
    def variance(self) -> float:
        return intervals.variance(self.array)

    @property
    def sd(self) -> float:
        return sqrt(self.variance)

    @property
    def floored_variance(self) -> float:
        """The variance, at least `resolution` squared: equal counts of images do not prove an SD of 0."""
        return max(self.variance, self.resolution**2)

    @property
    def floored_sd(self) -> float:
        return max(self.sd, self.resolution)

    def only(self, seeds: Collection[int]) -> "Arm":
        """A copy of the arm with only these seeds."""
        return Arm(self.label, {seed: self.values[seed] for seed in seeds}, self.resolution)


@dataclass(frozen=True)
class BlockedArm(Arm):
    """One arm in several blocks, such as data sets. values: the mean over all blocks, by seed. blocks: by name.

    A seed is one replicate, whatever the number of its blocks: they may be tests of one trained network, or of networks
    that share their initial weights, so that only the variation between seeds says how certain a mean is.
    """

    blocks: Mapping[str, Arm] = field(default_factory=dict)


def mean_over_blocks(label: str, blocks: Mapping[str, Arm]) -> BlockedArm:
    """The arm with the mean over blocks, with equal weights, of each seed that all blocks have."""
    arms = list(blocks.values())
    seeds = sorted(set.intersection(*(set(arm.values) for arm in arms)))
    values = {seed: float(np.mean([arm.values[seed] for arm in arms])) for seed in seeds}
    return BlockedArm(label, values, sqrt(sum(arm.resolution**2 for arm in arms)) / len(arms), blocks)
