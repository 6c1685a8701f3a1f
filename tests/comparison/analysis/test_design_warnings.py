"""Warnings about a whole comparison: stray runs, mixed effects, conditions that no label tells."""

from support.comparisons import compared
from support.fake_runs import config, sweep, write
from support.finished_studies import CALM, PARTS, finish


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


def test_runs_of_no_cell_are_told(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM, "-init": CALM})
    sweep(tmp_path, {"vgg16": 0.5})
    assert "3 runs belong to no cell of the study mine" in " ".join(compared(tmp_path).warnings)


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
