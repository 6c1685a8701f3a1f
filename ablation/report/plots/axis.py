"""Axes: their range, places on them in percent, and their ticks."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import EngFormatter, Formatter, Locator, LogLocator, MaxNLocator, StrMethodFormatter

COUNTED_IN_THOUSANDS = ("step", "images", "macs")  # x-axes whose ticks are written as 20k or 3M
SMALLEST = 1e-300  # what a log axis takes for zero


@dataclass(frozen=True)
class Tick:
    value: float
    text: str


@dataclass(frozen=True)
class Scale:
    """The range of an axis, linear or logarithmic."""

    low: float
    high: float
    log: bool = False

    def percent(self, values: np.ndarray) -> np.ndarray:
        """How far along the axis the values lie, float64 of their shape; beyond 0 and 100 outside it."""
        values = np.asarray(values, dtype=float)
        low, high = self.low, self.high
        if self.log:
            values = np.log10(np.maximum(values, SMALLEST))
            low, high = np.log10(low), np.log10(high)
        return 100 * (values - low) / (high - low)

    def percent_of(self, value: float) -> float:
        """The same of one value, rounded to hundredths for an SVG."""
        return round(float(self.percent(np.array(value))), 2)

    def ticks(self, max_ticks: int = 6) -> list[float]:
        """Round values on the axis; powers of ten where it is logarithmic."""
        if self.log:
            return self.within(LogLocator(numticks=max_ticks))
        return self.within(MaxNLocator(max_ticks, steps=[1, 2, 2.5, 5, 10]))

    def within(self, locator: Locator) -> list[float]:
        """A locator's ticks that are on the axis."""
        ticks = np.asarray(locator.tick_values(self.low, self.high), dtype=float)
        return ticks[(self.low <= ticks) & (ticks <= self.high)].tolist()


def x_locator(key: str, max_ticks: int) -> Locator:
    """Ticks of an x-axis: whole numbers, except of seconds. key: of `learning_curves.AXES`."""
    return MaxNLocator(max_ticks, integer=key != "seconds", steps=[1, 2, 5, 10], min_n_ticks=1)


def x_formatter(key: str) -> Formatter:
    if key in COUNTED_IN_THOUSANDS:
        return EngFormatter(sep="")
    return StrMethodFormatter("{x:g}")


def x_ticks(scale: Scale, key: str, max_ticks: int = 6) -> list[Tick]:
    """The ticks of an x-axis with their texts."""
    text = x_formatter(key)
    return [Tick(value, text(value)) for value in scale.within(x_locator(key, max_ticks))]
