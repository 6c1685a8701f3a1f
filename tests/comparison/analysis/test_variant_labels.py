"""What variants are called: what differs between them, and nothing else."""

from pathlib import Path

import pytest
from support.comparisons import compared
from support.fake_runs import config, sweep, write

from ablation.comparison.analysis import variants
from ablation.comparison.reading import load


def names(*paths: Path) -> list[str]:
    return [variant.label for variant in variants.variants(load.load(paths).runs)]


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ([{}], ["resnet34"]),
        ([{"model": "plain34"}, {}], ["plain34", "resnet34"]),
        ([{"model.width": 16}, {"model.width": 8}], ["width=8", "width=16"]),
        ([{"model.norm": "none"}, {}], ["norm=batch", "norm=none"]),
        ([{"data.limit": 100}, {}], ["limit=100", "limit=null"]),
        ([{"train.lr_milestones": [0.5], "train.schedule": "step"}, {}], ["schedule=cosine", "schedule=step"]),
        ([{"model": "vgg16"}, {"model": "resnet34"}], ["resnet34", "vgg16"]),
        ([{"model": "resnet34"}, {"model": "resnet50"}], ["resnet34", "resnet50"]),
        ([{"model": "resnet_cifar"}, {"model": "shake26"}, {}], ["resnet20", "resnet34", "shake26_2x32d"]),
        ([{"model": "shake26"}, {"model": "shake26", "model.width": 96}], ["shake26_2x32d", "shake26_2x96d"]),
        ([{"data": "cifar10"}, {}], ["data=cifar10", "data=digits"]),
        (
            [{"data": "cifar10", "data.limit": 100}, {}],
            ["data=cifar10 limit=100", "data=digits limit=null"],
        ),
        (
            [{"model": "plain34", "model.width": 8}, {"model": "resnet34", "model.width": 16}],
            ["plain34 width=8", "resnet34 width=16"],
        ),
        (
            [{"model": "plain34", "train.learning_rate": 0.1}, {"train.learning_rate": 0.01}],
            ["plain34 learning_rate=0.1", "resnet34 learning_rate=0.01"],
        ),
        (
            [{"model.shortcut": "identity_pad"}, {}, {"model": "vgg16"}],
            ["resnet34 shortcut=identity_pad", "resnet34 shortcut=projection", "vgg16"],
        ),
        (
            [{"model.repeats": [4, 4, 5, 3]}, {}],
            ["repeats=[3,4,6,3]", "repeats=[4,4,5,3]"],
        ),
        (
            [{"model": "resnet18", "model.repeats": [2, 2, 2, 3]}, {"model": "resnet_cifar"}, {"model": "plain18"}],
            ["plain18 family=resnet", "resnet20 family=resnet", "resnet20 family=resnet_cifar"],
        ),
        ([{"model.stride_in": "first"}, {}], ["stride_in=first", "stride_in=null"]),
    ],
)
def test_a_label_is_what_differs_and_nothing_else(tmp_path, configs, expected):
    for keys in configs:
        write(tmp_path, config(**keys))
    assert names(tmp_path) == expected


def test_runs_that_differ_in_their_images_alone_are_told_apart(tmp_path):
    write(tmp_path / "a", config(), **{"data.digest": "a" * 64})
    write(tmp_path / "b", config(), **{"data.digest": "b" * 64})
    assert names(tmp_path) == ["digest=aaaaaaaa", "digest=bbbbbbbb"]


def test_labels_are_unique_even_where_their_texts_are_not(tmp_path):
    write(tmp_path / "a", config(), **{"config.train.clipnorm": 1})
    write(tmp_path / "b", config(), **{"config.train.clipnorm": "1"})
    write(tmp_path / "c", config(), **{"data.digest": "a" * 64})
    write(tmp_path / "d", config(), **{"data.digest": "a" * 63 + "b"})
    got = names(tmp_path)
    assert len(set(got)) == 4


def test_beside_a_baseline_a_variant_is_called_as_it_was_without_one(tmp_path):
    for width in (1, 8, 16):
        sweep(tmp_path, {"resnet34": 0.9}, **{"model.width": width})
    made = compared(tmp_path, baseline="width=16")
    assert [row.label for row in made.variants] == ["width=16", "width=1", "width=8"]
    assert compared(tmp_path, baseline=made.baseline).baseline == "width=16"
    sweep(tmp_path, {"plain34": 0.5}, **{"model.width": 8})
    made = compared(tmp_path, baseline="resnet34 width=16")
    assert [row.label for row in made.variants] == [
        "resnet34 width=16", "plain34 width=8", "resnet34 width=1", "resnet34 width=8",
    ]  # fmt: skip


def test_where_very_much_differs_the_baseline_alone_tells_all_of_it(tmp_path):
    usual = {"model.width": 4, "model.norm": "none", "train.epochs": 9, "data.limit": 100}
    for key, value in (("model.norm", "batch"), ("model.width", 8), ("train.epochs", 6), ("data.limit", 200)):
        sweep(tmp_path, {"resnet34": 0.9}, **{**usual, key: value})
    base = "width=4 norm=batch limit=100 epochs=9"
    made = compared(tmp_path, baseline=base)
    assert [row.label for row in made.variants] == [
        base, "resnet34 norm=none epochs=6", "resnet34 norm=none limit=200", "resnet34 width=8 norm=none",
    ]  # fmt: skip
    assert compared(tmp_path, baseline=made.baseline).baseline == base


def test_a_baseline_that_is_not_the_usual_one_takes_no_name_of_it(tmp_path):
    for keys in ({}, {"model.norm": "none"}, {"train.epochs": 6}, {"data.limit": 100}, {"model.width": 4}):
        sweep(tmp_path, {"resnet34": 0.9}, **keys)
    made = compared(tmp_path, baseline="resnet34 norm=none")
    assert [row.label for row in made.variants][:2] == ["resnet34 norm=none", "resnet34"]
