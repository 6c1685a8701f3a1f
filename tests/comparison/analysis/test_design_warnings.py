"""Warnings about a whole comparison: runs of earlier plans, mixed effects, conditions that no label tells."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from support import studies
from support.comparisons import compared, row, run
from support.fake_runs import config, sweep, write
from support.finished_studies import CALM, PARTS, finish

from ablation.comparison.analysis.design_warnings import ALIASED, BLOCKED, Design, comparison_warnings, is_aliased
from ablation.study import orchestration, parsing


def test_of_a_small_fraction_it_is_told_what_its_effects_are_mixed_with(quick, tmp_path):
    parts = {**PARTS, "activation": ["model.activation=elu"]}
    for design, mixed in ({"design": "fractional", "resolution": 3}, True), ({"design": "factorial"}, False):
        out = tmp_path / design["design"]
        names = [
            cell.name for cell in finish(quick, out / "plan", {}, components=parts, seeds=3, **design).cells.design
        ]
        finish(quick, out / "runs", dict.fromkeys(names, CALM), components=parts, seeds=3, **design)
        made = compared(out / "runs")
        assert made.effects and any("interaction of two other components" in text for text in made.warnings) == mixed


def test_runs_that_only_an_earlier_plan_contains_are_told(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM, "-init": CALM}).record_ended()
    less = {"baseline": studies.BASE, "components": {"init": PARTS["init"]}, "seeds": 5}
    plan = orchestration.compile_plan(parsing.parse("mine", less, [f"outputs={tmp_path}"], quick.is_simple), quick)
    plan.save()
    assert "the present plan of the study does not contain them: 5 runs" in " ".join(compared(tmp_path).warnings)


def test_without_a_baseline_it_is_said_what_no_label_says(tmp_path):
    for seed in range(3):
        write(tmp_path, config("plain34", seed=seed), code="aaaa")
        write(tmp_path, config("resnet34", seed=seed), code="bbbb")
    assert any(
        "Variants differ in code too: aaaa in plain34, bbbb in resnet34" in t for t in compared(tmp_path).warnings
    )
    assert not compared(tmp_path, baseline="resnet34").warnings  # there the gate says it


def test_of_a_lone_variant_it_is_said_what_its_runs_differ_in(tmp_path):
    for seed, code in enumerate(("aaaa", "aaaa", "bbbb")):
        write(tmp_path, config("plain34", seed=seed), code=code)
    assert compared(tmp_path).warnings == ("Runs of plain34 differ in code: aaaa (seeds 0 and 1) and bbbb (seed 2)",)


def warned(*variants, is_study=True, former=0, design=None) -> list[str]:
    return list(comparison_warnings(variants, is_study, former, design))


def test_there_is_no_warning_where_nothing_is_odd():
    assert warned() == warned(design=Design(blocked=False, aliased=False)) == warned(row("a", [0.9, 0.8])) == []


def test_effects_that_were_not_tested_are_not_also_called_mixed():
    assert warned(design=Design(blocked=True, aliased=True)) == [BLOCKED]
    assert warned(design=Design(blocked=False, aliased=True)) == [ALIASED]


@pytest.mark.parametrize(("generators", "resolution", "mixed"), [("abc", 3, True), ("abcd", 4, False), ("", 3, False)])
def test_main_effects_are_mixed_in_fractions_below_resolution_four(generators, resolution, mixed):
    fraction = SimpleNamespace(generators=generators, resolution=resolution)
    assert is_aliased(SimpleNamespace(fraction=fraction)) is mixed
    assert is_aliased(SimpleNamespace(fraction=None)) is False


def test_a_condition_that_differs_is_named_once_and_only_without_a_baseline():
    one, two, three = (row(name, [0.9]) for name in "abc")
    other = replace(two, runs=(run(validation_images=100),))
    third = replace(three, runs=(run(validation_images=100),))
    found = warned(one, other, third)
    assert found == ["Variants differ in validation_images too: 360 in a, 100 in b"]
    assert warned(one, replace(other, reference="a")) == []


def test_several_keys_of_the_recipe_at_once_are_said(tmp_path):
    """The difference of the means is then of all keys together, which no study declared."""
    recipe = {"train.learning_rate": 0.01, "train.weight_decay": 0.001, "train.label_smoothing": 0.1}
    for seed in range(3):
        write(tmp_path, config("resnet34", seed=seed))
        write(tmp_path, config("resnet34", seed=seed, **recipe))
        write(tmp_path, config("resnet34", seed=seed, **{"train.learning_rate": 0.02}))
    baseline, *_ = (variant.label for variant in compared(tmp_path).variants if "0.02" in variant.label)
    several = [text for text in compared(tmp_path, baseline=baseline).warnings if "keys at once" in text]
    assert len(several) == 1 and several[0].endswith(
        "in 3 keys at once (train.label_smoothing, train.learning_rate and train.weight_decay): the difference is that "
        "of all of them together"
    )


def test_a_network_is_one_factor_however_many_keys_it_has(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    assert not compared(tmp_path, baseline="resnet34").warnings
    assert not any("at once" in text for text in warned(row("a", [0.9]), replace(row("b", [0.8]), reference="a")))
