"""What variants are called: what differs between them, and nothing else."""

from pathlib import Path

import pytest
from support.comparisons import compared, run
from support.fake_runs import config, sweep, write

from ablation.comparison.analysis import variants
from ablation.comparison.analysis.variant_labels import labels, relative, unlabelled_model_keys
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


def of(*configs, **changes):
    return [run(config=config, **changes) for config in configs]


def test_a_lone_variant_is_called_as_its_network():
    assert labels(of({"model.width": 4})) == ["resnet34"]
    assert labels([run("a\x1b[2J")])[0].isprintable()


def test_keys_are_short_unless_two_end_alike():
    assert labels(of({"model.width": 4}, {"model.width": 8})) == ["width=4", "width=8"]
    alike = [{"model.rate": value, "train.rate": 1} for value in (4, 8)]
    assert labels(of(*alike)) == ["model.rate=4", "model.rate=8"]


def test_labels_follow_the_order_of_the_runs():
    runs = of(*({"model.width": width} for width in (8, 4, 16)))
    assert labels(runs[::-1]) == labels(runs)[::-1] and relative(runs[1], runs) == labels(runs)


def test_equal_labels_are_told_apart_by_their_images():
    assert labels([run(digest="a" * 64), run(digest="b" * 64)]) == ["digest=aaaaaaaa", "digest=bbbbbbbb"]
    assert labels([run(digest="a" * 64), run(digest="a" * 63 + "b")]) == [" (1)", " (2)"]


def test_where_much_varies_the_usual_variant_has_its_networks_name():
    usual = {"model.a": 1, "model.b": 1, "train.c": 1, "train.d": 1}
    found = labels(of(usual, *({**usual, key: 2} for key in usual)))
    assert found == ["resnet34", "resnet34 a=2", "resnet34 b=2", "resnet34 c=2", "resnet34 d=2"]
    assert labels(of(usual, *({**usual, key: 2} for key in list(usual)[:3])))[0] == "a=1 b=1 c=1"


def test_what_comes_with_a_family_is_in_no_label():
    plain = run("vgg16", config={"model.family": "vgg", "model.conv_bias": True})
    other = run("resnet34", config={"model.family": "resnet", "model.conv_bias": False})
    assert labels([plain, other]) == ["vgg16", "resnet34"]
    assert unlabelled_model_keys([plain, other]) == ["conv_bias"]
    assert unlabelled_model_keys(of({"model.width": 4}, {"model.width": 8})) == []
