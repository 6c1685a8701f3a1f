"""The benchmark of a sweep: equal results in both arms, and traces that are counted from outside."""

import os
import subprocess
import sys

import pytest

from ablation.runtime import machine
from benchmarks import sweep
from benchmarks.bench import processes

RUNS = {"a_s0": [(1.0, 2.0, 0.5)], "a_s0 conv/kernel": b"12"}
TRACED = """
import keras, tensorflow as tf

network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
network.compile("sgd", "mse")
images, labels = tf.zeros((3, 4)), tf.zeros((3, 2))
step = tf.function(lambda x, y: network.train_step((x, y)))
for _ in range(3):
    step(images, labels)  # traced once
    network(images)
step(images[:2], labels[:2])  # and once more for another shape
"""


def test_equal_results_of_all_runs_pass():
    sweep.require_equal(RUNS, dict(RUNS), runs=1)


@pytest.mark.parametrize(
    "other",
    [{**RUNS, "a_s0 conv/kernel": b"13"}, {**RUNS, "a_s0": [(1.0, 2.0, 0.4)]}, {"a_s0": RUNS["a_s0"]}, {}],
    ids=["weights", "history", "no weights", "no run"],
)
def test_a_result_that_differs_stops_the_benchmark(other):
    with pytest.raises(SystemExit, match="different results"):
        sweep.require_equal(RUNS, other, runs=1)


def test_runs_that_both_arms_lack_are_missed():
    with pytest.raises(SystemExit, match="1 runs. Expected: 2"):
        sweep.require_equal(RUNS, dict(RUNS), runs=2)


def test_jobs_share_the_cores():
    cores = machine.cores()
    assert f"threads={cores}" in sweep.Sweep(jobs=1).words()
    assert "threads=1" in sweep.Sweep(jobs=cores + 1).words()


@pytest.mark.integration
def test_each_trace_of_a_training_step_is_counted_and_no_other(tmp_path):
    traces = tmp_path / "traces"
    env = {**os.environ, **processes.hooked(BENCH_TRACES=traces)}
    subprocess.run([sys.executable, "-c", TRACED], env=env, check=True, capture_output=True)
    assert len(traces.read_text().splitlines()) == 2
