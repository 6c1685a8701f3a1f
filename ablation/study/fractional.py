"""Two-level fractional factorial designs: generators, defining relation, aliases (Box, Hunter & Hunter 2005, ch. 6).

A word is a bit mask over the factors; the product of two words is their exclusive or. Level 0, a component that is
there, is the sign +, so the principal fraction (all generators +) holds the cell where everything is there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

MAX_TRIED = 1_000_000  # words of the designs that are compared; beyond that the best one so far is taken
LARGEST = 16  # factors
LOWEST_RESOLUTION = 3
LETTERS = "ABCDEFGHJKLMNOPQ"  # without I, the identity


@dataclass(frozen=True)
class Fraction:
    """base: factors that form a full factorial. generators: of each further factor the base factors' product."""

    base: int
    generators: tuple[int, ...]

    @property
    def factors(self) -> int:
        return self.base + len(self.generators)

    def cells(self) -> list[tuple[int, ...]]:
        """2^base cells of levels 0 and 1; the last base factor changes first."""
        cells = []
        for levels in product((0, 1), repeat=self.base):
            generated = [_product_level(levels, word) for word in self.generators]
            cells.append((*levels, *generated))
        return cells

    def relation(self) -> list[int]:
        """The defining relation without I: every product of generators' words, shortest first."""
        return sorted(_products(_generator_words(self.base, self.generators)), key=_by_length)

    @property
    def resolution(self) -> int:
        """Length of the shortest word; of a full factorial, one more than it has factors."""
        relation = self.relation()
        return relation[0].bit_count() if relation else self.factors + 1

    def aliases(self, order: int = 2) -> list[list[int]]:
        """Groups of effects up to an order that this design cannot tell apart, each of more than one effect."""
        relation = [0, *self.relation()]
        groups: dict[int, list[int]] = {}
        for effect in _effects(self.factors, order):
            smallest_alias = min(effect ^ word for word in relation)
            groups.setdefault(smallest_alias, []).append(effect)
        return [group for group in groups.values() if len(group) > 1]


def fraction(factors: int, resolution: int) -> Fraction:
    """The smallest regular fraction of at least this resolution: of least aberration among those of its size.

    Raises ValueError for more than LARGEST factors.
    """
    if factors > LARGEST:
        raise ValueError(f"Expected at most {LARGEST} factors. Received {factors}")
    for base in range(1, factors):
        generators = _generators(base, factors - base, resolution)
        if generators is not None:
            return Fraction(base, _highest_resolution(base, generators, resolution))
    return Fraction(factors, ())


def letters(word: int) -> str:
    """`ABD` for the product of the first, second and fourth factor."""
    return "".join(LETTERS[factor] for factor in _factors(word))


def _product_level(levels: Sequence[int], word: int) -> int:
    """The level of a generated factor: the product of the signs of the word's factors."""
    return sum(levels[factor] for factor in _factors(word)) % 2


def _generator_words(base: int, generators: Sequence[int]) -> list[int]:
    """Each generator with its own factor: the words that equal I."""
    return [word | 1 << (base + i) for i, word in enumerate(generators)]


def _effects(factors: int, order: int) -> Iterator[int]:
    """All main effects, then all interactions of two, and so on up to an order."""
    for size in range(1, order + 1):
        for members in combinations(range(factors), size):
            yield sum(1 << factor for factor in members)


def _highest_resolution(base: int, generators: tuple[int, ...], resolution: int) -> tuple[int, ...]:
    """The generators of the highest resolution that as many cells can have, and of least aberration among those."""
    better = _generators(base, len(generators), resolution + 1)
    return generators if better is None else _highest_resolution(base, better, resolution + 1)


@cache
def _generators(base: int, count: int, resolution: int) -> tuple[int, ...] | None:
    """As many generators of at least a resolution, of least aberration among those tried; None where there are none."""
    shortest = resolution - 1  # letters of a generator: with its own factor they make a word
    words = [word for word in range(1, 1 << base) if word.bit_count() >= shortest]
    words.sort(key=_by_length)
    best, least_aberration = None, None
    for tried, generators in enumerate(_choices(words, count, resolution, ())):
        aberration = _aberration(base, generators)
        if least_aberration is None or aberration < least_aberration:
            best, least_aberration = generators, aberration
        if tried >= MAX_TRIED >> count:
            break
    return best


def _choices(words: Sequence[int], count: int, resolution: int, chosen: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """Sets of generators whose words and products are all long enough."""
    if not count:
        yield chosen
        return
    for i, word in enumerate(words):
        if _long_enough(chosen, word, resolution):
            yield from _choices(words[i + 1 :], count - 1, resolution, (*chosen, word))


def _long_enough(chosen: Sequence[int], word: int, resolution: int) -> bool:
    """Are all products of a generator's word with those of chosen ones at least as long as the resolution?

    A product has one own factor for each generator, and the base factors that are left.
    """
    for count in range(resolution):
        for others in combinations(chosen, count):
            left = word
            for other in others:
                left ^= other
            if 1 + count + left.bit_count() < resolution:
                return False
    return True


def _aberration(base: int, generators: Sequence[int]) -> tuple[int, ...]:
    """How many words there are of each length from 1 on: less at the front is less aberration."""
    lengths = Counter(word.bit_count() for word in _products(_generator_words(base, generators)))
    return tuple(lengths[length] for length in range(1, base + len(generators) + 1))


def _products(words: Sequence[int]) -> list[int]:
    """Every product of one or more of the words."""
    products = [0]
    for word in words:
        products += [word ^ other for other in products]
    return products[1:]


def _by_length(word: int) -> tuple[int, tuple[int, ...]]:
    """Sorts shorter words first, then alphabetically."""
    return word.bit_count(), _factors(word)


def _factors(word: int) -> tuple[int, ...]:
    return tuple(i for i in range(word.bit_length()) if word >> i & 1)
