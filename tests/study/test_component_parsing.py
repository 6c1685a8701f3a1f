"""Components of a study file: the forms in which a removal is declared, and what is refused."""

import pytest

from ablation.errors import AblateError, Collected
from ablation.study import component_parsing
from ablation.study.component_parsing import StudySource
from ablation.study.spec import Component, Removal

SOURCE = StudySource("mine", lambda override: "," not in override and not override.startswith("+"))


def parse(declared):
    errors = Collected()
    components = component_parsing.parse_components(SOURCE, declared, errors)
    errors.refuse()
    return components


@pytest.mark.parametrize(
    ("form", "component"),
    [
        (["model.norm=none"], Component("part", (Removal(None, "model.norm=none"),))),
        ("model.norm=none", Component("part", (Removal(None, "model.norm=none"),))),
        ({"remove": ["model.norm=none"]}, Component("part", (Removal(None, "model.norm=none"),))),
        (
            {"remove": ["model.norm=none"], "with": ["train.learning_rate=0.01"]},
            Component("part", (Removal(None, "model.norm=none", ("train.learning_rate=0.01",)),)),
        ),
        ({"remove": "train.epochs=1", "budget": True}, Component("part", (Removal(None, "train.epochs=1"),), True)),
        (
            {"alternatives": {"half": ["model.width=2"], "none": {"remove": "model.width=1", "with": "model.depth=8"}}},
            Component("part", (Removal("half", "model.width=2"), Removal("none", "model.width=1", ("model.depth=8",)))),
        ),
    ],
)
def test_a_removal_has_several_forms(form, component):
    assert parse({"part": form}) == (component,)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (None, ("no components", "nothing")),
        ([1], ("no components",)),
        ({True: ["model.norm=none"]}, ("true (YAML reads yes and on as true)", "in quotes", "'on':")),
        ({False: ["model.norm=none"]}, ("false (YAML reads no and off as false)", "in quotes", "'no':")),
        ({"shortcut": False}, ("false (YAML reads no and off as false)", "Type for example [model.residual=false]")),
        ({"depth": ["model.repeats=2", 2]}, ("YAML splits a list at its commas", '["model.repeats=[2,2]"]')),
        ({"depth": {"remove": "model.repeats=2, 2"}}, ("Received model.repeats=2, 2", '"model.repeats=[2,2]"')),
        ({"depth": {"repeats": 2, 2: None}}, ("depth.repeats", "depth.2", "no override that removes it")),
        ({"1st": ["model.norm=none"]}, ("1st",)),
        ({"part": []}, ("no override that removes it",)),
        ({"part": [3]}, ("not a list of overrides", "3")),
        ({"part": ["model.norm"]}, ("not an override with one value", "model.norm")),
        ({"part": ["model.norm=none,group"]}, ("not an override with one value",)),
        ({"part": ["+model.norm=none"]}, ("not an override with one value",)),
        ({"part": ["seed=1"]}, ("sets seed", "study.seeds=")),
        ({"part": ["outputs=x"]}, ("sets outputs", "command line")),
        ({"part": ["hydra/launcher=joblib"]}, ("belongs to the command",)),
        ({"part": ["backend=jax"]}, ("not part of the experiment", "backend")),
        ({"part": {"remove": ["model.norm=none"], "wiht": []}}, ("part.wiht", "Type for example with:")),
        ({"part": {"remove": ["model.norm=none"], "budget": "yes"}}, ("budget", "true or false")),
        ({"part": {"remove": ["model.norm=none"], "alternatives": {}}}, ("both alternatives and a removal",)),
        ({"part": {"alternatives": []}}, ("alternatives", "no names")),
        ({"part": {"alternatives": {1: ["model.norm=none"]}}}, ("alternative's name",)),
        ({"part": ["model.norm=none", "model.width=4"]}, ("remove: [model.norm=none], with: [model.width=4]",)),
        ({"part": {"remove": "model.norm=none", "with": ["model.norm=group"]}}, ("hides another", "twice")),
        ({"a": ["model.norm=none"], "b": ["model.norm=none"]}, ("the same", "of a and of b")),
        ({"a": {"alternatives": {"x": "model.norm=none", "y": "model.norm=none"}}}, ("the same", "of a and of a")),
    ],
)
def test_what_is_no_component_is_refused(declared, words):
    with pytest.raises(AblateError) as error:
        parse(declared)
    assert all(word in str(error.value) for word in ("mine", "Received", *words)), str(error.value)


def test_one_removal_with_two_sets_of_companions_is_two_alternatives():
    forms = {"slow": {"remove": "model.norm=none", "with": "train.learning_rate=0.01"}, "fast": "model.norm=none"}
    (component,) = parse({"norm": {"alternatives": forms}})
    assert component.labels() == ["norm.slow", "norm.fast"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((None, "nothing"), ([], "nothing"), ({}, "nothing"), (0, "0"), ("x" * 300, "x" * 200)),
        *(([True, None, "a"], "[true,null,a]"), ({"b": 1, 2: None}, "{2:null,b:1}")),
        (True, "true (YAML reads yes and on as true)"),
    ],
)
def test_a_received_value_is_shown_in_short(value, expected):
    assert component_parsing.shown(value) == expected
