"""Which variant is the baseline, and which is compared with which."""

import shlex
from types import SimpleNamespace

import pytest
from support.comparisons import compared, run
from support.fake_runs import sweep

from ablation.comparison.analysis.baseline import compared_pairs, named_baseline, planned_baseline, relative_labels
from ablation.comparison.analysis.variants import Variant
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


@pytest.mark.parametrize(("name", "label"), [(None, None), ("width=8", "width=8"), ("mine", "width=8")])
def test_a_baseline_is_named_by_its_label_or_by_its_runs(name, label):
    assert named_baseline(VARIANTS, name) == label


def test_a_label_goes_before_the_name_of_a_network():
    assert named_baseline([variant("width=4", "plain34"), variant("plain34", "plain34")], "plain34") == "plain34"


def test_a_name_of_several_or_of_none_is_no_baseline():
    with pytest.raises(AblateError, match=r"resnet34, which is 2: width=4, width=8\..*--baseline=width=4"):
        named_baseline(VARIANTS, "resnet34")
    with pytest.raises(AblateError, match="plain34"):
        named_baseline(VARIANTS, "plain43")


def test_each_variant_is_compared_with_the_baseline_unless_a_plan_says_otherwise():
    plan = SimpleNamespace(pairs=lambda: [("width=8", "width=4")])
    assert compared_pairs(VARIANTS[:3], "width=4", None) == [("width=8", "width=4"), ("plain34", "width=4")]
    assert compared_pairs(VARIANTS, "width=4", plan) == [("width=8", "width=4")]
    assert compared_pairs(VARIANTS, None, plan) == []


def test_the_baseline_of_a_plan_is_the_first_that_others_are_compared_with():
    chain = SimpleNamespace(comparisons=(("plain34", "width=8"), ("none", "plain34")))
    assert planned_baseline(VARIANTS, chain) == "width=8"
    assert planned_baseline(VARIANTS, SimpleNamespace(comparisons=())) == "width=4"


def test_labels_relative_to_a_baseline_keep_it_in_its_place():
    widths = [Variant(str(width), (run(config={"model.width": width}),)) for width in (4, 8)]
    relabelled, base = relative_labels(widths, "8")
    assert ([each.label for each in relabelled], base) == (["width=4", "width=8"], "width=8")
    assert [each.runs for each in relabelled] == [each.runs for each in widths]
