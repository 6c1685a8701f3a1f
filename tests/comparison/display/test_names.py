"""Names that a user shows instead of labels: wherever a label stands, and nowhere else."""

import pytest
from support.comparisons import compared
from support.fake_runs import sweep
from support.finished_studies import CALM, finish, lower

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.display.names import DisplayNames
from ablation.errors import AblateError
from ablation.statistics.factorial import MAIN

RENAME = ("-shortcut=w/o shortcuts", "baseline=ResNet=18")
SCORES = {"baseline": CALM, "-shortcut": lower(0.1), "-init": CALM}


def numbers(comparison: Comparison) -> list[tuple]:
    return [(v.result and (v.result.difference, v.result.p_holm, v.result.verdict)) for v in comparison.variants]


def test_a_study_has_the_names_and_the_same_numbers(quick, tmp_path):
    finish(quick, tmp_path, SCORES)
    plain, named = compared(tmp_path), compared(tmp_path, rename=RENAME)
    assert [variant.label for variant in named.variants] == ["ResNet=18", "w/o shortcuts", "-init"]
    assert [variant.own_label for variant in named.variants] == ["baseline", "-shortcut", ""]
    assert named.baseline == "ResNet=18" and {v.reference for v in named.variants[1:]} == {"ResNet=18"}
    assert numbers(named) == numbers(plain) and named.exploratory == plain.exploratory == ()
    assert (named.plan, named.comparisons) == (plain.plan, plain.comparisons)
    assert named.variants[1].result.arm.label == "w/o shortcuts" and named.variants[1].removed == ("shortcut",)


def test_comparisons_that_the_plan_pairs_stay_paired(quick, tmp_path):
    finish(quick, tmp_path, {name: CALM * 2 for name in SCORES}, seeds=10, test="paired")
    tested = compared(tmp_path, rename=RENAME).variants[1:]
    assert all(variant.result.pair.paired for variant in tested)


def test_the_warnings_and_the_disclosures_have_the_names(quick, tmp_path):
    finish(quick, tmp_path, {**SCORES, "-shortcut": [0.1, 0.9, 0.2, 0.8, 0.5]})
    (warning,) = compared(tmp_path, rename=RENAME).variants[1].result.diagnostics
    assert "w/o shortcuts" in warning and "ResNet=18" in warning and "-shortcut" not in warning


def test_without_a_study_the_labels_of_the_sweep_are_renamed(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    named = compared(tmp_path, baseline="resnet34", rename=["plain34=Plain", "resnet34=ResNet"])
    assert [variant.label for variant in named.variants] == ["ResNet", "Plain"] and named.baseline == "ResNet"


def test_a_label_may_contain_the_sign_between_label_and_name(tmp_path):
    for width in (4, 8):
        sweep(tmp_path, {"resnet34": 0.5 + width / 100}, **{"model.width": width})
    labels = [variant.label for variant in compared(tmp_path).variants]
    assert labels == ["width=4", "width=8"]
    named = compared(tmp_path, rename=["width=4=narrow=4"])
    assert [variant.label for variant in named.variants] == ["narrow=4", "width=8"]


def test_the_effects_of_a_factorial_have_the_names_of_components(quick, tmp_path):
    cells = {"baseline": CALM, "-shortcut": lower(0.1), "-init": CALM, "-shortcut -init": lower(0.1)}
    finish(quick, tmp_path, cells, design="factorial")
    named = compared(tmp_path, rename=["shortcut=Shortcuts", "-shortcut=w/o shortcuts"])
    mains = [effect.components for effect in named.effects if effect.kind == MAIN]
    assert mains == [("Shortcuts",), ("init",)]
    removed = {variant.label: variant.removed for variant in named.variants}
    assert removed["w/o shortcuts"] == ("Shortcuts",) and set(removed["-shortcut -init"]) == {"Shortcuts", "init"}


@pytest.mark.parametrize(
    ("rename", "said"),
    [
        (["-shortcuts=x"], "Unknown variant or component. Received --rename=-shortcuts"),
        (["no sign"], "Unknown variant or component. Received --rename=no sign"),
        (["-shortcut= "], "A name must not be empty."),
        (["-shortcut=baseline"], "Two variants must not have one name."),
        (["-shortcut=a", "-init=a"], "Two variants must not have one name."),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(quick, tmp_path, rename, said):
    finish(quick, tmp_path, SCORES)
    with pytest.raises(AblateError) as refused:
        compared(tmp_path, rename=rename)
    text = str(refused.value)
    assert text.startswith(said) and "Allowed: " in text and "Type for example --rename" in text


def test_two_variants_may_exchange_their_names(quick, tmp_path):
    finish(quick, tmp_path, SCORES)
    named = compared(tmp_path, rename=["-shortcut=-init", "-init=-shortcut"])
    assert [variant.label for variant in named.variants] == ["baseline", "-init", "-shortcut"]
    assert named.variants[1].result.verdict == "worse" and named.variants[2].result.verdict == "inconclusive"


def test_without_names_nothing_changes():
    names = DisplayNames()
    assert names.of("a") == "a" and names.of_all(["a", "b"]) == ("a", "b")
