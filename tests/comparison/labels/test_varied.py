"""Which settings labels show, and which follow from those."""

from support.comparisons import run
from support.sweeps import grid, variants

from ablation.comparison.labels.varied import unlabelled_model_keys, varied


def test_a_key_that_no_two_variants_use_is_neither_shown_nor_hidden():
    found = varied(variants(grid({"model.norm": ["batch", "none"]})))
    assert (found.shown, found.hidden) == (("model.norm",), ())
    assert found.rows == [{"model.norm": "batch", "model.norm_momentum": "0.9", "model.norm_epsilon": "1e-5"},
                          {"model.norm": "none"}]  # fmt: skip
    assert found.facts[1] == {"model.norm": "none", "model.norm_momentum": "null", "model.norm_epsilon": "null"}


def test_the_values_of_a_family_follow_from_the_network():
    runs = variants(grid({"model": ["vgg16", "resnet34"]}, data="cifar10"))
    found = varied(runs)
    assert found.shown == ("network",)
    assert {"model.family", "model.repeats", "model.head", "model.conv_bias", "model.norm"} <= set(found.hidden)
    assert unlabelled_model_keys(runs) == ["conv_bias", "head", "norm"]


def test_another_value_than_that_of_the_family_is_shown():
    runs = variants([{"model": "resnet34", "model.width": 8}, {"model": "shake26"}, {"model": "resnet_cifar"}])
    assert varied(runs).shown == ("network", "model.width")
    assert [row.get("model.width") for row in varied(runs).rows] == ["8", None, "16"]  # that of shake is in its name
    assert unlabelled_model_keys(runs) == ["shortcut"]


def test_what_an_unknown_family_or_data_set_determines_is_hidden():
    families = [run(name, config={"model.family": name, "model.width": width}) for name, width in (("a", 1), ("b", 2))]
    assert varied(families).shown == ("network",)
    images = [
        run(data=name, config={"data.name": name, "data.image_size": size, "data.limit": size})
        for name, size in (("a", 1), ("b", 2))
    ]
    assert varied(images).shown == ("data", "data.limit")


def test_structure_that_a_name_does_not_determine_is_shown():
    runs = variants(grid({"model.repeats": [[3, 4, 6, 3], [4, 4, 5, 3], [2, 2, 2, 2]]}))
    assert varied(runs).shown == ("network", "model.repeats")


def test_a_recipe_stands_for_its_keys():
    found = varied(variants(grid({"train": ["sgd", "sgd_cosine"], "model": ["plain34", "resnet34"]})))
    assert found.shown == ("network", "train")
    assert [row["train"] for row in found.rows] == ["sgd", "sgd", "sgd_cosine", "sgd_cosine"]
    assert "train.learning_rate" in found.hidden


def test_what_is_not_printable_is_replaced():
    runs = [run(config={"data.augment": name}) for name in ("a\x1b", "b")]
    assert varied(runs).rows[0] == {"data.augment": "a\N{REPLACEMENT CHARACTER}"}


def test_equal_runs_differ_in_nothing():
    assert varied([run(), run()]).shown == ()
