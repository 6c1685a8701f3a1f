"""The gate: equal losses pass; any that differ, are missing or not finite stop the benchmark."""

import math

import pytest

from benchmarks.bench import gate

LOSSES = [3.0, 2.5, 2.0]


def test_losses_within_the_tolerance_pass_and_the_largest_difference_is_named():
    close = [3.0 * (1 + gate.FIRST / 2), 2.5, 2.0 * (1 - gate.LATER / 2)]
    assert gate.require_equal("Keras", close, LOSSES) == "Keras differs by at most 5e-04"


@pytest.mark.parametrize("step", range(3))
def test_a_loss_beyond_the_tolerance_of_its_step_stops_the_benchmark(step):
    losses = list(LOSSES)
    losses[step] *= 1 + 2 * (gate.LATER if step else gate.FIRST)
    with pytest.raises(SystemExit, match="the losses of Keras differ"):
        gate.require_equal("Keras", losses, LOSSES)


@pytest.mark.parametrize("losses", [[3.0, 2.5], [3.0, 2.5, math.nan], [3.0, math.inf, 2.0]])
def test_losses_that_are_missing_or_not_finite_are_never_equal(losses):
    with pytest.raises(ValueError, match="finite losses of the same steps"):
        gate.require_equal("PyTorch", losses, LOSSES)
