"""What a study costs, from what was counted and measured, and from what an earlier plan kept of it."""

import dataclasses

import pytest
from support import studies

from ablation.errors import AblateError
from ablation.study import orchestration, parsing
from ablation.study.preflight import cost, probe
from ablation.study.preflight.measurement import NetworkSize, Timing
from ablation.study.preflight.probe import Done, Failure

TIMING = Timing(start=5.0, step=0.5, evaluation=2.0, test=3.0, commit=0.25, steps=20, per_epoch=10)


@pytest.fixture
def plan(quick, tmp_path):
    """A baseline and two cells, one with another network; two seeds."""
    parts = {"width": ["model.width=8"], "warmup": ["train.warmup=0.1"]}
    declared = {"baseline": studies.BASE, "components": parts, "seeds": 2}
    study = parsing.parse("mine", declared, [f"outputs={tmp_path}"], quick.is_simple)
    return orchestration.compile_plan(study, quick)


@pytest.fixture
def answer(monkeypatch):
    """A preflight process that answers every task the same. Returns the keys it was asked for."""
    asked = []

    def with_result(result):
        def results(tasks, cores):
            for task in tasks:
                asked.append(task.key)
                yield Done(task, result)

        monkeypatch.setattr(probe, "results", results)
        monkeypatch.setattr(probe, "worker_start_seconds", lambda cfg, cores: 1.0)
        return asked

    return with_result


def test_each_distinct_network_is_counted_once(plan, answer, capsys):
    asked = answer(NetworkSize("resnet", 1234, 1300, 56789))
    cost.count_networks(plan, 2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Networks (2 distinct):" and len(asked) == len(set(asked)) == len(lines) - 1 == 2
    assert lines[1] == "  resnet: 1,234 parameters, 56,789 MACs  (baseline and -warmup)"
    assert set(plan.networks) == set(asked)
    cost.count_networks(plan, 2)
    assert capsys.readouterr().out.splitlines() == lines and len(asked) == 2


def test_a_network_that_cannot_be_built_is_told_and_not_kept(plan, answer, capsys):
    answer(Failure("ValueError: no"))
    cost.count_networks(plan, 2)
    assert "  not built: ValueError: no  (-width)" in capsys.readouterr().out and not plan.networks


def test_hours_are_those_of_all_runs_over_what_runs_at_once(plan, answer, capsys):
    answer(TIMING)
    cost.measure_steps(plan, 2)
    assert {kept["ready"] for kept in plan.measured.values()} == {1.0}
    cost.say_hours(plan, 2)
    seconds = 3 * 2 * dataclasses.replace(TIMING, ready=1.0).run  # three cells of two seeds
    assert seconds == pytest.approx(6 * 23.5)
    text = capsys.readouterr().out
    assert "500 to 500 ms per step" in text
    assert "about 1 min 10 s on this machine with 2 runs at a time (0.039 h" in text


def test_nothing_is_said_of_hours_before_every_cell_was_measured(plan, capsys):
    cost.say_hours(plan, 1)
    plan.measured["odd"] = {"step": "none"}
    cost.say_hours(plan, 1)
    assert capsys.readouterr().out == ""


def test_a_cell_that_cannot_be_measured_is_named(plan, answer):
    answer(Failure("ValueError: no"))
    with pytest.raises(AblateError, match="The cell baseline cannot be measured: ValueError: no"):
        cost.measure_steps(plan, 2)
