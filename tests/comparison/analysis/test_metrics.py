"""The metric by which variants are judged: which one, of which weights, on how many images."""

from dataclasses import replace

import pytest
from support.comparisons import TEST, compared, facts, run
from support.fake_runs import config, history, sweep, write

from ablation.comparison.analysis.metrics import BEST, LAST, arm, choose_metric
from ablation.comparison.analysis.variants import Variant
from ablation.errors import AblateError
from ablation.rundir.record_parts import Metrics


def test_the_metric_is_test_accuracy_where_all_have_one(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    metric = compared(tmp_path).metric
    assert metric.name == "test accuracy"
    assert metric.caption == "Test accuracy of the last weights, on 360 images of digits."


def test_validation_on_the_test_split_is_said(tmp_path):
    changes = {"metrics.test": None, "selected_on": "test", "data.test": None}
    write(tmp_path, config(**{"data.validation": "test"}), **changes)
    assert "are the test split (data.validation=test)" in compared(tmp_path).metric.caption


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


SCORES = {
    "final": {"val_accuracy": 0.5},
    "best": {"val_accuracy": 0.6},
    "test": {"loss": 2},
    "test_best": {"loss": 1.5},
}


def of(**values) -> Variant:
    return Variant("a", (run(**values), run(seed=1, **values)))


@pytest.mark.parametrize(
    ("name", "select", "words", "caption"),
    [
        ("test_accuracy", LAST, "test accuracy", "Test accuracy of the last weights, on 360 images of digits."),
        ("test_loss", BEST, "test loss", "Test loss of the best validation epoch, on 360 images of digits."),
        ("val_loss", LAST, "validation loss", "Validation loss of the last epoch, on 360 images of digits."),
        ("accuracy", LAST, "training accuracy", "Training accuracy of the last epoch."),
        ("loss", BEST, "training loss", "Training loss of the best validation epoch."),
    ],
)
def test_a_named_metric_says_what_it_is_of(name, select, words, caption):
    metric = choose_metric([run(facts=facts(train=1000))], name, select)
    assert (metric.key, metric.name, metric.caption) == (name, words, caption)
    assert metric.higher == ("accuracy" in name) and (metric.images is not None) == ("accuracy" in name)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([{}, {"test_accuracy": None}], "not every run has a test split"),
        ([{"test_accuracy": None, "test_images": None}], "no variant has a test split"),
        ([{"test_accuracy": None, "validated_on_test": True}], "are the test split (data.validation=test)"),
    ],
)
def test_it_is_said_why_validation_decides(changes, told):
    metric = choose_metric([run(**each) for each in changes], None, LAST)
    assert metric.key == "val_accuracy" and told in metric.caption


def test_the_fewest_images_are_the_least_step():
    metric = choose_metric([run(test_images=400), run(test_images=5000)], None, LAST)
    assert metric.images == 400 and metric.caption.endswith("on 400 to 5,000 images of digits.")
    assert arm(of(metrics=Metrics({"test": {"accuracy": 0.5}}), test_images=400), metric, LAST).resolution == 1 / 400
    assert arm(of(metrics=Metrics(SCORES)), replace(TEST, key="test_loss", images=None), LAST).resolution == 0


@pytest.mark.parametrize(
    ("key", "select", "value"), [("val_accuracy", LAST, 0.5), ("val_accuracy", BEST, 0.6), ("test_loss", BEST, 1.5)]
)
def test_each_selection_has_its_values(key, select, value):
    assert arm(of(metrics=Metrics(SCORES)), replace(TEST, key=key), select).values == {0: value, 1: value}


@pytest.mark.parametrize("value", [None, True, "0.5", float("nan"), 1e39])
def test_a_value_that_is_no_number_is_refused_by_its_run(value):
    with pytest.raises(AblateError, match=r"--metric test_accuracy --select last, and outputs/resnet34_0 has none"):
        arm(of(metrics=Metrics({"test": {"accuracy": value}})), TEST, LAST)


def test_an_unknown_metric_names_those_that_are_known():
    with pytest.raises(AblateError, match="val_accuracy"):
        choose_metric([], "val_acuracy", LAST)
