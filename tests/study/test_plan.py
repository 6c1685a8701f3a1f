"""A study's plan: frozen before there is data, and what a changed study says of it."""

import json

import pytest
from support.studies import PARTS, saved

from ablation.rundir import study_plan
from ablation.study import plan


def test_a_plan_is_frozen_and_a_changed_study_says_what_changed(quick, tmp_path):
    parts = {"shortcut": PARTS["shortcut"], "init": PARTS["init"]}
    first = saved(quick, tmp_path, {"components": parts, "seeds": 2})
    written = first.place.read_bytes()
    assert first.changes() == [] and study_plan.read_plan(first.place).hash == first.hash
    assert saved(quick, tmp_path, {"components": parts, "seeds": 2}).changes() == []
    assert first.place.read_bytes() == written

    parts = {"shortcut": PARTS["shortcut"], "norm": PARTS["norm"]}
    second = saved(quick, tmp_path, {"components": parts, "seeds": 3, "design": "factorial"}, "model.width=8")
    changes = " ".join(second.changes())
    assert all(
        word in changes for word in ("seeds: [0,1] before, [0,1,2] now", "design", "component init", "component norm")
    )
    assert "model.width=8" in changes and "shortcut" not in changes
    assert second.place == first.place and json.loads(second.place.read_bytes())["supersedes"] == first.hash
    assert first.place.with_name(f"plan-{first.hash[:8]}.json").read_bytes() == written


def test_a_plan_names_its_runs_by_fingerprint(quick, tmp_path):
    saved_plan = saved(quick, tmp_path, {"components": {"shortcut": PARTS["shortcut"]}, "seeds": [3, 5]})
    written = json.loads(saved_plan.place.read_bytes())
    assert [list(cell["runs"]) for cell in written["cells"]] == [["3", "5"]] * 2
    for cell, entry in zip(saved_plan.cells.design, written["cells"], strict=True):
        assert [where.fingerprint for where in cell.runs] == list(entry["runs"].values())
        assert entry["levels"] == {"shortcut": cell.levels[0]}
    runs = {run for cell in written["cells"] for run in cell["runs"].values()}
    assert len(runs) == 4 and written["comparisons"] == [["-shortcut", "baseline"]]


@pytest.mark.parametrize("damage", [b"", b"{", b"[" * 5000, b"{}", b"null", None])
def test_a_damaged_plan_is_no_plan(quick, tmp_path, damage):
    saved_plan = saved(quick, tmp_path, {"components": {"shortcut": PARTS["shortcut"]}})
    content = saved_plan.place.read_bytes()
    saved_plan.place.write_bytes(content.replace(b'"seeds"', b'"sedes"', 1) if damage is None else damage)
    damaged = saved_plan.place.read_bytes()
    assert study_plan.read_plan(saved_plan.place) is None
    assert saved(quick, tmp_path, {"components": {"shortcut": PARTS["shortcut"]}}).changes() == []
    assert (
        study_plan.read_plan(saved_plan.place) and saved_plan.place.with_name(plan.KEPT_ASIDE).read_bytes() == damaged
    )


def test_another_order_of_components_or_cells_is_a_change(quick, tmp_path):
    parts = {"shortcut": PARTS["shortcut"], "init": PARTS["init"]}
    saved(quick, tmp_path, {"components": parts, "design": "cumulative"})
    turned = saved(quick, tmp_path, {"components": dict(reversed(parts.items())), "design": "cumulative"})
    assert turned.changes() == ["the order of components: shortcut, init before, init, shortcut now"]
    saved(quick, tmp_path, {"components": parts, "design": "list", "cells": [["init"]]})
    more = saved(quick, tmp_path, {"components": parts, "design": "list", "cells": [["init"], ["shortcut"]]})
    assert any(change.startswith("cells: ") for change in more.changes())


def test_no_secret_goes_into_a_plan(quick, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2hunter2")
    declared = {"components": {"shortcut": PARTS["shortcut"]}}
    saved_plan = saved(quick, tmp_path, declared, "name=${oc.env:SECRET}", "tags=[https://me:hunter2@x.org]")
    assert b"hunter2" not in saved_plan.place.read_bytes()


def paired(quick, outputs, **declared):
    """The cells whose comparison is paired, of a study that removes a shortcut, the initializer, or half the width."""
    parts = {"shortcut": PARTS["shortcut"], "init": PARTS["init"], "width": ["model.width=8"]}
    return saved(quick, outputs, {"components": parts, **declared}).frozen.test.paired


def test_a_plan_fixes_the_test_of_each_comparison(quick, tmp_path):
    assert paired(quick, tmp_path) == () and paired(quick, tmp_path, seeds=9) == ()
    assert paired(quick, tmp_path, seeds=10) == ("-shortcut",)
    assert paired(quick, tmp_path, stopping="sequential", max_seeds=5) == ("-shortcut",)
    assert paired(quick, tmp_path, stopping="sequential", test="welch") == ()
    assert paired(quick, tmp_path, seeds=10, test="welch") == ()
    assert paired(quick, tmp_path, seeds=3, test="paired") == ("-shortcut", "-init", "-width")
    assert paired(quick, tmp_path, seeds=10, design="factorial") == ()


def test_cells_that_both_differ_from_the_baseline_are_paired_by_what_they_differ_in(quick, tmp_path):
    parts = {"init": PARTS["init"], "shortcut": PARTS["shortcut"], "augment": PARTS["augment"]}
    declared = {"components": parts, "seeds": 10}
    cumulative = saved(quick, tmp_path, {**declared, "design": "cumulative"}).frozen
    assert cumulative.test.paired == tuple(cell for cell, _ in cumulative.comparisons[1:])
    added = saved(quick, tmp_path, {**declared, "design": "add_one_in"}).frozen
    assert added.test.paired == ("+shortcut", "+augment")


def test_another_test_or_margin_is_a_change(quick, tmp_path):
    declared = {"components": {"shortcut": PARTS["shortcut"]}, "seeds": 10}
    saved(quick, tmp_path, declared)
    changes = saved(quick, tmp_path, {**declared, "test": "welch", "margin": 0.01}).changes()
    assert "test: auto before, welch now" in changes and "margin: nothing before, 0.01 now" in changes
