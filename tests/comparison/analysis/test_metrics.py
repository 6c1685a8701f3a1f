"""The metric by which variants are judged: which one, of which weights, on how many images."""

import pytest
from support.comparisons import compared
from support.fake_runs import config, history, sweep, write


def test_the_metric_is_test_accuracy_where_all_have_one(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    metric = compared(tmp_path).metric
    assert metric.name == "test accuracy"
    assert metric.caption == "Test accuracy of the last weights, on 360 images."


def test_validation_on_the_test_split_is_said(tmp_path):
    changes = {"metrics.test": None, "selected_on": "test", "data.test": None}
    write(tmp_path, config(**{"data.validation": "test"}), **changes)
    assert "test split's (data.validation=test)" in compared(tmp_path).metric.caption


@pytest.mark.parametrize("count", [0, None])
def test_an_unknown_count_of_training_images_gives_no_resolution(tmp_path, count):
    for seed in range(3):
        write(tmp_path, config("plain34", seed=seed), **{"data.train": count})
        write(tmp_path, config("resnet34", seed=seed))
    made = compared(tmp_path, baseline="resnet34", metric="accuracy")
    assert made.metric.images == 1077 and [row.arm.resolution for row in made.variants] == [1 / 1077, 0]


@pytest.mark.parametrize(("metric", "last", "best"), [("val_accuracy", 0.9, 0.95), ("test_accuracy", 0.89, 0.94)])
def test_the_best_epoch_is_another_than_the_last_where_it_is_asked_for(tmp_path, metric, last, best):
    """Test accuracy is then that of the weights of the best validation epoch."""
    changes = {"metrics.best.val_accuracy": 0.95, "metrics.test_best": {"loss": 0.2, "accuracy": 0.94}}
    write(tmp_path, config("resnet34"), history(accuracy=0.9), **changes)
    for select, mean in (("last", last), ("best_val", best)):
        (row,) = compared(tmp_path, metric=metric, select=select).variants
        assert row.arm.mean == mean


def test_the_least_step_of_an_arm_is_an_image_of_its_smallest_set(tmp_path):
    for seed, images in enumerate((100, 400, 200)):
        write(tmp_path, config(seed=seed), history(), **{"data.test": images})
    (row,) = compared(tmp_path).variants
    assert row.arm.resolution == 1 / 100
