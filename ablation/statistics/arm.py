"""One arm: the values of one metric by seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from ablation.statistics import intervals


@dataclass(frozen=True)
class Arm:
    """values: of one metric, by seed. resolution: the smallest step of a value (one image), 0 where there is none."""

    label: str
    values: Mapping[int, float]
    resolution: float = 0.0

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
        return intervals.variance(self.array)

    @property
    def sd(self) -> float:
        return sqrt(self.variance)
