"""How a number is written, in every table, sentence, figure and page."""

from collections.abc import Callable
from math import isfinite

UNKNOWN = "–"  # in place of a number that the runs do not give
MINUS = "\N{MINUS SIGN}"
SCIENTIFIC_FROM = 1e5  # from here on four significant digits say more than decimals
ROUNDING_NOISE = 1e-12  # float64 noise of numbers near 1; less than that counts as zero
UNITS = (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3))
Interval = tuple[float, float]  # lower and upper end


def number(value: float, decimals: int = 3, sign: bool = False) -> str:
    """Write a number with `decimals` decimals.

    A number that would round to zero keeps one significant digit, and a huge one four. Zero has no sign.
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
    """As `number`, but zero where it rounds to zero: in a column all numbers have the same decimals."""
    if isfinite(value) and _rounds_to_zero(abs(value), decimals):
        value = 0.0
    return number(value, decimals, sign)


def _rounds_to_zero(size: float, decimals: int) -> bool:
    return size < 0.5 * 10.0**-decimals


def is_known(ends: Interval) -> bool:
    """Whether an interval has two finite ends."""
    return isfinite(ends[0]) and isfinite(ends[1])


def interval(ends: Interval, decimals: int, write: Callable[..., str] = number) -> str:
    """`[-0.100, +0.300]`; an empty text where an end is unknown."""
    if not is_known(ends):
        return ""
    low, high = (write(end, decimals, sign=True) for end in ends)
    return f"[{low}, {high}]"


def confidence_interval(ends: Interval, decimals: int) -> str:
    """`95 % CI -0.672 to -0.323`, as sentences have it; an empty text where an end is unknown."""
    if not is_known(ends):
        return ""
    low, high = (number(end, decimals, sign=True) for end in ends)
    return f"95 % CI {low} to {high}"


def plus_minus(ends: Interval, decimals: int) -> str:
    """`± 0.013`: half the width of a 95 % CI, the only meaning that ± has; an empty text where it is unknown."""
    if not is_known(ends):
        return ""
    return f"± {aligned((ends[1] - ends[0]) / 2, decimals)}"


def p_value(p: float) -> str:
    """Three decimals, or one significant digit below 0.001."""
    if not isfinite(p):
        return UNKNOWN
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1g}"


def count(amount: float) -> str:
    """Three significant digits and a unit: `21.3M`."""
    for unit, size in UNITS:
        if amount >= 0.9995 * size:
            return f"{amount / size:#.3g}".rstrip(".") + unit
    return f"{amount:g}"


def typeset(text: str) -> str:
    """A number's text with a true minus sign in place of each hyphen."""
    return text.replace("-", MINUS)
