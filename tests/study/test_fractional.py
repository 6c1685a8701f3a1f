"""Fractional factorial designs, checked against published generators."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablation.study import fractional
from ablation.study.fractional import LETTERS, Fraction, fraction

# Box, Hunter & Hunter 2005, Table 6.22, and the NIST/SEMATECH handbook, 5.3.3.4.7: (resolution, generators)
PUBLISHED = {
    (3, 1): (3, "C=AB"),
    (4, 1): (4, "D=ABC"),
    (5, 1): (5, "E=ABCD"),
    (5, 2): (3, "D=AB E=AC"),
    (6, 1): (6, "F=ABCDE"),
    (6, 2): (4, "E=ABC F=BCD"),
    (6, 3): (3, "D=AB E=AC F=BC"),
    (7, 1): (7, "G=ABCDEF"),
    (7, 2): (4, "F=ABCD G=ABDE"),
    (7, 3): (4, "E=ABC F=BCD G=ACD"),
    (7, 4): (3, "D=AB E=AC F=BC G=ABC"),
    (8, 2): (5, "G=ABCD H=ABEF"),
    (8, 3): (4, "F=ABC G=ABD H=BCDE"),
    (8, 4): (4, "E=BCD F=ACD G=ABC H=ABD"),
    (9, 2): (6, "H=ACDFG J=BCEFG"),
    (9, 4): (4, "F=BCDE G=ACDE H=ABDE J=ABCE"),
    (9, 5): (3, "E=ABC F=BCD G=ACD H=ABD J=ABCD"),
    (10, 3): (5, "H=ABCG J=BCDE K=ACDF"),
    (10, 5): (4, "F=ABCD G=ABCE H=ABDE J=ACDE K=BCDE"),
    (10, 6): (3, "E=ABC F=BCD G=ACD H=ABD J=ABCD K=AB"),
    (11, 6): (4, "F=ABC G=BCD H=CDE J=ACD K=ADE L=BDE"),
}
SMALLEST = {  # factors: runs of the smallest fraction of resolution III, IV, V
    3: (4, 8, 8), 4: (8, 8, 16), 5: (8, 16, 16), 6: (8, 16, 32), 7: (8, 16, 64), 8: (16, 16, 64), 9: (16, 32, 128),
    10: (16, 32, 128), 11: (16, 32, 128), 12: (16, 32, 256),
}  # fmt: skip


def published(factors: int, fewer: int) -> Fraction:
    words = [word.partition("=")[2] for word in PUBLISHED[factors, fewer][1].split()]
    return Fraction(factors - fewer, tuple(sum(1 << LETTERS.index(letter) for letter in word) for word in words))


def lengths(made: Fraction) -> list[int]:
    """How many words of the defining relation have 1, 2, 3, … letters."""
    return [sum(word.bit_count() == n for word in made.relation()) for n in range(1, made.factors + 1)]


@pytest.mark.parametrize("factors", SMALLEST)
def test_a_fraction_is_the_smallest_that_is_published(factors):
    found = [fraction(factors, resolution) for resolution in (3, 4, 5)]
    assert tuple(2**made.base for made in found) == SMALLEST[factors]
    assert all(made.resolution >= min(r, factors + 1) for made, r in zip(found, (3, 4, 5), strict=True))


@pytest.mark.parametrize(("factors", "fewer"), PUBLISHED)
def test_published_generators_have_their_resolution_and_ours_are_no_worse(factors, fewer):
    theirs, resolution = published(factors, fewer), PUBLISHED[factors, fewer][0]
    assert theirs.resolution == resolution
    ours = [made for r in (3, 4, 5) if (made := fraction(factors, r)).base == theirs.base]
    assert all(lengths(made) <= lengths(theirs) for made in ours)  # least aberration


def test_two_to_the_five_minus_two_is_the_textbook_s():
    made = fraction(5, 3)
    names = ["".join(LETTERS[i] for i in range(5) if word >> i & 1) for word in made.relation()]
    assert names == ["ABD", "ACE", "BCDE"]
    groups = [{"".join(LETTERS[i] for i in range(5) if e >> i & 1) for e in group} for group in made.aliases()]
    assert {"A", "BD", "CE"} in groups and {"B", "AD"} in groups and {"BC", "DE"} in groups and {"BE", "CD"} in groups


@given(st.integers(3, 9), st.sampled_from([3, 4, 5]))
def test_aliases_are_the_columns_that_are_equal(factors, resolution):
    made = fraction(factors, resolution)
    table = np.array(made.cells())

    def column(effect: int) -> tuple[int, ...]:
        return tuple(table[:, [i for i in range(factors) if effect >> i & 1]].sum(axis=1) % 2)

    effects = [1 << i for i in range(factors)] + [1 << i | 1 << j for i, j in combinations(range(factors), 2)]
    equal = {}
    for effect in effects:
        equal.setdefault(column(effect), set()).add(effect)
    assert {frozenset(g) for g in made.aliases()} == {frozenset(g) for g in equal.values() if len(g) > 1}


def test_too_many_factors_are_refused():
    with pytest.raises(ValueError, match="at most 16"):
        fractional.fraction(17, 3)


@pytest.mark.parametrize(("word", "expected"), [(0, ""), (1, "A"), (0b1011, "ABD"), (1 << 15, "Q"), (1 << 8, "J")])
def test_letters_leave_out_the_identity(word, expected):
    assert fractional.letters(word) == expected
