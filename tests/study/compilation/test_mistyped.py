"""All that is wrong with a study is said at once."""

import json
from dataclasses import replace

import pytest
from support import studies

from ablation.errors import AblateError
from ablation.run.locator import RunLocator
from ablation.study import parsing
from ablation.study.compilation import compiler, mistyped
from ablation.study.compilation.compiler import compile_cells, component_errors

WRONG = {
    "baseline": ["model=resnet18", "model.width=4", "data=digits", "train=quickstart"],
    "components": {
        "same": ["model.norm=batch"],
        "typo": ["model.nrom=none"],
        "longer": ["train.epochs=1"],
        "negative": ["model.width=-3"],
        "fine": ["model.norm=none"],
        "both": ["model=vgg16"],
    },
}


def refusal(quick, declared, *typed) -> list[str]:
    with pytest.raises(AblateError) as error:
        compile_cells(parsing.parse("mine", declared, typed, quick.is_simple), quick, RunLocator())
    return str(error.value).splitlines()


def test_every_cell_that_is_no_ablation_is_named(quick):
    lines = refusal(quick, WRONG)
    assert [line.partition(":")[0] for line in lines] == [
        f"The study mine, cell -{name}" for name in ("same", "typo", "longer", "negative", "both")
    ]
    for line, words in zip(
        lines, ("changes nothing", "model.nrom", "budget", "width=-3", "too small for"), strict=True
    ):
        assert words in line


def test_one_cell_may_be_wrong_in_several_ways(quick):
    lines = refusal(quick, studies.one("train=sgd_he2015"), "train.learning_rate=0.3", "train.weight_decay=0.3")
    assert sum("hides the component part" in line for line in lines) == 2
    assert len(lines) == 2  # the budget is equal: the length of the baseline is typed in epochs


def test_of_nested_cells_only_the_smallest_is_named(quick):
    parts = {"a": ["model.width=8"], "b": ["model.width=2"], "c": ["model.norm=none"], "d": ["train.momentum=0.5"]}
    (line,) = refusal(quick, {"baseline": studies.BASE, "design": "factorial", "components": parts})
    assert "cell -a -b:" in line


def test_a_baseline_with_several_typing_errors_names_them_and_those_of_the_components(quick):
    declared = {
        "baseline": ["model=resnet18", "model.widht=4", "data=digts", "train.epochs=two"],
        "components": {"norm": ["model.nrom=none"], "fine": ["model.norm=none"]},
    }
    lines = refusal(quick, declared)
    assert [line.partition(":")[0] for line in lines] == ["The study mine, baseline"] * 3 + [
        "The study mine, component norm"
    ]
    assert all(word in line for line, word in zip(lines, ("widht", "digts", "two", "nrom"), strict=True))


def test_a_baseline_with_one_error_is_refused_with_its_overrides(quick):
    declared = {"baseline": ["model=resnet18", "model.widht=4"], "components": {"norm": ["model.norm=none"]}}
    (line,) = refusal(quick, declared)
    assert "cell baseline: Unknown key" in line and "(in model=resnet18 model.widht=4;" in line


def test_what_is_wrong_with_the_whole_baseline_is_said_before_what_is_wrong_elsewhere(quick):
    declared = {"baseline": ["model=vgg16", "data=digits"], "components": {"norm": ["model.nrom=none"]}}
    lines = refusal(quick, declared)
    assert "too small for vgg16" in lines[0] and "component norm" in lines[1] and len(lines) == 2
    study = parsing.parse("mine", declared, (), quick.is_simple)
    error = AblateError("The data is missing")
    assert mistyped.problems(study, quick, error)[0] is error


def test_a_factorial_design_that_nobody_can_run_is_refused_before_it_is_made(quick):
    parts = {f"c{number}": [f"train.warmup=0.0{number}"] for number in range(1, 8)}
    parts |= {f"d{number}": [f"data.fraction=0.9{number}"] for number in range(1, 8)}
    study = parsing.parse("mine", {"baseline": studies.BASE, "components": parts}, (), quick.is_simple)
    with pytest.raises(AblateError, match="Received 16,384 cells. Allowed: 10,000"):
        compiler._levels(replace(study, design="factorial"))


def test_what_does_not_parse_and_what_is_no_ablation_are_said_together(quick, in_process, tmp_path):
    declared = {**WRONG, "sedes": 3, "design": "leave", "seeds": 2.5, "question": 1}
    declared["components"] = {**WRONG["components"], "1st": ["model.norm=none"], "two": ["model.norm=none", "seed=1"]}
    parsed = parsing.parse_valid_parts("mine", declared, (), quick.is_simple)
    assert len(parsed.errors) == 6 and len(parsed.study.components) == 6
    assert len(component_errors(parsed.study, quick, RunLocator())) == 5
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(declared)}\n")
    done = in_process("--config-dir", tmp_path, "+study=mine", "--list", command="ablate-plan")
    assert done.returncode == 1 and done.stderr.count("\n") == 11 and done.stderr.startswith("ablate-plan: The study")
    for word in ("sedes", "leave", "2.5", "question", "1st", "sets seed", "nrom", "changes nothing", "budget"):
        assert word in done.stderr, word


def test_a_baseline_with_several_values_out_of_range_names_them_and_those_of_the_components(quick):
    declared = {
        "baseline": ["model=resnet18", "data=digits", "train.epochs=0", "model.norm=nope", "train.schedule=foo"],
        "components": {"norm": ["model.norm=nno"], "dropout": ["model.dropout=2"], "fine": ["model.residual=false"]},
    }
    lines = refusal(quick, declared, "model.width=0")
    wrong = ("train.epochs=0", "norm=nope", "train.schedule=foo", "model.width=0", "norm=nno", "dropout=2.0")
    assert len(lines) == len(wrong) and all(word in line for word, line in zip(wrong, lines, strict=True)), lines
