"""How a number is written, in every table, sentence, figure and page."""

from collections.abc import Callable
from math import isfinite

NOTHING = "–"  # where there is no number
MINUS = "\N{MINUS SIGN}"
HUGE = 1e5  # from here on few digits tell more than decimals
NOISE = 1e-12  # of float64, in what is near 1: less than that is nothing
SIZES = (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3))


def number(value: float, places: int = 3, sign: bool = False) -> str:
    """Of `places` decimals; one digit of what they would hide, four of what is huge. Nothing has no sign."""
    if not isfinite(value):
        return NOTHING
    size = abs(value)
    if size < NOISE:
        return f"{0:.{places}f}"
    hidden = size < 0.5 * 10.0**-places
    text = f"{size:.1g}" if hidden else f"{size:.{places}f}" if size < HUGE else f"{size:.4g}"
    return f"{'-' if value < 0 else '+' if sign else ''}{text}"


def aligned(value: float, places: int, sign: bool = False) -> str:
    """As `number`, in a column where all have the same decimals though they hide it."""
    return number(0.0 if abs(value) < 0.5 * 10.0**-places else value, places, sign)


def interval(ends: tuple[float, float], places: int, write: Callable[..., str] = number) -> str:
    """`[-0.100, +0.300]`; nothing where an end is unknown."""
    low, high = (write(end, places, sign=True) for end in ends)
    return f"[{low}, {high}]" if all(map(isfinite, ends)) else ""


def chance(p: float) -> str:
    """A p value: three decimals, one digit of what they would hide."""
    return NOTHING if not isfinite(p) else f"{p:.3f}" if p >= 0.001 else f"{p:.1g}"


def count(many: float) -> str:
    """Three digits and a unit: 21.3M."""
    for unit, size in SIZES:
        if many >= 0.9995 * size:
            return f"{many / size:#.3g}".rstrip(".") + unit
    return f"{many:g}"


def typeset(text: str) -> str:
    """A number's text with a true minus."""
    return text.replace("-", MINUS)
