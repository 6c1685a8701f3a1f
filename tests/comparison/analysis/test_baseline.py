"""Which variant is the baseline, and which is compared with which."""

import shlex
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comparisons import compared, run
from support.fake_runs import sweep

from ablation.comparison.analysis.baseline import named_lineup, planned_lineup, suggested_baseline
from ablation.comparison.analysis.variants import Variant
from ablation.config.schema import DEFAULTS
from ablation.errors import AblateError


def test_a_label_to_be_typed_is_one_word_of_a_shell(tmp_path):
    for width in (4, 8):
        sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9}, **{"model.width": width})
    for name, label in (("resnet34", "resnet34 width=4"), ("resnet34 width=88", "resnet34 width=8")):
        with pytest.raises(AblateError) as error:
            compared(tmp_path, baseline=name)
        assert shlex.split(str(error.value).rpartition("Type for example ")[2]) == [f"--baseline={label}"]


def variant(label: str, network: str = "resnet34", name: str = "") -> Variant:
    return Variant(label, (run(network, name=name),))


VARIANTS = [variant("width=4"), variant("width=8", name="mine"), variant("plain34", "plain34"), Variant("none", ())]


def plan(*pairs: tuple[str, str]) -> SimpleNamespace:
    """A study's plan with these comparisons."""
    cells = (SimpleNamespace(name="width=4"),)
    return SimpleNamespace(comparisons=pairs, cells=cells, pairs=lambda: list(pairs))


@pytest.mark.parametrize(("name", "label"), [(None, None), ("width=8", "width=8"), ("mine", "width=8")])
def test_a_baseline_is_named_by_its_label_or_by_its_runs(name, label):
    assert named_lineup(VARIANTS, name).baseline == label


def test_a_label_goes_before_the_name_of_a_network():
    variants = [variant("width=4", "plain34"), variant("plain34", "plain34")]
    assert named_lineup(variants, "plain34").baseline == "plain34"


def test_a_name_of_several_or_of_none_is_no_baseline():
    with pytest.raises(
        AblateError, match=r"resnet34, the name of 2 variants: width=4 and width=8\..*--baseline=width=4"
    ):
        named_lineup(VARIANTS, "resnet34")
    with pytest.raises(AblateError, match="plain34"):
        named_lineup(VARIANTS, "plain43")


def test_each_variant_is_compared_with_the_baseline_unless_a_plan_says_otherwise():
    pairs = {"width=8": "width=4", "plain34": "width=4"}
    assert named_lineup(VARIANTS[:3], "width=4").reference_of == pairs
    assert planned_lineup(VARIANTS[:3], plan()).reference_of == pairs
    assert planned_lineup(VARIANTS, plan(("width=8", "width=4"))).reference_of == {"width=8": "width=4"}
    assert named_lineup(VARIANTS, None).reference_of == {}


def test_the_baseline_of_a_plan_is_the_first_that_others_are_compared_with():
    chain = planned_lineup(VARIANTS, plan(("plain34", "width=8"), ("none", "plain34")))
    assert chain.baseline == "width=8"
    assert [each.label for each in chain.variants] == ["width=8", "width=4", "plain34", "none"]
    for order in (VARIANTS, VARIANTS[::-1]):
        assert planned_lineup(order, plan()).baseline == "width=4"  # a factorial plan compares with its first cell


LABELS = {  # label: full label
    "lr=0.1 bs=64": "learning_rate=0.1 batch_size=64",
    "lr=0.1 bs=128": "learning_rate=0.1 batch_size=128",
    "lr=0.01 bs=64": "learning_rate=0.01 batch_size=64",
    "width=16": "width=16",
    "resnet34 width=8": "resnet34 width=8",
}
LABELLED = [Variant(label, (run("vgg16"),), full_label=full) for label, full in LABELS.items()]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("lr=0.01", "lr=0.01 bs=64"),
        ("learning_rate=0.1 batch_size=64", "lr=0.1 bs=64"),
        ("learning_rate=0.01", "lr=0.01 bs=64"),
        ("lr=0.1 bs=1", None),
        ("lr=0.1 bs=", None),
        ("w", "width=16"),
        ("width=", "width=16"),
        ("width=1", None),
        ("width=16 ", None),
        ("resnet", "resnet34 width=8"),
        ("resnet3", None),
        ("resnet34", "resnet34 width=8"),
        ("lr", None),
        ("", None),
    ],
)
def test_a_beginning_that_only_one_label_has_is_enough(name, label):
    if label is None:
        with pytest.raises(AblateError):
            named_lineup(LABELLED, name)
    else:
        assert named_lineup(LABELLED, name).baseline == label


def test_the_labels_with_an_ambiguous_beginning_are_listed():
    labels = "lr=0.1 bs=64, lr=0.1 bs=128 and lr=0.01 bs=64"
    with pytest.raises(AblateError, match=f"--baseline lr, the beginning of the labels of 3 variants: {labels}"):
        named_lineup(LABELLED, "lr")


def test_the_name_of_runs_goes_before_the_beginning_of_a_label():
    variants = [Variant("width=8", (run(name="wid"),)), Variant("width=9", (run(),)), Variant("widths", (run(),))]
    assert named_lineup(variants, "wid").baseline == "width=8"


def test_a_long_name_of_a_cell_is_found_by_the_plan_and_by_the_user():
    short = Variant("-no…rm", (run(),), full_label="-normalisation")
    lineup = planned_lineup([VARIANTS[0], short], plan(("-normalisation", "width=4")))
    assert (lineup.baseline, lineup.reference_of) == ("width=4", {"-no…rm": "width=4"})
    assert planned_lineup([VARIANTS[0], short], plan(("width=4", "-normalisation"))).baseline == "-no…rm"
    for name in ("-no…rm", "-normalisation", "-normal", "-no"):
        assert named_lineup([VARIANTS[0], short], name).baseline == "-no…rm"


# ---------------------------------------------------------------- the suggestion


def settings_of(**keys) -> dict[str, object]:
    return {"model.width": 16, "model.norm": "batch", "train.learning_rate": 0.1, **keys}


CONFIGS = {
    "wide": settings_of(**{"model.width": 32}),
    "full": settings_of(),
    "plain": settings_of(**{"model.norm": "none"}),
    "slow": settings_of(**{"train.learning_rate": 0.01}),
}


@given(results=st.permutations([0.1, 0.5, 0.9, 0.95]), order=st.permutations(list(CONFIGS)))
def test_the_suggested_baseline_is_never_chosen_by_its_result(results, order):
    """It is the variant from which the others differ least, whichever of them is best."""
    variants = []
    for label in order:
        value = results[list(CONFIGS).index(label)]
        runs = tuple(run(label, seed, value + seed / 1000, loss=1 - value, config=CONFIGS[label]) for seed in range(3))
        variants.append(Variant(label, runs))
    assert suggested_baseline(variants) == "full"


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_of_two_variants_the_one_with_more_defaults_is_suggested_whatever_their_results(first, second):
    default = {"train.momentum": DEFAULTS["train.momentum"]}
    variants = [Variant("b", (run("b", value=first, config={"train.momentum": 0.123}),))]
    variants.append(Variant("a", (run("a", value=second, config=default),)))
    assert suggested_baseline(variants) == suggested_baseline(variants[::-1]) == "a"
