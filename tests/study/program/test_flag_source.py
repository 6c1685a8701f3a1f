"""Flags in a study file."""

import pytest

from ablation.errors import AblateError
from ablation.study.program.flag_source import FlagSource

SOURCE = FlagSource("mine", lambda _: True, "argparse")


def test_flags_become_texts_in_their_order():
    declared = {"lr": 0.1, "data": {"name": "x y", "sizes": [1, 2]}, "off": None, "text": "true"}
    assert SOURCE.overrides("baseline", declared) == (
        "lr=0.1", "data.name=x y", "data.sizes=[1, 2]", "off=null", 'text="true"',
    )  # fmt: skip
    assert SOURCE.overrides("baseline", None) == ()


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (["lr=0.1"], "not a mapping of flags"),
        ({"learning rate": 1}, "has a space or ="),
        ({"seed": 1}, "a study sets its own seeds"),
        ({"a": {True: 1}}, "a name in quotes"),
        ({"x": [[1]]}, "a value that no flag can have"),
        ({"x": "${oc.env:HOME}"}, "an interpolation, which nothing resolves"),
    ],
)
def test_what_is_no_flag_is_refused(declared, words):
    with pytest.raises(AblateError, match=words):
        SOURCE.overrides("baseline", declared)


def test_a_variable_of_the_environment_has_a_plain_name():
    env = FlagSource("mine", lambda _: True, "env")
    assert env.overrides("baseline", {"LR": 1}) == ("LR=1",)
    with pytest.raises(AblateError, match="names no environment variable"):
        env.overrides("baseline", {"learning-rate": 1})


def test_a_component_is_a_mapping_of_flags_unless_it_declares_its_removal():
    assert not SOURCE.is_structured({"mixup": False}) and not SOURCE.is_structured({"with": 1})
    assert SOURCE.is_structured({"remove": {"mixup": False}}) and SOURCE.is_structured({"alternatives": {}})
    assert SOURCE.one_removal("a=1", ["b=2", "c=x"]) == "{remove: {a: 1}, with: {b: 2, c: x}}"
