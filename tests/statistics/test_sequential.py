"""Looks while seeds are added: the level they spend, and what they decide."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.statistics import sequential
from ablation.statistics.arm import Arm
from ablation.statistics.sequential import WAITING, decide, looks, nominal_levels
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, WORSE


def arm(label, values):
    return Arm(label, dict(enumerate(float(value) for value in values)))


@pytest.mark.parametrize(("most", "level"), [(4, 0.05), (10, 0.05), (30, 0.05 / 8), (60, 0.01)])
def test_all_looks_together_spend_the_level(most, level):
    """Random walks, as sums of normal differences are: the share that ever crosses is the level."""
    draws, ns = np.random.default_rng(0), np.array(looks(most))
    steps = np.sqrt(np.diff([0, *ns]))
    walks = np.cumsum(draws.normal(size=(100_000, len(ns))) * steps, axis=1) / np.sqrt(ns)
    crossed = (np.abs(walks) >= stats.norm.isf(np.array(nominal_levels(most, level)) / 2)).any(axis=1).mean()
    assert crossed == pytest.approx(level, abs=4 * np.sqrt(level / 100_000))


def test_what_is_clear_is_decided_early_and_what_is_not_never():
    rng = np.random.default_rng(0)
    base = arm("base", rng.normal(0, 1, 30))
    far, near = arm("far", rng.normal(-10, 1, 30)), arm("near", rng.normal(0, 1, 30))
    found = decide([(far, base), (near, base), (base, far)], 30, 3, True)
    assert [each.verdict for each in found] == [WORSE, INCONCLUSIVE, BETTER]
    assert found[0].seeds < 6 and found[1].seeds == 30
    assert decide([(far, base)], 30, 1, False)[0].verdict == BETTER


def test_the_level_of_a_look_is_shared_among_what_is_open():
    """Holm's steps: the stronger of two is held to half of the level, the weaker to all of it once that is decided."""
    base, most = arm("base", [0, 1, 2, 3]), 4
    half, whole = nominal_levels(most, 0.025)[-1], nominal_levels(most, 0.05)[-1]

    def apart(p):  # Welch's t of equal deviations has 6 degrees of freedom
        error = np.sqrt(2 * np.var([0, 1, 2, 3], ddof=1) / 4)
        return arm("part", np.array([0, 1, 2, 3]) - error * stats.t.isf(p / 2, 6))

    between, clear = apart((half + whole) / 2), apart(half / 2)
    assert decide([(between, base)], most, 1, True)[0].verdict == WORSE
    assert decide([(between, base)], most, 2, True)[0].verdict == INCONCLUSIVE
    assert [each.verdict for each in decide([(between, base), (clear, base)], most, 2, True)] == [WORSE, WORSE]


@given(st.integers(3, 12), st.integers(0, 2**32))
def test_more_seeds_change_no_decision(n, seed):
    """A look that was made is not made again with other numbers."""
    rng = np.random.default_rng(seed)
    base, part = rng.normal(0, 1, 12), rng.normal(rng.choice([0, 2, 8]), 1, 12)
    now = decide([(arm("a", part[:n]), arm("b", base[:n]))], 12, 1, True)[0]
    later = decide([(arm("a", part), arm("b", base))], 12, 1, True)[0]
    assert now == later or now.verdict == WAITING and now.seeds == n + 1 <= later.seeds
    assert later.verdict != WAITING


def test_the_next_look_waits_for_both_sides():
    few, many = arm("few", [1, 2]), arm("many", [1, 2, 3, 4])
    assert decide([(few, many)], 10, 1, True)[0] == sequential.Decision(WAITING, 3)
    assert decide([(many, many)], 4, 1, True)[0] == sequential.Decision(INCONCLUSIVE, 4)
