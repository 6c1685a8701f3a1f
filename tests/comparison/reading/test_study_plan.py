"""The plan of a study beside its runs: which one is taken, and what is none."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.comparisons import compared
from support.finished_studies import CALM, finish

from ablation.comparison.reading import study_plan as reading_study_plan
from ablation.report.wording import findings
from ablation.rundir import files, study_plan


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


def planned(name: str, hash: str, history: int = 0, judged: bool = True) -> SimpleNamespace:
    """A plan as far as it is looked at."""
    study = SimpleNamespace(name=name)
    return SimpleNamespace(study=study, hash=hash, history=range(history), log=(), can_be_judged=judged)


@pytest.fixture
def plans(monkeypatch):
    """Plans by the folder beside whose runs they lie, and their file."""
    lying = {}
    monkeypatch.setattr(
        study_plan, "plan_paths", lambda root: sorted(path for path in lying if path.startswith(str(root)))
    )
    monkeypatch.setattr(study_plan, "read_plan", lying.get)
    return lying


ROOTS = (Path("r"), Path("s"))


def test_every_plan_is_found_with_its_root(plans):
    plans |= {"r/a": planned("a", "1"), "r/b": planned("b", "2"), "s/b": planned("b", "3")}
    found = reading_study_plan.find(ROOTS).plans
    assert [(each.plan, each.root) for each in found] == [
        (plans["r/a"], Path("r")), (plans["r/b"], Path("r")), (plans["s/b"], Path("s")),
    ]  # fmt: skip


def test_of_copies_of_a_plan_the_one_that_knows_more_is_found(plans):
    plans |= {"r/a": planned("a", "1"), "s/a": planned("a", "1", history=2), "s/b": planned("a", "1")}
    (found,) = reading_study_plan.find(ROOTS).plans
    assert (found.plan, found.root) == (plans["s/a"], Path("s"))


def test_what_is_damaged_is_named_and_what_cannot_be_judged_is_as_if_it_were_not_there(plans):
    plans |= {"r/a": None, "r/b": planned("b", "1", judged=False)}
    found = reading_study_plan.find(ROOTS)
    assert (found.plans, found.unreadable) == ((), ("r/a",))
