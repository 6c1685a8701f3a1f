"""One network on one data set: trained, saved, resumed and tested."""

from dataclasses import replace

import numpy as np
import pytest
from support.fake_runs import config

from ablation import data
from ablation.run.trial import METRICS, Trial
from ablation.rundir import layout
from ablation.runtime import console
from ablation.runtime.signals import Stop
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def trained(tmp_path_factory, exact):
    """A tiny network after one epoch."""
    cfg = config("resnet_cifar", **{"model.depth": 8, "model.width": 4, "data.limit": 60, "train.epochs": 1})
    cfg = replace(cfg, train=replace(cfg.train, batch_size=16))
    images = data.load(cfg.data, console.REPORTER)
    trial = Trial(cfg, images, tmp_path_factory.mktemp("run"), Checkpoint(), xla=False)
    assert trial.train(Stop(), "resnet8") == "completed"
    return trial


def test_the_metrics_are_of_the_last_and_the_best_epoch(trained):
    metrics = trained.metrics()
    assert set(metrics) == {"final", "best"} and metrics["final"] == metrics["best"]
    assert set(metrics["final"]) == set(METRICS) and metrics["final"]["epoch"] == 1


def test_tests_count_the_images_that_are_right(trained):
    tested = trained.test(Stop())
    assert set(tested.metrics) == {"test", "test_best"} and set(tested.correct) == {
        "val_last",
        "test_last",
        "test_best",
    }
    count = len(trained.images.test)
    right = np.unpackbits(tested.correct["test_last"], count=count)
    assert right.mean() == pytest.approx(tested.metrics["test"]["accuracy"])
    assert tested.metrics["test"] == tested.metrics["test_best"]  # of one epoch


def test_the_best_weights_are_tested_where_the_last_are_others(trained):
    """Here the best weights are such that every image is taken for a 3."""
    rows = trained.checkpoint.rows
    best = {path: np.zeros_like(value) for path, value in trained.checkpoint.best.items()}
    (bias,) = (path for path, value in best.items() if value.shape == (10,))
    best[bias][3] = 1
    later = replace(rows[0], epoch=2, val_accuracy=rows[0].val_accuracy - 0.01)
    resumed = replace(trained.checkpoint, rows=[*rows, later], best=best)
    tested = Trial(trained.cfg, trained.images, trained.directory, resumed, xla=False).test(Stop())
    images = trained.images.test
    is_three = images.labels[images.rows] == 3
    assert np.array_equal(np.unpackbits(tested.correct["test_best"], count=len(images)), is_three)
    assert tested.metrics["test_best"]["accuracy"] == pytest.approx(is_three.mean())
    before = trained.test(Stop())
    assert tested.metrics["test"] == before.metrics["test"]
    assert all(np.array_equal(tested.correct[name], before.correct[name]) for name in ("val_last", "test_last"))


def test_the_weights_are_all_of_the_network_s(trained):
    record = trained.network_record()
    assert sum(array.size for array in trained.weights().values()) == record.total_parameters
    assert (record.name, record.depth) == ("resnet8", 8) and record.trainable_parameters < record.total_parameters


def test_a_checkpoint_holds_what_a_new_trial_goes_on_with(trained):
    trained.save(trained.checkpoint)
    assert (trained.directory / layout.HISTORY).read_text().count("\n") == 2
    saved = checkpoint.load(trained.directory / layout.CHECKPOINT)
    again = Trial(trained.cfg, trained.images, trained.directory, saved, xla=False)
    state = again.engine.get()
    assert all(np.array_equal(state[path], value) for path, value in trained.checkpoint.state.items())


def test_before_the_first_epoch_there_is_nothing_to_tell(trained):
    fresh = Trial(trained.cfg, trained.images, trained.directory, Checkpoint(), xla=False)
    assert fresh.metrics() == {}
    with pytest.raises(RuntimeError, match="not been trained"):
        fresh.weights()


def test_the_summaries_are_files(trained):
    trained.write_summaries()
    assert "Total params" in (trained.directory / layout.SUMMARY).read_text()
    assert (trained.directory / layout.SAMPLES).read_bytes().startswith(b"\x89PNG")
