"""An estimated difference with its standard error: Student's t intervals and tests, Satterthwaite's degrees of freedom.

Satterthwaite 1946, Biometrics Bulletin 2; Schuirmann 1987, J. Pharmacokinet. Biopharm. 15 (TOST).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

from scipy import special

from ablation.statistics.intervals import CONFIDENCE, UNKNOWN, Interval, t_quantile


@dataclass(frozen=True)
class Estimate:
    """A difference of means, or a weighted sum of them.

    standard_error: nan or 0 if the runs do not vary; the interval and p are then unknown.
    freedom: degrees of freedom of Student's t.
    """

    value: float
    standard_error: float = nan
    freedom: float = nan

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        if not self.standard_error > 0:
            return UNKNOWN
        half_width = float(t_quantile(self.freedom, confidence)) * self.standard_error
        return Interval(self.value - half_width, self.value + half_width)

    def p_value(self) -> float:
        """Two-sided p for the null hypothesis that the value is 0; nan if unknown."""
        if not self.standard_error > 0:
            return nan
        return float(2 * special.stdtr(self.freedom, -abs(self.value) / self.standard_error))

    def equivalence_p(self, margin: float) -> float:
        """p of the two one-sided tests (TOST) of equivalence within the margin; nan if unknown."""
        if not self.standard_error > 0:
            return nan
        return float(special.stdtr(self.freedom, (abs(self.value) - margin) / self.standard_error))


def satterthwaite(shares: Iterable, sizes: Iterable[int]):
    """Degrees of freedom of a sum of independent variances.

    shares: each variance divided by the sum, numbers or arrays that add up to 1. Shares rather than variances, because
    the square of a tiny variance underflows. sizes: the number of values behind each variance.
    """
    return 1 / sum(share**2 / (n - 1) for share, n in zip(shares, sizes, strict=True))
