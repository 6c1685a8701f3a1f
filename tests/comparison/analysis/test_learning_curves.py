"""The arrays of learning curves: means, bands, differences, x axes, thresholds."""

import math

import numpy as np
import pytest
from scipy import stats
from support.comparisons import facts
from support.curves import run, variant
from support.fake_runs import history

from ablation.comparison.analysis import learning_curves
from ablation.comparison.reading.run import Run
from ablation.statistics import welch
from ablation.statistics.arm import Arm


def test_the_band_contains_the_mean_which_lies_within_the_seeds():
    rng = np.random.default_rng(0)
    for seeds in (1, 2, 3, 7):
        curve = learning_curves.Curve(np.arange(40.0), np.where(rng.random(40) < 0.3, 0.1, rng.random((seeds, 40))))
        low, high = curve.band()
        assert np.isfinite([low, high]).all() and (low <= curve.mean).all() and (curve.mean <= high).all()


def test_the_interval_of_the_mean_is_students():
    values = np.random.default_rng(1).normal(size=(5, 3))
    low, high = learning_curves.Curve(np.arange(3.0), values).band()
    wanted = stats.t.interval(0.95, 4, values.mean(0), stats.sem(values))
    assert low == pytest.approx(wanted[0]) and high == pytest.approx(wanted[1])


def test_a_curve_ends_where_the_shortest_run_does():
    runs = [run(seed=s, rows=history(epochs, 0.5 + s / 10)) for s, epochs in enumerate((3, 5))]
    curve = learning_curves.curve(runs, "val_accuracy")
    assert list(curve.x) == [1, 2, 3] and curve.seeds.shape == (2, 3)


def test_what_is_against_what():
    rows = history(3)
    one = run(rows=rows, facts=facts({"per_epoch": 10, "total": 25}, train=1000), macs=500)
    assert list(learning_curves.x_values(one, "epoch")) == [1, 2, 3]
    assert list(learning_curves.x_values(one, "step")) == [10, 20, 25]  # the last epoch is cut short
    assert list(learning_curves.x_values(one, "images")) == [1000, 2000, 2500]
    assert list(learning_curves.x_values(one, "macs")) == [1000 * 3 * 500, 2000 * 3 * 500, 2500 * 3 * 500]
    assert list(learning_curves.x_values(one, "seconds")) == [1.5, 3.0, 4.5]
    assert "3 forward passes" in learning_curves.AXES["macs"]  # the convention stands in the figure


@pytest.mark.parametrize("steps", [None, {}, {"per_epoch": None}, {"per_epoch": "17"}, {"per_epoch": 0}])
def test_a_record_that_does_not_tell_its_steps_has_no_place_on_that_axis(steps):
    assert learning_curves.x_values(run(facts=facts(steps)), "step") is None
    assert learning_curves.curve([run(facts=facts(steps))], "loss", "step") is None


def test_runs_of_different_times_meet_on_a_grid_of_what_all_have():
    def timed(seed: int, seconds: float) -> Run:
        rows = [{**row, "seconds": seconds, "loss": 10 - seconds * row["epoch"]} for row in history(8)]
        return run(seed=seed, rows=rows)

    curve = learning_curves.curve([timed(0, 1.0), timed(1, 2.0)], "loss", "seconds")
    assert (curve.x[0], curve.x[-1]) == (2.0, 8.0)
    assert curve.seeds == pytest.approx(np.tile(10 - curve.x, (2, 1)))  # linear, so that both seeds agree
    assert [len(x) for x, _ in curve.seed_lines] == [8, 8]  # a seed keeps its whole extent
    apart = learning_curves.curve([timed(0, 1.0), timed(1, 20.0)], "loss", "seconds")
    assert len(apart.x) == 0 and len(apart.seed_lines) == 2


def test_no_number_that_is_none_is_drawn():
    rows = history(5)
    rows[2] = {**rows[2], "val_loss": math.nan}
    rows[3] = {**rows[3], "val_loss": math.inf}
    curve = learning_curves.curve([run(seed=0), run(seed=1, rows=rows)], "val_loss")
    assert list(curve.x) == [1, 2, 5] and curve.has_gaps
    assert np.isfinite(curve.seeds).all() and np.isfinite(curve.band()).all()


@pytest.mark.parametrize("against", list(learning_curves.AXES))
def test_the_difference_of_an_arm_to_itself_is_nothing(against):
    curve = learning_curves.curve(variant("a", 4).runs, "val_accuracy", against)
    gap = learning_curves.difference(curve, curve)
    assert list(gap.mean) == [0] * len(gap.x) and gap.low == pytest.approx(-gap.high)


def test_the_band_of_a_difference_is_the_judges_interval():
    one, other = variant("a", 4, 0.8), variant("b", 3, 0.7)
    gap = learning_curves.difference(*(learning_curves.curve(row.runs, "val_accuracy") for row in (one, other)))
    for i in range(6):
        arms = [Arm("", {r.seed: r.history["val_accuracy"][i] for r in row.runs}) for row in (one, other)]
        assert (gap.low[i], gap.high[i]) == pytest.approx(welch.estimate(*arms).interval())
        assert gap.mean[i] == pytest.approx(welch.difference(*arms))


def test_arms_of_different_steps_are_compared_at_equal_steps():
    def straight(per_epoch: int) -> list[Run]:
        rows = [{**row, "loss": 1 - row["epoch"] * per_epoch / 1000} for row in history(6)]
        return [run(seed=s, rows=rows, per_epoch=per_epoch) for s in range(2)]

    gap = learning_curves.difference(*(learning_curves.curve(straight(n), "loss", "step") for n in (10, 17)))
    assert (gap.x[0], gap.x[-1]) == (17, 60) and gap.mean == pytest.approx(0)
    assert learning_curves.difference(*(learning_curves.curve(straight(n), "loss", "step") for n in (10, 100))) is None
