"""The plan of a study beside its runs: which one is taken, and what is none."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import studies
from support.comparisons import compared, run
from support.fake_runs import config, history, write
from support.finished_studies import CALM, PARTS, finish, lower

from ablation.comparison.reading import study_plan as reading_study_plan
from ablation.comparison.reading.load import Loaded
from ablation.errors import AblateError
from ablation.report.wording import findings
from ablation.rundir import files, study_plan
from ablation.study import orchestration, parsing


def _twisted(told, path):
    """The plan with another thing in one place, and the hash that goes with it."""
    *parents, last = path
    node = told
    for part in parents:
        node = node[part]
    for odd in (None, 7, "odd", [], {}, [[1]], {"odd": 1}):
        node[last] = odd
        told["hash"] = files.digest({k: told[k] for k in study_plan.FROZEN})
        told["checksum"] = files.record_checksum(told)
        yield json.dumps(told)


PLACES = [
    *(("study", key) for key in ("name", "components", "seeds", "stopping", "typed", "question")),
    *(("cells", 1, key) for key in ("name", "levels", "runs", "removed", "with", "differs", "same_as", "budget")),
    *(("cells", 0, "runs", "0"), ("cells", 1, "levels", "init"), ("cells", 1, "differs", "model.residual")),
    *((key,) for key in ("planned", "command", "detect", "ended", "log", "history", "seen")),
    *(("study",), ("test",), ("test", "comparisons"), ("cells",), ("cells", 2), ("comparisons",), ("fraction",)),
]


@pytest.mark.parametrize("design", ["leave_one_out", "factorial"])
def test_a_plan_that_no_study_writes_ends_nothing(quick, tmp_path, design):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    plan = finish(quick, tmp_path, dict.fromkeys(cells, CALM), design=design, seeds=3)
    whole = plan.place.read_text()
    for path in PLACES:
        for text in _twisted(json.loads(whole), path):
            plan.place.write_text(text)
            made = compared(tmp_path)
            assert findings.sentences(made) is not None and all(isinstance(word, str) for word in made.cli_overrides)
    plan.place.write_text(whole)
    assert compared(tmp_path).study == "mine"


def test_of_several_studies_the_one_with_most_runs_is_shown_or_the_one_that_is_named(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    other = {"baseline": [*studies.BASE, "model.norm_momentum=0.8"], "components": {"init": PARTS["init"]}, "seeds": 3}
    plan = orchestration.compile_plan(parsing.parse("other", other, [f"outputs={tmp_path}"], quick.is_simple), quick)
    plan.save()
    for cell in plan.cells.design:
        for where, seed in zip(cell.runs, plan.study.seeds, strict=True):
            write(tmp_path, replace(cell.config, seed=seed), history(accuracy=0.5), fingerprint=where.fingerprint)
    made = compared(tmp_path)
    assert made.study == "mine" and any("There are runs of other studies: other" in text for text in made.warnings)
    named = compared(tmp_path, study="other")
    assert named.study == "other" and [row.label for row in named.variants] == ["baseline", "-init"]
    with pytest.raises(AblateError, match="Received --study=nobody. Allowed: mine, other"):
        compared(tmp_path, study="nobody")


def test_a_study_that_is_named_where_none_is_says_what_to_type(tmp_path):
    write(tmp_path, config("resnet34"))
    with pytest.raises(AblateError, match=r"None of these runs belongs to a study.*--baseline NAME"):
        compared(tmp_path, study="mine")


def planned(name: str, *fingerprints: str, judged: bool = True) -> SimpleNamespace:
    """A plan as far as it is looked at."""
    study = SimpleNamespace(name=name)
    return SimpleNamespace(study=study, fingerprints=lambda: set(fingerprints), can_be_judged=judged)


def loaded(*fingerprints: str, roots: str = "r") -> Loaded:
    runs = [run(fingerprint=each) for each in fingerprints]
    return Loaded(runs[:-1], [], runs[-1:], [], tuple(map(Path, roots)))


@pytest.fixture
def plans(monkeypatch):
    """Plans by the folder beside whose runs they lie, and their file."""
    lying = {}
    monkeypatch.setattr(
        study_plan, "plan_paths", lambda root: sorted(path for path in lying if path.startswith(str(root)))
    )
    monkeypatch.setattr(study_plan, "read_plan", lying.get)
    return lying


def test_the_plan_with_most_of_the_runs_is_found_and_the_others_are_named(plans):
    plans |= {
        "r/a": planned("a", "1"),
        "r/b": planned("b", "2", "3"),
        "r/c": planned("c", "9"),
        "s/b": planned("b", "1"),
    }
    found = reading_study_plan.find(loaded("1", "2", "3", roots="rs"))
    assert (found.plan, list(found.other_studies)) == (plans["r/b"], ["a"])


def test_of_equal_plans_the_first_by_its_place_is_found(plans):
    plans |= {"r/a": planned("a", "1"), "r/b": planned("b", "2")}
    assert reading_study_plan.find(loaded("1", "2")).plan.study.name == "a"
    assert reading_study_plan.find(loaded("1", "2"), "b").plan.study.name == "b"


def test_what_is_damaged_or_cannot_be_judged_is_as_if_it_were_not_there(plans):
    plans |= {"r/a": None, "r/b": planned("b", "1", judged=False)}
    found = reading_study_plan.find(loaded("1"))
    assert (found.plan, list(found.other_studies)) == (None, [])
    with pytest.raises(AblateError, match="None of these runs belongs to a study"):
        reading_study_plan.find(loaded("1"), "b")
