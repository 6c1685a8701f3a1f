"""Values of the metric and their differences as text: as fractions, or in percent and percentage points (pp)."""

from dataclasses import dataclass

from ablation.comparison.analysis.comparison import PERCENT, Comparison
from ablation.report.wording import number_format
from ablation.report.wording.number_format import UNKNOWN, aligned, number
from ablation.statistics.intervals import Interval


@dataclass(frozen=True)
class MetricFormat:
    """How values are written. All are given as the metric has them, an accuracy from 0 to 1.

    decimals: of the written number. factor: from a value to its written number. unit: behind a value.
    difference_unit: behind a difference.
    """

    decimals: int
    factor: float = 1.0
    unit: str = ""
    difference_unit: str = ""

    def value(self, value: float) -> str:
        """A value in a sentence: `0.647`, `64.7 %`."""
        return self._with_unit(number(self.factor * value, self.decimals), self.unit)

    def difference(self, difference: float, sign: bool = True) -> str:
        """A difference in a sentence: `-0.498`, `-49.8 pp`."""
        return self._with_unit(number(self.factor * difference, self.decimals, sign), self.difference_unit)

    def chosen(self, difference: float) -> str:
        """A difference that a user typed, with all its digits: `0.02`, `2 pp`."""
        return self._with_unit(f"{self.factor * difference:g}", self.difference_unit)

    def confidence_interval(self, ends: Interval, kind: str = "95 % CI") -> str:
        """The interval of a difference in a sentence: `95 % CI -0.672 to -0.323`; empty where an end is unknown."""
        text = number_format.confidence_interval(self._scaled(ends), self.decimals, kind)
        return self._with_unit(text, self.difference_unit)

    def bracketed(self, ends: Interval) -> str:
        """The interval of a difference in brackets: `[-0.672, -0.323]`; empty where an end is unknown."""
        return self._with_unit(number_format.interval(self._scaled(ends), self.decimals), self.difference_unit)

    def cell(self, value: float, sign: bool = False) -> str:
        """A value or difference in a table, whose heading gives the unit."""
        return aligned(self.factor * value, self.decimals, sign)

    def plus_minus(self, ends: Interval) -> str:
        """Half the width of a 95 % CI as `± 0.013`, the only meaning of ±; empty where an end is unknown."""
        return number_format.plus_minus(self._scaled(ends), self.decimals)

    def heading(self, title: str) -> str:
        """The heading of a column of values: `Test accuracy (%)`."""
        return f"{title} ({self.unit})" if self.unit else title

    def difference_heading(self, title: str) -> str:
        """The heading of a column of differences: `Difference (pp)`."""
        return f"{title} ({self.difference_unit})" if self.difference_unit else title

    def _scaled(self, ends: Interval) -> Interval:
        return Interval(self.factor * ends.low, self.factor * ends.high)

    def _with_unit(self, text: str, unit: str) -> str:
        return f"{text} {unit}" if unit and text not in ("", UNKNOWN) else text


def metric_format(comparison: Comparison) -> MetricFormat:
    """The format of a comparison's metric; only shares can be written in percent."""
    return share_format(comparison) if comparison.metric.largest is not None else MetricFormat(comparison.decimals)


def share_format(comparison: Comparison, decimals: int | None = None) -> MetricFormat:
    """The format of an accuracy beside the comparison's metric.

    decimals: of the fraction, by default those of the metric.
    """
    if decimals is None:
        decimals = comparison.decimals
    if not comparison.numbers.percent:
        return MetricFormat(decimals)
    return MetricFormat(max(0, decimals - 2), PERCENT, "%", "pp")
