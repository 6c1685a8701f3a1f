"""Two-level fractional factorial designs: generators, defining relation, aliases (Box, Hunter & Hunter 2005, ch. 6).

A word is a bit mask over the factors; the product of two words is their exclusive or. Level 0, a part that is there,
is the sign +, so the principal fraction (all generators +) holds the cell where everything is there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

TRIED = 1_000_000  # words of the designs that are compared; beyond that the best one so far is taken
LARGEST = 16  # factors
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
        return [
            (*levels, *(sum(levels[i] for i in range(self.base) if word >> i & 1) % 2 for word in self.generators))
            for levels in product((0, 1), repeat=self.base)
        ]

    def relation(self) -> list[int]:
        """The defining relation without I: every product of generators' words, shortest first."""
        words = [word | 1 << (self.base + i) for i, word in enumerate(self.generators)]
        return sorted(_products(words), key=lambda word: (word.bit_count(), _letters(word)))

    @property
    def resolution(self) -> int:
        """Length of the shortest word; of a full factorial, one more than it has factors."""
        return min((word.bit_count() for word in self.relation()), default=self.factors + 1)

    def aliases(self, order: int = 2) -> list[list[int]]:
        """Groups of effects up to an order that this design cannot tell apart, each of more than one effect."""
        relation = [0, *self.relation()]
        effects = [
            sum(1 << i for i in some) for n in range(1, order + 1) for some in combinations(range(self.factors), n)
        ]
        groups: dict[int, list[int]] = {}
        for effect in effects:
            groups.setdefault(min(effect ^ word for word in relation), []).append(effect)
        return [group for group in groups.values() if len(group) > 1]


def fraction(factors: int, resolution: int) -> Fraction:
    """The smallest regular fraction of at least this resolution: of least aberration among those of its size.

    Raises ValueError for more than LARGEST factors.
    """
    if factors > LARGEST:
        raise ValueError(f"Expected at most {LARGEST} factors. Received {factors}")
    for base in range(1, factors):
        found = _generators(base, factors - base, resolution)
        if found is not None:
            return Fraction(base, _longer(base, found, resolution))
    return Fraction(factors, ())


def _longer(base: int, generators: tuple[int, ...], resolution: int) -> tuple[int, ...]:
    """The generators of the highest resolution that as many cells can have, and of least aberration among those."""
    higher = _generators(base, len(generators), resolution + 1)
    return generators if higher is None else _longer(base, higher, resolution + 1)


@cache
def _generators(base: int, more: int, resolution: int) -> tuple[int, ...] | None:
    least = resolution - 1  # letters of a generator: with its own factor they make a word
    words = sorted(
        (word for word in range(1, 1 << base) if word.bit_count() >= least), key=lambda w: (w.bit_count(), _letters(w))
    )
    best, score = None, None
    for tried, chosen in enumerate(_choices(words, more, resolution, ())):
        lengths = _lengths(base, chosen)
        if score is None or lengths < score:
            best, score = chosen, lengths
        if tried >= TRIED >> more:
            break
    return best


def _choices(words: Sequence[int], more: int, resolution: int, chosen: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    """Sets of generators whose words and products are all long enough."""
    if not more:
        yield chosen
        return
    for i, word in enumerate(words):
        if _long_enough(chosen, word, resolution):
            yield from _choices(words[i + 1 :], more - 1, resolution, (*chosen, word))


def _long_enough(chosen: Sequence[int], word: int, resolution: int) -> bool:
    """Of all products that hold this generator's word: one own factor a generator, and the base factors left."""
    return all(
        1 + count + (word ^ rest).bit_count() >= resolution
        for count in range(resolution)
        for some in combinations(chosen, count)
        for rest in [_xor(some)]
    )


def _lengths(base: int, generators: Sequence[int]) -> tuple[int, ...]:
    """How many words there are of each length from 3 on: less at the front is less aberration."""
    words = [word | 1 << (base + i) for i, word in enumerate(generators)]
    counts = Counter(word.bit_count() for word in _products(words))
    return tuple(counts[length] for length in range(1, base + len(generators) + 1))


def _products(words: Sequence[int]) -> list[int]:
    products = [0]
    for word in words:
        products += [word ^ other for other in products]
    return products[1:]


def _xor(words: Iterable[int]) -> int:
    total = 0
    for word in words:
        total ^= word
    return total


def _letters(word: int) -> tuple[int, ...]:
    return tuple(i for i in range(word.bit_length()) if word >> i & 1)
