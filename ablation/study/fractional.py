"""Two-level fractional factorial designs: generators, defining relation, aliases (Box, Hunter & Hunter 2005, ch. 6).

A word is a bit mask over the factors; the product of two words is their exclusive or. Level 0 (the component is
present) has the sign +, so the principal fraction (all generators +) contains the baseline.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

MAX_TRIED = 1_000_000  # words to examine, 2^generators per design, before the search settles for the best design so far
LARGEST = 16  # factors at most
LOWEST_RESOLUTION = 3
LETTERS = "ABCDEFGHJKLMNOPQ"  # without I, the identity


@dataclass(frozen=True)
class Fraction:
    """A regular fraction of a two-level design.

    base: the number of factors that form a full factorial. generators: for each further factor, the product of base
    factors that sets its level.
    """

    base: int
    generators: tuple[int, ...]

    @property
    def factors(self) -> int:
        return self.base + len(self.generators)

    def cells(self) -> list[tuple[int, ...]]:
        """The 2^base cells, with levels 0 and 1; the last base factor varies fastest."""
        cells = []
        for levels in product((0, 1), repeat=self.base):
            generated = [_product_level(levels, word) for word in self.generators]
            cells.append((*levels, *generated))
        return cells

    def relation(self) -> list[int]:
        """The defining relation without I: all products of the generators' words, shortest first."""
        return sorted(_products(_generator_words(self.base, self.generators)), key=_by_length)

    @property
    def resolution(self) -> int:
        """The length of the shortest word; for a full factorial, the number of factors plus 1."""
        relation = self.relation()
        return relation[0].bit_count() if relation else self.factors + 1

    def aliases(self, order: int = 2) -> list[list[int]]:
        """The groups of two or more aliased effects. order: the most factors in an effect."""
        relation = [0, *self.relation()]
        groups: dict[int, list[int]] = {}
        for effect in _effects(self.factors, order):
            smallest_alias = min(effect ^ word for word in relation)
            groups.setdefault(smallest_alias, []).append(effect)
        return [group for group in groups.values() if len(group) > 1]


def fraction(factors: int, resolution: int) -> Fraction:
    """The smallest regular fraction with at least this resolution; among those of its size, one of least aberration.

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
    """A word in letters: `ABD` is the product of the first, second and fourth factor."""
    return "".join(LETTERS[factor] for factor in _factors(word))


def _product_level(levels: Sequence[int], word: int) -> int:
    """The level of a generated factor, whose sign is the product of the signs of the word's factors."""
    return sum(levels[factor] for factor in _factors(word)) % 2


def _generator_words(base: int, generators: Sequence[int]) -> list[int]:
    """The products of each generator and the factor that it generates: the words that equal I."""
    return [word | 1 << (base + i) for i, word in enumerate(generators)]


def _effects(factors: int, order: int) -> Iterator[int]:
    """All main effects, then all two-factor interactions, and so on up to `order` factors."""
    for size in range(1, order + 1):
        for members in combinations(range(factors), size):
            yield sum(1 << factor for factor in members)


def _highest_resolution(base: int, generators: tuple[int, ...], resolution: int) -> tuple[int, ...]:
    """Generators of the highest resolution that this number of cells allows, and of least aberration among those."""
    higher = _generators(base, len(generators), resolution + 1)
    return generators if higher is None else _highest_resolution(base, higher, resolution + 1)


@cache
def _generators(base: int, count: int, resolution: int) -> tuple[int, ...] | None:
    """Generators with at least this resolution, of least aberration among those examined; None if there are none."""
    shortest = resolution - 1  # letters of a generator, to which its word adds the generated factor
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
    """All sets of generators that extend `chosen` by `count` and whose words and products are all long enough."""
    if not count:
        yield chosen
        return
    for i, word in enumerate(words):
        if _long_enough(chosen, word, resolution):
            yield from _choices(words[i + 1 :], count - 1, resolution, (*chosen, word))


def _long_enough(chosen: Sequence[int], word: int, resolution: int) -> bool:
    """Return whether all products of a generator's word with the chosen ones have at least `resolution` letters.

    A product contains one generated factor per generator, and the base factors that do not cancel.
    """
    for count in range(resolution):
        for generators in combinations(chosen, count):
            base_factors = word
            for generator in generators:
                base_factors ^= generator
            if 1 + count + base_factors.bit_count() < resolution:
                return False
    return True


def _aberration(base: int, generators: Sequence[int]) -> tuple[int, ...]:
    """The number of words of each length, from 1 on. A lexicographically smaller tuple means less aberration."""
    lengths = Counter(word.bit_count() for word in _products(_generator_words(base, generators)))
    return tuple(lengths[length] for length in range(1, base + len(generators) + 1))


def _products(words: Sequence[int]) -> list[int]:
    """Every product of one or more of the words."""
    products = [0]
    for word in words:
        products += [word ^ earlier for earlier in products]
    return products[1:]


def _by_length(word: int) -> tuple[int, tuple[int, ...]]:
    """A sort key: shorter words first, then alphabetically."""
    return word.bit_count(), _factors(word)


def _factors(word: int) -> tuple[int, ...]:
    """The indices of the factors in a word, from 0."""
    return tuple(i for i in range(word.bit_length()) if word >> i & 1)
