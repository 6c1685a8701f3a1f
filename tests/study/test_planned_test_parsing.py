"""The keys test and margin of a study file."""

import pytest

from ablation.errors import AblateError
from ablation.study import parsing
from ablation.study.component_parsing import StudySource
from ablation.study.planned_test_parsing import parse_margin, parse_test

SOURCE = StudySource("mine", lambda override: True)
PLAIN = {"baseline": ["model=resnet18"], "components": {"norm": ["model.norm=none"]}}


def test_a_study_chooses_its_test_and_its_margin():
    plain = parsing.parse("mine", PLAIN, [], lambda override: True)
    assert (plain.test, plain.margin) == ("auto", None)
    study = parsing.parse("mine", {**PLAIN, "test": "paired", "margin": 0.01}, [], lambda override: True)
    assert (study.test, study.margin) == ("paired", 0.01)
    assert parse_test(SOURCE, None, "factorial") == "auto" and parse_test(SOURCE, "welch", "factorial") == "welch"
    assert parse_margin(SOURCE, None, "factorial") is None


@pytest.mark.parametrize(
    ("test", "design", "words"),
    [
        ("pairs", "leave_one_out", ("its test is not allowed", "Received pairs", "auto, welch or paired")),
        (True, "leave_one_out", ("Received true", "auto, welch or paired")),
        (["paired"], "leave_one_out", ("auto, welch or paired",)),
        ("paired", "factorial", ("two cells seed by seed", "test: paired, design: factorial")),
        ("paired", "fractional", ("effects over all cells", "design: leave_one_out")),
    ],
)
def test_another_test_is_refused(test, design, words):
    with pytest.raises(AblateError) as refusal:
        parse_test(SOURCE, test, design)
    assert all(word in str(refusal.value) for word in words), refusal.value


@pytest.mark.parametrize(
    ("margin", "design", "words"),
    [
        (5, "leave_one_out", ("Received 5.", "accuracies lie between 0 and 1")),
        (1, "leave_one_out", ("Received 1.", "every two would be equivalent")),
        (0, "leave_one_out", ("Received 0.", "above 0")),
        (-0.01, "leave_one_out", ("Received -0.01", "margin: 0.01")),
        (float("nan"), "leave_one_out", ("Received nan", "between 0 and 1")),
        (float("inf"), "leave_one_out", ("Received inf",)),
        (10**400, "leave_one_out", ("accuracies lie between 0 and 1",)),
        (True, "leave_one_out", ("Received true",)),
        ("1%", "leave_one_out", ("Received 1%", "null, or a number between 0 and 1")),
        ([0.01], "leave_one_out", ("between 0 and 1",)),
        (0.01, "factorial", ("margin: 0.01, design: factorial", "no margin")),
        (0.01, "fractional", ("effects over all cells",)),
    ],
)
def test_another_margin_is_refused(margin, design, words):
    with pytest.raises(AblateError) as refusal:
        parse_margin(SOURCE, margin, design)
    assert all(word in str(refusal.value) for word in words), refusal.value


def test_all_that_is_wrong_is_reported_together():
    wrong = {**PLAIN, "test": "no", "margin": 5, "seeds": -1, "stopping": "never"}
    with pytest.raises(AblateError) as refusal:
        parsing.parse("mine", wrong, [], lambda override: True)
    assert len(str(refusal.value).splitlines()) == 4
