"""The six designs give the cells of the textbooks."""

from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablation.study import designs

sizes = st.lists(st.integers(1, 4), min_size=1, max_size=5)


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


@given(sizes, st.data())
def test_one_removed_has_one_level(sizes, data):
    index = data.draw(st.integers(0, len(sizes) - 1))
    cell = designs.one_removed(len(sizes), index, 2)
    assert len(cell) == len(sizes) and cell[index] == 2 and sum(cell) == 2
