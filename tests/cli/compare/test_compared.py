"""One experiment, and each of several, compared as the arguments say."""

import pytest
from support.fake_runs import sweep

from ablation.cli.compare import compared
from ablation.cli.compare.arguments import CompareArguments
from ablation.comparison.experiments.grouping import find
from ablation.comparison.reading.load import load
from ablation.errors import AblateError


@pytest.fixture(scope="module")
def experiments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    sweep(folder, {"plain34": 0.5, "resnet34": 0.9})
    sweep(folder, {"vgg16": 0.5, "vgg19": 0.9}, **{"train.epochs": 3})
    return find(load([folder]))


def test_one_experiment_has_its_table_and_sentences(experiments):
    (experiment,) = (each for each in experiments if "resnet34" in each.name)
    item = compared.compare_one(experiment, CompareArguments([], baseline="resnet34", detect=0.01))
    assert item.comparison.baseline == "resnet34" and len(item.table.records) == 2
    assert any("plain34 is worse" in sentence for sentence in item.sentences)


def test_of_several_those_with_the_baseline_are_compared(experiments):
    overview, left_out = compared.compare_each(experiments, CompareArguments([], baseline="vgg19"))
    assert [item.comparison.baseline for item in overview.compared] == ["vgg19"]
    assert left_out == ["Left out, because it has no variant vgg19: plain34 and resnet34 on digits."]
    with pytest.raises(AblateError, match="Unknown variant"):
        compared.compare_each(experiments, CompareArguments([], baseline="resnet43"))


@pytest.mark.parametrize(
    ("options", "curve"),
    [({}, None), ({"metric": "test_loss"}, "val_loss"), ({"metric": "test_loss", "curve": "loss"}, "loss")],
)
def test_the_curve_is_that_of_the_metric(options, curve):
    assert compared.curve_of(CompareArguments([], **options)) == curve
