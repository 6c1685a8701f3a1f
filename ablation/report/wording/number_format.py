"""Number formats, the same in every table, sentence, figure and page."""

from collections.abc import Callable
from math import isfinite

from ablation.statistics.intervals import Interval

UNKNOWN = "–"  # replaces an unknown number
MINUS = "\N{MINUS SIGN}"
SCIENTIFIC_FROM = 1e5  # from this size on, numbers have four significant digits
ROUNDING_NOISE = 1e-12  # rounding error of float64 near 1; anything smaller counts as zero
UNITS = (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3))


def number(value: float, decimals: int = 3, sign: bool = False) -> str:
    """Format a number with `decimals` decimals; UNKNOWN for nan and infinity.

    A number that would round to zero keeps one significant digit; from SCIENTIFIC_FROM on, a number has four. Zero has
    no sign.
    """
    if not isfinite(value):
        return UNKNOWN
    size = abs(value)
    if size < ROUNDING_NOISE:
        return f"{0:.{decimals}f}"
    prefix = "-" if value < 0 else "+" * sign
    if _rounds_to_zero(size, decimals):
        return f"{prefix}{size:.1g}"
    if size >= SCIENTIFIC_FROM:
        return f"{prefix}{size:.4g}"
    return f"{prefix}{size:.{decimals}f}"


def aligned(value: float, decimals: int, sign: bool = False) -> str:
    """Format like `number`, but write 0 for what rounds to 0, so that all numbers of a column align."""
    if isfinite(value) and _rounds_to_zero(abs(value), decimals):
        value = 0.0
    return number(value, decimals, sign)


def _rounds_to_zero(size: float, decimals: int) -> bool:
    return size < 0.5 * 10.0**-decimals


def is_known(ends: Interval) -> bool:
    """Check that both ends of an interval are finite."""
    return isfinite(ends.low) and isfinite(ends.high)


def interval(ends: Interval, decimals: int, write: Callable[..., str] = number) -> str:
    """Format an interval as `[-0.100, +0.300]`; empty where an end is unknown."""
    if not is_known(ends):
        return ""
    low, high = (write(end, decimals, sign=True) for end in ends)
    return f"[{low}, {high}]"


def confidence_interval(ends: Interval, decimals: int, kind: str = "95 % CI") -> str:
    """Format an interval for a sentence, `95 % CI -0.672 to -0.323`; empty where an end is unknown."""
    if not is_known(ends):
        return ""
    low, high = (number(end, decimals, sign=True) for end in ends)
    return f"{kind} {low} to {high}"


def excludes_zero(ends: Interval) -> bool:
    """Check that an interval is known and lies on one side of 0."""
    return is_known(ends) and (ends.low > 0 or ends.high < 0)


def plus_minus(ends: Interval, decimals: int) -> str:
    """Format half the width of a 95 % CI as `± 0.013`, the only meaning of ±; empty where an end is unknown."""
    if not is_known(ends):
        return ""
    return f"± {aligned(ends.half_width, decimals)}"


def p_value(p: float) -> str:
    """Format a p-value with three decimals, or with one significant digit below 0.001."""
    if not isfinite(p):
        return UNKNOWN
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1g}"


def count(amount: float) -> str:
    """Format an amount with three significant digits and a unit: `21.3M`."""
    for unit, size in UNITS:
        if amount >= 0.9995 * size:
            return f"{amount / size:#.3g}".rstrip(".") + unit
    return f"{amount:g}"


def low_to_high(low: str, high: str) -> str:
    """Write a range: `335k`, or `332k to 335k`."""
    return low if low == high else f"{low} to {high}"


def typeset(text: str) -> str:
    """Replace the hyphens in a number's text with true minus signs."""
    return text.replace("-", MINUS)


def unsigned(value: float, decimals: int = 3, sign: bool = False) -> str:
    """Format like `number`, without a plus sign: for `interval`, of values that are no differences."""
    return number(value, decimals)
