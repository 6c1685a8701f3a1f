"""The six designs give the cells of the textbooks; fractions are checked against published generators."""

from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablation.study import designs, fractional
from ablation.study.fractional import LETTERS, Fraction, fraction

sizes = st.lists(st.integers(1, 4), min_size=1, max_size=5)
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


@given(sizes)
def test_leave_one_out_is_the_baseline_and_each_removal_alone(sizes):
    cells = designs.leave_one_out(sizes)
    assert cells[0] == (0,) * len(sizes) and len(cells) == len(set(cells)) == 1 + sum(sizes)
    alone = [(i, level) for cell in cells[1:] for i, level in enumerate(cell) if level]
    assert alone == [(i, level) for i, size in enumerate(sizes) for level in range(1, size + 1)]


@given(sizes)
def test_add_one_in_puts_each_back_into_nothing(sizes):
    cells = designs.add_one_in(sizes)
    assert cells[0] == (1,) * len(sizes) and len(cells) == 1 + len(sizes)
    for i, cell in enumerate(cells[1:]):
        assert cell[i] == 0 and sum(cell) == len(sizes) - 1


@given(sizes)
def test_cumulative_takes_one_more_away_each_time_in_the_order_of_the_file(sizes):
    cells = designs.cumulative(sizes)
    assert cells[0] == (0,) * len(sizes) and cells[-1] == (1,) * len(sizes)
    for i, (one, other) in enumerate(zip(cells, cells[1:], strict=False)):
        assert [j for j in range(len(sizes)) if one[j] != other[j]] == [i]


@given(sizes)
def test_a_factorial_has_every_combination_once(sizes):
    cells = designs.factorial(sizes)
    assert len(cells) == prod(size + 1 for size in sizes)
    assert set(cells) == set(product(*(range(size + 1) for size in sizes))) and cells == sorted(cells)


@pytest.mark.parametrize("factors", range(2, 11))
@pytest.mark.parametrize("resolution", [3, 4, 5])
def test_a_fraction_is_orthogonal_up_to_its_resolution(factors, resolution):
    """Of any resolution - 1 factors every combination of levels is there equally often; the baseline is."""
    cells = designs.fractional([1] * factors, resolution)
    assert len(set(cells)) == len(cells) and cells[0] == (0,) * factors
    table = np.array(cells)
    for some in combinations(range(factors), min(resolution - 1, factors)):
        _, counts = np.unique(table[:, some], axis=0, return_counts=True)
        assert len(counts) == 2 ** len(some) and len(set(counts)) == 1


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
