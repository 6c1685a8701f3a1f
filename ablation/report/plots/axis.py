"""Scales of axes: range, positions in percent, and ticks."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import EngFormatter, Formatter, Locator, LogLocator, MaxNLocator, StrMethodFormatter

COUNTED_IN_THOUSANDS = ("step", "images", "macs")  # x-axes whose ticks are written as 20k or 3M
SMALLEST = 1e-300  # replaces zero on a log axis


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
        """Convert values to percent of the axis, float64 of the same shape; below 0 or above 100 outside it."""
        values = np.asarray(values, dtype=float)
        low, high = self.low, self.high
        if self.log:
            values = np.log10(np.maximum(values, SMALLEST))
            low, high = np.log10(low), np.log10(high)
        return 100 * (values - low) / (high - low)

    def percent_of(self, value: float) -> float:
        """Convert one value to percent of the axis, rounded to hundredths for SVG."""
        return round(float(self.percent(np.array(value))), 2)

    def ticks(self, max_ticks: int = 6) -> list[float]:
        """Choose round tick values; powers of ten on a log axis."""
        if self.log:
            return self.within(LogLocator(numticks=max_ticks))
        return self.within(MaxNLocator(max_ticks, steps=[1, 2, 2.5, 5, 10]))

    def within(self, locator: Locator) -> list[float]:
        """Return the ticks of a locator that lie on the axis."""
        ticks = np.asarray(locator.tick_values(self.low, self.high), dtype=float)
        return ticks[(self.low <= ticks) & (ticks <= self.high)].tolist()


def x_locator(key: str, max_ticks: int) -> Locator:
    """Create the locator of an x-axis: integer ticks, except for seconds. key: of `learning_curves.AXES`."""
    return MaxNLocator(max_ticks, integer=key != "seconds", steps=[1, 2, 5, 10], min_n_ticks=1)


def x_formatter(key: str) -> Formatter:
    """Create the formatter of an x-axis. key: of `learning_curves.AXES`."""
    if key in COUNTED_IN_THOUSANDS:
        return EngFormatter(sep="")
    return StrMethodFormatter("{x:g}")


def x_ticks(scale: Scale, key: str, max_ticks: int = 6) -> list[Tick]:
    """Return the ticks of an x-axis with their labels. key: of `learning_curves.AXES`."""
    text = x_formatter(key)
    return [Tick(value, text(value)) for value in scale.within(x_locator(key, max_ticks))]


def cost_ticks(scale: Scale, max_ticks: int) -> list[Tick]:
    """Return the ticks of an axis of costs with their labels, such as 20k; on a log axis also at 2 and 5."""
    locator: Locator = MaxNLocator(max_ticks, steps=[1, 2, 2.5, 5, 10])
    if scale.log:
        locator = LogLocator(subs=(1.0, 2.0, 5.0), numticks=12)
    values = scale.within(locator)
    if len(values) > max_ticks:
        values = values[:: -(-len(values) // max_ticks)]
    return [Tick(value, cost_text(value)) for value in values]


def cost_text(value: float) -> str:
    """`0.5`, `250`, `20k`, `1.5M`."""
    return f"{value:g}" if value < 1000 else EngFormatter(sep="")(value)
