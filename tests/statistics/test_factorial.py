"""Effects of factorial designs against regression and SciPy."""

from itertools import combinations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import factorial
from ablation.statistics.arm import Arm


def arm(label, found, step=0.0):
    return Arm(label, dict(enumerate(found)) if not isinstance(found, dict) else found, step)


@given(st.integers(1, 3), st.integers(3, 5), st.integers(0, 2**32))
def test_effects_of_a_factorial_are_what_a_regression_says(parts, seeds, seed):
    rng = np.random.default_rng(seed)
    levels = list(np.ndindex(*[2] * parts))
    cells = {at: arm(str(at), rng.normal(0.9 - 0.1 * sum(at), 0.01, seeds)) for at in levels}
    found = factorial.effects([[f"p{i}"] for i in range(parts)], cells, parts + 1, parts, True)
    means = np.array([cells[at].mean for at in levels])
    signs = np.array([[1 - 2 * level for level in at] for at in levels])  # + where the part is there
    columns = [np.ones(len(levels))] + [
        signs[:, list(s)].prod(1) for n in range(1, parts + 1) for s in combinations(range(parts), n)
    ]
    fitted = np.linalg.solve(np.array(columns).T, means)
    main = [effect.difference for effect in found if effect.kind == factorial.MAIN]
    assert main == pytest.approx(-2 * fitted[1 : 1 + parts])
    both = [effect.difference for effect in found if effect.kind == factorial.INTERACTION]
    assert both == pytest.approx(4 * fitted[1 + parts : 1 + parts + len(both)])
    shares = [effect.difference for effect in found if effect.kind == factorial.SHAPLEY]
    if parts > 1:
        assert sum(shares) == pytest.approx(cells[(0,) * parts].mean - cells[(1,) * parts].mean)
    gaps = [effect.difference for effect in found if effect.kind == factorial.GAP]
    if parts == 2:
        assert gaps == pytest.approx([both[0]] * 2)
    assert all(low <= e.difference <= high for e in found for low, high in [e.interval])


def test_a_cell_that_stands_for_two_counts_once():
    one, two = arm("a", [1.0, 1.2, 0.8]), arm("b", [0.0, 0.1, -0.1])
    found = factorial.contrast({(0,): 0.5, (1,): 0.5, (2,): -1.0}, {(0,): one, (1,): one, (2,): two})
    welch = stats.ttest_ind([1.0, 1.2, 0.8], [0.0, 0.1, -0.1], equal_var=False)
    numbers = (found.value, *found.interval(), found.p_value())
    assert numbers == pytest.approx((1.0, *welch.confidence_interval(), welch.pvalue))
    assert isnan(factorial.contrast({(0,): 1.0}, {(0,): arm("none", [])}).value)
