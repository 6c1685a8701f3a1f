"""A study whose configs alone show that it is none is refused, with cell, key and both values."""

import pytest
from support import studies

from ablation.errors import AblateError
from ablation.run.locator import RunLocator
from ablation.study import parsing
from ablation.study.compilation import cell_composer, refusals
from ablation.study.compilation.compiler import compile_cells


@pytest.mark.parametrize(
    ("declared", "typed", "words"), [row[1:] for row in studies.STATIC], ids=[row[0] for row in studies.STATIC]
)
def test_a_broken_study_is_refused_from_its_words(quick, tmp_path, declared, typed, words):
    with pytest.raises(AblateError) as refusal:
        study = parsing.parse("mine", declared, [*typed, f"outputs={tmp_path}"], quick.is_simple)
        compile_cells(study, quick, RunLocator())
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
    assert "mine" in str(refusal.value) and not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("component", "paragraph"),
    [
        (["model.norm=batch"], "removing part changes nothing. Received model.norm=batch in the baseline"),
        (["train.epochs=1"], "part changes the budget"),
        (["data.fraction=0.5"], "Received data.fraction=1.0 in the baseline, data.fraction=0.5 in the cell"),
    ],
)
def test_a_refusal_names_both_values_and_what_to_type(quick, component, paragraph):
    study = parsing.parse("mine", studies.part(component), (), quick.is_simple)
    with pytest.raises(AblateError) as refusal:
        compile_cells(study, quick, RunLocator())
    assert all(word in str(refusal.value) for word in (paragraph, "Allowed: ", "Type ")), str(refusal.value)


def test_a_budget_may_be_typed_over_a_component_s_file(quick):
    """Every cell has it then; any other key of the file may not."""
    study = parsing.parse("mine", studies.one("train=sgd_cosine"), ["train.epochs=1"], quick.is_simple)
    cells = compile_cells(study, quick, RunLocator())
    assert [cell.config.train.epochs for cell in cells.design] == [1, 1]
    with pytest.raises(AblateError, match="hides the component part, which sets train.learning_rate itself"):
        hidden = parsing.parse(
            "mine", studies.one("train=sgd_cosine"), ["train.epochs=1", "train.learning_rate=0.3"], quick.is_simple
        )
        compile_cells(hidden, quick, RunLocator())


def test_a_removal_that_is_one_is_let_through(quick):
    study = parsing.parse("mine", studies.one("model.norm=none"), (), quick.is_simple)
    composer = cell_composer.CellComposer(study, quick)
    cells = compile_cells(study, quick, RunLocator())
    (choice,) = cell_composer.choices(study, cells.alone[0].levels)
    refusals.refuse_unsound(composer, cells.alone[0], choice)
