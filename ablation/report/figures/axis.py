"""An axis that we lay out ourselves, of the report's drawings and of facets: percent of its length, and ticks."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import Locator, LogLocator, MaxNLocator


@dataclass(frozen=True)
class Scale:
    low: float
    high: float
    log: bool = False

    def percent(self, values: np.ndarray | float) -> np.ndarray:
        low, high = (np.log10(v) if self.log else v for v in (self.low, self.high))
        values = np.log10(np.maximum(values, 1e-300)) if self.log else np.asarray(values, dtype=float)
        return 100 * (values - low) / (high - low)

    def ticks(self, most: int = 6, whole: bool = False) -> list[float]:
        steps = [1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
        locator = LogLocator(numticks=most) if self.log else MaxNLocator(most, integer=whole, steps=steps)
        return self.within(locator)

    def within(self, locator: Locator) -> list[float]:
        """The ticks that are on it."""
        return [float(t) for t in locator.tick_values(self.low, self.high) if self.low <= t <= self.high]


def rounded(value: float) -> float:
    return round(float(value), 2)
