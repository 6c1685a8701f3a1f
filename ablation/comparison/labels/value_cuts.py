"""Shorten the values of a key."""

from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal

from ablation.text import by_preference, cut_in_middle

FURTHER = (1, 2, 3, 4, 5, 9, 13, 21)  # characters that may be added to distinguish words
MANY = 1000  # words; of more, only one cut each is considered, because this takes time
SHORTEST = 2  # characters of a number that remain
SMALL = Decimal("0.001")


def cut_values(values: Collection[str], length: int) -> dict[str, str]:
    """What labels show of each value of a key, with … for what is left out.

    length: characters of the longest. Words may have more where they would be confused with another word. Numbers lose
    their last digits, and equal ones may remain of several.
    """
    numbers: dict[str, str] = {}
    for value in values:
        if _is_number(value):
            numbers[value] = _compact(value)
    words = [value for value in values if value not in numbers]
    cuts = _cut_numbers(list(numbers.values()), length)
    for value, number in numbers.items():
        numbers[value] = cuts.get(number, number)
    return numbers | _cut_words(words, length)


def _cut_words(words: Sequence[str], length: int) -> dict[str, str]:
    """Cut words to the first length at which each remains different from all others; empty if there is none."""
    for further in (0, *FURTHER):
        limit = length + further
        cuts = cut_in_middle(words, limit, [0] if len(words) > MANY else [0, *by_preference(limit)])
        if all(len(word) <= limit or word in cuts for word in words):
            return cuts
    return {}


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return "E" not in value  # as Python writes numbers, so that exponents are found


def _compact(number: str) -> str:
    """`.25` for 0.25, and `1e-4` for 0.0001."""
    if number.lstrip("-").startswith("0.") and 0 < abs(Decimal(number)) < SMALL:
        return f"{Decimal(number):e}"
    sign = "-" if number.startswith("-") else ""
    digits = number.removeprefix("-")
    return f"{sign}{digits[1:]}" if digits.startswith("0.") else number


def _cut_numbers(numbers: Sequence[str], length: int) -> dict[str, str]:
    """Cut numbers that are too long before their exponents, and others of which the same would remain."""
    cuts: dict[str, str] = {}
    for number in numbers:
        digits, mark, exponent = number.partition("e")
        start = max(SHORTEST, length - len("…") - len(mark + exponent))
        if len(digits) > start:
            cuts[number] = f"{digits[:start].removesuffix('.')}…{mark}{exponent}"
    remain = Counter(cuts[number] for number in cuts if len(number) > length)
    return {number: cut for number, cut in cuts.items() if remain[cut]}
