"""A study file as a value: defaults, seeds, cells of a list, and what is refused. The overrides need no Hydra here."""

import pytest

from ablation.errors import AblateError
from ablation.study import parsing, spec

PLAIN = {"baseline": ["model=resnet18"], "components": {"norm": ["model.norm=none"], "init": "model.initializer=x"}}


def parsed(typed=(), **keys):
    return parsing.parse("mine", {**PLAIN, **keys}, typed, lambda override: "," not in override)


def refusal(declared, typed=()):
    with pytest.raises(AblateError) as error:
        parsing.parse("mine", declared, typed, lambda override: "," not in override)
    assert str(error.value).count("Received") == 1 and "Allowed: " in str(error.value)
    return str(error.value)


def test_what_a_file_leaves_out_has_a_default():
    study = parsed()
    assert (study.name, study.question, study.design, study.stopping) == ("mine", "", "leave_one_out", "fixed")
    assert study.seeds == (0, 1, 2, 3, 4) and study.resolution is None and study.cells is None
    assert study.baseline == ("model=resnet18",) and study.typed == ()
    assert [component.name for component in study.components] == ["norm", "init"]


def test_the_question_is_one_line():
    assert parsed(question="What do\n  the shortcuts do?\n").question == "What do the shortcuts do?"


@pytest.mark.parametrize(
    ("seeds", "expected"), [(1, (0,)), (3, (0, 1, 2)), ([7, 3], (7, 3)), ([2**63 - 1], (2**63 - 1,))]
)
def test_seeds_are_a_count_or_a_list(seeds, expected):
    assert parsed(seeds=seeds).seeds == expected


@pytest.mark.parametrize("seeds", [0, 1001, -1, True, 2.0, [], [1, 1], [-1], [2**63], ["1"], [True], None])
def test_other_seeds_are_refused(seeds):
    assert "seed" in refusal({**PLAIN, "seeds": seeds})


def test_a_sequential_study_has_all_the_seeds_that_it_may_need():
    assert parsed(stopping="sequential").seeds == tuple(range(spec.DEFAULT_MAX_SEEDS))
    assert parsed(stopping="sequential", max_seeds=7).seeds == tuple(range(7))
    assert parsed(stopping="sequential", seeds=[9, 4, 6, 1]).seeds == (1, 4, 6, 9)
    assert parsed(stopping="sequential", seeds=[9, 4, 6, 1, 0], max_seeds=4).seeds == (0, 1, 4, 6)


def test_cells_are_sorted_as_the_components_are():
    study = parsed(design="list", cells=[["init", "norm"], "init", []])
    assert study.cells == (("norm", "init"), ("init",), ())


def test_a_fractional_design_has_a_resolution():
    assert parsed(design="fractional").resolution == 3
    assert parsed(design="fractional", resolution=5).resolution == 5


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (None, ("study:", "nothing", "a mapping")),
        ([1], ("study:", "[1]")),
        ({"study": PLAIN}, ("package line", "@package _global_")),
        ({**PLAIN, "sedes": 3}, ("sedes", "Type for example seeds:")),
        ({**PLAIN, "question": 3}, ("question", "3")),
        ({**PLAIN, "question": "???"}, ("study.question has no value",)),
        ({**PLAIN, "baseline": ["model.width=${model.depth}"]}, ("study.baseline has an interpolation",)),
        ({**PLAIN, "baseline": None}, ("baseline is empty", "nothing")),
        ({**PLAIN, "components": {}}, ("no components",)),
        ({**PLAIN, "design": "factorail"}, ("factorail", "study.design=factorial")),
        ({**PLAIN, "design": False}, ("false (YAML reads no and off as false)", "leave_one_out")),
        ({**PLAIN, "stopping": False}, ("false (YAML reads no and off as false)", "fixed or sequential")),
        ({**PLAIN, "question": True}, ("true (YAML reads yes and on as true)",)),
        ({**PLAIN, "baseline": {"model": "resnet18", "repeats": 2, 2: None}}, ("{2:null,model:resnet18,repeats:2}",)),
        ({**PLAIN, "seeds": "0, 1, 2"}, ("Received 0, 1, 2", "seeds: [0, 1, 2]")),
        ({**PLAIN, "resolution": 4}, ("resolution", "leave_one_out")),
        ({**PLAIN, "design": "fractional", "resolution": 6}, ("resolution", "6", "3, 4 or 5")),
        ({**PLAIN, "cells": [["norm"]]}, ("design: list",)),
        ({**PLAIN, "design": "list", "cells": [3]}, ("not a list of components", "3")),
        ({**PLAIN, "design": "list", "cells": [["nrom"]]}, ("nrom", "norm")),
        ({**PLAIN, "design": "list", "cells": [["norm"], "norm"]}, ("listed twice",)),
        ({**PLAIN, "design": "list", "cells": [["norm", "norm"]]}, ("a component twice",)),
        ({**PLAIN, "design": "list", "cells": [[]]}, ("remove nothing",)),
        ({**PLAIN, "stopping": "never"}, ("never", "fixed or sequential")),
        ({**PLAIN, "max_seeds": 9}, ("max_seeds: 9", "stopping: sequential")),
        ({**PLAIN, "stopping": "sequential", "max_seeds": 3}, ("max_seeds", "from 4 to 1000")),
        ({**PLAIN, "stopping": "sequential", "design": "factorial"}, ("effects over all cells",)),
        ({**PLAIN, "stopping": "sequential", "seeds": [0, 1, 2, 3], "max_seeds": 9}, ("fewer seeds than max_seeds",)),
    ],
)
def test_what_is_no_study_is_refused(declared, words):
    text = refusal(declared)
    assert all(word in text for word in words), text


def test_the_environment_may_be_interpolated():
    assert parsed(baseline=["data.root=${oc.env:DATA}"]).baseline == ("data.root=${oc.env:DATA}",)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["seed=0,1"], ("seed=0,1", "study.seeds=[0,1]")),
        (["model.width=4,8"], ("apply to every cell", "model.width=4,8")),
        (["model.norm=group"], ("model.norm=group", "norm", "model.norm=none")),
    ],
)
def test_what_is_typed_can_neither_be_several_values_nor_a_component_s(typed, words):
    text = refusal(PLAIN, typed)
    assert all(word in text for word in words), text
    assert parsed(typed=("model.width=8",)).typed == ("model.width=8",)


BASE = {"baseline": ["model=resnet18"], "components": {"norm": ["model.norm=none"]}}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"stopping": "done"}, ("stopping", "done", "fixed or sequential")),
        ({"stopping": ["fixed"]}, ("stopping", "fixed or sequential")),
        ({"max_seeds": 9}, ("max_seeds: 9", "stopping: sequential")),
        ({"stopping": "fixed", "max_seeds": 9}, ("max_seeds: 9", "stopping: sequential")),
        ({"stopping": "sequential", "max_seeds": 3}, ("max_seeds", "3", "4")),
        ({"stopping": "sequential", "max_seeds": True}, ("max_seeds",)),
        ({"stopping": "sequential", "design": "factorial"}, ("stopping", "factorial")),
        ({"stopping": "sequential", "seeds": [0, 1, 2, 3], "max_seeds": 9}, ("seeds", "max_seeds")),
        ({"until": "decided"}, ("study.until", "stopping")),
    ],
)
def test_what_cannot_be_added_to_is_refused(keys, words):
    with pytest.raises(AblateError) as refusal:
        parsing.parse("mine", BASE | keys, [], lambda word: True)
    assert all(word in str(refusal.value) for word in words)


def test_the_most_seeds_are_those_of_the_plan():
    seeds = parsing.parse("mine", BASE | {"stopping": "sequential", "seeds": 5}, [], lambda word: True).seeds
    assert seeds == tuple(range(spec.DEFAULT_MAX_SEEDS))
    study = parsing.parse("mine", BASE | {"stopping": "sequential", "max_seeds": 7}, [], lambda word: True)
    assert study.seeds == tuple(range(7)) and study.sequential
    for fixed in ({}, {"stopping": "fixed"}, {"stopping": None}):
        study = parsing.parse("mine", BASE | fixed, [], lambda word: True)
        assert (study.stopping, study.seeds) == ("fixed", tuple(range(spec.DEFAULT_SEEDS)))
    told = BASE | {"stopping": "sequential", "seeds": [7, 3, 5, 1, 9], "max_seeds": 4}
    assert parsing.parse("mine", told, [], lambda word: True).seeds == (1, 3, 5, 7)


def test_everything_that_is_wrong_is_said_at_once():
    components = {"a": [], "b": ["model.norm=none"], 3: ["x=1"]}
    wrong = {"sedes": 1, "baseline": [], "components": components, "question": 2, "design": "no", "seeds": -1}
    with pytest.raises(AblateError) as error:
        parsing.parse("mine", wrong, ["seed=3", "model.norm=group"], lambda override: True)
    lines = str(error.value).splitlines()
    assert len(lines) == 9 and all(line.count("Received") == 1 for line in lines), lines
    for word in ("sedes", "baseline is empty", "component a", "name of a component", "question", "hides", "seed=3"):
        assert sum(word in line for line in lines) >= 1, word


def test_the_valid_parts_of_a_study_stay():
    wrong = {**PLAIN, "design": "factorial", "seeds": "x", "components": {**PLAIN["components"], "b": 3}}
    parsed_parts = parsing.parse_valid_parts("mine", wrong, (), lambda override: True)
    assert len(parsed_parts.errors) == 2 and parsed_parts.study.design == "factorial"
    assert [component.name for component in parsed_parts.study.components] == ["norm", "init"]
    assert parsing.parse_valid_parts("mine", {"baseline": []}, (), lambda override: True).study is None
