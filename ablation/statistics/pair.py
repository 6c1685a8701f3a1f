"""A planned comparison of two arms, tested over seeds or paired by seed.

Welch 1947, Biometrika 34; Student 1908, Biometrika 6 (paired differences).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import nan, sqrt

import numpy as np

from ablation.statistics import intervals, welch
from ablation.statistics.arm import Arm
from ablation.statistics.estimate import Estimate


@dataclass(frozen=True)
class Pair:
    """An arm and its reference.

    paired: True to test the differences between runs of equal seed, False to test the two means (Welch).
    diverged, reference_diverged: the number of runs of each side that diverged, and so have no value.
    """

    arm: Arm
    reference: Arm
    paired: bool = False
    diverged: int = 0
    reference_diverged: int = 0

    @cached_property
    def seeds(self) -> list[int]:
        """The seeds that both sides have, in ascending order."""
        return sorted(self.arm.values.keys() & self.reference.values.keys())

    @cached_property
    def gaps(self) -> np.ndarray:
        """float64 (seeds,): the arm's value minus the reference's, for each common seed."""
        return np.array([self.arm.values[seed] - self.reference.values[seed] for seed in self.seeds], dtype=float)

    @property
    def offsets(self) -> np.ndarray:
        """Each run of the arm minus the reference's mean, float64 (n,)."""
        return self.arm.array - self.reference.mean

    @property
    def n(self) -> int:
        """The number of runs that decides whether there are enough: of pairs, or of the smaller side."""
        return len(self.seeds) if self.paired else min(self.arm.n, self.reference.n)

    @property
    def gap_floor(self) -> float:
        """The smallest variance of a gap: equal counts of images do not prove an SD of 0 on either side."""
        return self.arm.resolution**2 + self.reference.resolution**2

    @property
    def difference(self) -> float:
        """The mean gap, or the difference of the means; nan if either side has no run."""
        if self.paired:
            return float(self.gaps.mean()) if len(self.gaps) else nan
        return welch.difference(self.arm, self.reference)

    @property
    def estimate(self) -> Estimate:
        """The difference with the standard error and degrees of freedom of this comparison alone."""
        if self.paired:
            return self.paired_estimate()
        return welch.guarded_estimate(self.arm, self.reference)

    def paired_estimate(self) -> Estimate:
        """The mean gap with its standard error; no standard error below two pairs, or if no gap varies."""
        n = len(self.gaps)
        if n < 2:
            return Estimate(float(self.gaps.mean()) if n else nan)
        variance = max(intervals.variance(self.gaps), self.gap_floor)
        if not variance > 0:
            return Estimate(float(self.gaps.mean()))
        return Estimate(float(self.gaps.mean()), sqrt(variance / n), n - 1)

    def first(self, n: int) -> "Pair":
        """The pair with only its n lowest common seeds on both sides."""
        kept = self.seeds[:n]
        return replace(self, arm=self.arm.only(kept), reference=self.reference.only(kept))
