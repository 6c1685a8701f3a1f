"""Medians, quartiles and goals: what the table says of the measured values."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Summary:
    """Median and quartiles of n values."""

    low: float
    median: float
    high: float
    n: int


def summarize(values: Sequence[float]) -> Summary:
    """The summary of at least one value. The quartiles interpolate between the values and never leave their range."""
    if not values:
        raise ValueError("Expected at least one value. Received: none")
    if len(values) == 1:
        return Summary(values[0], values[0], values[0], 1)
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Summary(low, median, high, len(values))


@dataclass(frozen=True)
class Goal:
    """A ratio to reach. at_least: False if smaller is better. stretch: a harder one, or None."""

    value: float
    stretch: float | None = None
    at_least: bool = True

    def outcome(self, ratio: float) -> str:
        """`missed`, `met` or `stretch met`."""
        if not self._reached(ratio, self.value):
            return "missed"
        if self.stretch is not None and self._reached(ratio, self.stretch):
            return "stretch met"
        return "met"

    def _reached(self, ratio: float, limit: float) -> bool:
        return ratio >= limit if self.at_least else ratio <= limit


@dataclass(frozen=True)
class Row:
    """A row of the table: a ratio of two medians beside its goal.

    ratio: None if it was not measured, for the reason in `note`. goal: None for a ratio that is only reported.
    arms: the measured values behind the ratio, by arm.
    """

    label: str
    ratio: float | None
    goal: Goal | None = None
    arms: dict[str, Summary] = field(default_factory=dict)
    unit: str = ""
    note: str = ""


def ratio_row(
    label: str, upper: tuple[str, Sequence[float]], lower: tuple[str, Sequence[float]], goal: Goal | None, unit: str
) -> Row:
    """The row for the median of one arm over that of another, each (name, values)."""
    arms = {name: summarize(values) for name, values in (upper, lower)}
    return Row(label, arms[upper[0]].median / arms[lower[0]].median, goal, arms, unit)
