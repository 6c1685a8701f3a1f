"""What variants are called: what differs between them, in at most 40 characters."""

from pathlib import Path

import pytest
from support.comparisons import compared, run
from support.fake_runs import config, sweep, write

from ablation.comparison.analysis import variants
from ablation.comparison.labels.variant_labels import Label, labels
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
        ([{"model": "shake26"}, {"model": "shake26", "model.width": 96}], ["width=32", "width=96"]),
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


def test_where_much_differs_a_label_is_what_few_variants_have(tmp_path):
    usual = {"model.width": 4, "model.norm": "none", "train.epochs": 9, "data.limit": 100}
    for key, value in (("model.norm", "batch"), ("model.width", 8), ("train.epochs", 6), ("data.limit", 200)):
        sweep(tmp_path, {"resnet34": 0.9}, **{**usual, key: value})
    made = compared(tmp_path, baseline="norm=batch")
    assert [row.label for row in made.variants] == ["norm=batch", "epochs=6", "limit=200", "width=8"]
    assert compared(tmp_path, baseline="norm=b").baseline == "norm=batch"
    sweep(tmp_path, {"resnet34": 0.9}, **usual)
    made = compared(tmp_path, baseline="resnet34")
    assert [row.label for row in made.variants] == ["resnet34", "epochs=6", "limit=200", "norm=batch", "width=8"]


def of(*configs, **changes):
    return [run(config=config, **changes) for config in configs]


def texts(runs):
    return [label.text for label in labels(runs)]


def test_a_lone_variant_is_called_as_its_network():
    assert labels(of({"model.width": 4})) == [Label("resnet34", "resnet34")]
    assert texts([run("a\x1b[2J")])[0].isprintable()
    assert texts([run("x" * 300)]) == ["x" * 39 + "…"]


def test_keys_are_short_unless_two_end_alike():
    assert texts(of({"model.width": 4}, {"model.width": 8})) == ["width=4", "width=8"]
    alike = [{"model.rate": value, "train.rate": 1} for value in (4, 8)]
    assert texts(of(*alike)) == ["model.rate=4", "model.rate=8"]


def test_labels_follow_the_order_of_the_runs():
    runs = of(*({"model.width": width} for width in (8, 4, 16)))
    assert texts(runs[::-1]) == texts(runs)[::-1]


def test_equal_labels_are_told_apart_by_their_images():
    assert texts([run(digest="a" * 64), run(digest="b" * 64)]) == ["digest=aaaaaaaa", "digest=bbbbbbbb"]
    assert texts([run(digest="a" * 64), run(digest="a" * 63 + "b")]) == ["resnet34 (1)", "resnet34 (2)"]


USUAL = {"model.a": 1, "model.b": 1, "train.c": 1, "train.d": 1}


def test_where_many_keys_vary_the_usual_variant_has_its_networks_name():
    found = texts(of(USUAL, *({**USUAL, key: 2} for key in USUAL)))
    assert found == ["resnet34", "a=2", "b=2", "c=2", "d=2"]
    assert texts(of(USUAL, *({**USUAL, key: 2} for key in list(USUAL)[:3])))[0] == "a=1 b=1 c=1"


def test_a_value_that_half_of_the_variants_have_is_shown():
    found = texts(of(USUAL, {**USUAL, "model.a": 2}, *({**USUAL, "model.a": 2, key: 2} for key in list(USUAL)[1:])))
    assert found == ["a=1", "resnet34", "b=2", "c=2", "d=2"]
    pair = {key: 2 for key in USUAL}
    assert texts(of(USUAL, pair)) == ["a=1 b=1 c=1 d=1", "a=2 b=2 c=2 d=2"]


def test_varying_networks_are_always_shown():
    usual = {"model.family": "resnet", **USUAL}
    configs = [usual, *({**usual, key: 2} for key in USUAL)]
    runs = [run("resnet34", config={"model.residual": True, **config}) for config in configs]
    runs.append(run("plain34", config={"model.residual": False, **usual}))
    assert texts(runs) == ["resnet34", *(f"resnet34 {key}=2" for key in "abcd"), "plain34"]


LONG = {"train.learning_rate": 0.1, "train.label_smoothing": 0.1}


def test_keys_are_abbreviated_only_where_a_label_is_too_long():
    configs = [{**LONG, "train.batch_size": size} for size in (6, 100)]
    configs += [{**LONG, "train.batch_size": 6, key: 0.2} for key in LONG]
    full = "learning_rate=0.1 label_smoothing=0.1 batch_size=6"
    assert labels(of(*configs))[0] == Label("lr=0.1 ls=0.1 bs=6", full)
    assert texts(of(LONG, {"train.learning_rate": 0.2, "train.label_smoothing": 0.2}))[0] == full.removesuffix(
        " batch_size=6"
    )


def test_long_values_are_cut_only_in_labels_that_are_too_long():
    def of_repeats(*lists):
        return texts(of(*({"model.repeats": repeats} for repeats in lists)))

    threes = [3] * 30
    ends = of_repeats([3], [*threes, 4], [*threes, 5])
    assert ends == ["reps=[3]", "reps=[3,3,3,3,3,3,3,…3,3,3,4]", "reps=[3,3,3,3,3,3,3,…3,3,3,5]"]
    assert of_repeats([3], threes, [*threes, 3]) == [
        "reps=[3]", "reps=[3,3,3,3,3,3,3,3,3,3,3,3,3,3,3… (1)", "reps=[3,3,3,3,3,3,3,3,3,3,3,3,3,3,3… (2)",
    ]  # fmt: skip


def test_equal_remains_of_numbers_are_numbered():
    """Also where one of them would not be too long: what remains of the others would fit it."""
    rates = [0.123456789012, 0.123456789013, 0.1234, 0.2]
    keys = ("train.learning_rate", "train.warmup", "train.label_smoothing", "train.momentum")
    found = texts(of(*(dict.fromkeys(keys, rate) for rate in rates)))
    start = "lr=.123… warm=.123… ls=.123… mom=.1…"
    whole = "learning_rate=0.2 warmup=0.2 label_smoothing=0.2 momentum=0.2"
    assert found == [f"{start} (1)", f"{start} (2)", f"{start} (3)", "lr=0.2 warm=0.2 ls=0.2 mom=0.2"]
    assert labels(of(*(dict.fromkeys(keys, rate) for rate in rates)))[-1].full == whole


def test_what_comes_with_a_family_is_in_no_label():
    plain = run("vgg16", config={"model.family": "vgg", "model.conv_bias": True})
    other = run("resnet34", config={"model.family": "resnet", "model.conv_bias": False})
    assert texts([plain, other]) == ["vgg16", "resnet34"]
