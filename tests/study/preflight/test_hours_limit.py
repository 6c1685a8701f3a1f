"""What a study's limit of hours lets start, from the times of its runs, measured or ended."""

import dataclasses

import pytest
from support import studies

from ablation.errors import AblateError
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord, Timings
from ablation.study import orchestration, parsing
from ablation.study.plan import config_key
from ablation.study.preflight import hours_limit
from ablation.study.preflight.measurement import Timing
from ablation.sweep.status import PlannedRun

HOUR = Timing(start=0.0, step=360.0, evaluation=0.0, test=0.0, commit=0.0, steps=10, per_epoch=10)


@pytest.fixture
def plan_of(quick, tmp_path):
    def plan(**keys):
        parts = {"width": ["model.width=8"], "warmup": ["train.warmup=0.1"]}
        declared = {"baseline": studies.BASE, "components": parts, "seeds": 4} | keys
        study = parsing.parse("mine", declared, [f"outputs={tmp_path}"], quick.is_simple)
        return orchestration.compile_plan(study, quick)

    return plan


def measure(plan, hours):
    """Say that a run of each cell takes these hours, in the order of the cells."""
    for cell, each in zip(plan.cells.design, hours, strict=True):
        key = config_key(cell.config, cell.runs[0].fingerprint)
        plan.measured[key] = dataclasses.asdict(dataclasses.replace(HOUR, step=360.0 * each))


def end(where, hours, status="completed"):
    """Leave the record of a run that has ended."""
    where.last.mkdir(parents=True, exist_ok=True)
    timings = dataclasses.replace(Timings(), seconds=hours * 3600)
    rundir_record.write_record(where.last, RunRecord(status, fingerprint=where.fingerprint, seed=0, timings=timings))


def cell_runs(plan):
    return [cell.runs for cell in plan.cells.design]


def test_a_study_without_max_hours_has_no_limit(plan_of):
    plan = plan_of()
    measure(plan, [1e9] * 3)
    assert hours_limit.of(plan) is None
    hours_limit.refuse_if_longer(plan)


@pytest.mark.parametrize(("max_hours", "fits"), [(24, True), (23.9, False)])
def test_a_study_that_takes_longer_is_refused(plan_of, max_hours, fits):
    plan = plan_of(max_hours=max_hours)
    measure(plan, [1, 2, 3])  # 4 seeds: 24 hours
    if fits:
        hours_limit.refuse_if_longer(plan)
        return
    with pytest.raises(AblateError) as caught:
        hours_limit.refuse_if_longer(plan)
    message = str(caught.value)
    assert message.startswith("The study mine takes about 24 h 0 min, which is more than its max_hours.")
    assert "Received max_hours: 23.9, with 12 runs left" in message and "study.max_hours=26.4" in message


def test_a_sequential_study_is_refused_only_if_its_first_look_takes_longer(plan_of):
    for max_hours, fits in ((18, True), (17, False)):
        plan = plan_of(max_hours=max_hours, stopping="sequential", seeds=4, max_seeds=30)
        measure(plan, [1, 2, 3])
        if fits:
            hours_limit.refuse_if_longer(plan)
        else:
            with pytest.raises(AblateError, match="max_hours"):
                hours_limit.refuse_if_longer(plan)


def test_runs_that_ended_count_with_what_they_took_and_tell_what_others_of_their_cell_take(plan_of):
    plan = plan_of(max_hours=24)
    measure(plan, [1, 2, 3])
    baseline, width, _ = cell_runs(plan)
    end(baseline[0], 5)
    end(baseline[1], 7, status="diverged")
    end(width[0], 4, status="failed")
    limit = hours_limit.of(plan)
    assert limit.total == 16 * 3600
    assert limit.expected(baseline[2]) == 6 * 3600
    assert limit.expected(width[0]) == 6 * 3600  # a failed run says nothing: as the ended ones of all cells
    with pytest.raises(AblateError, match="with 16 h 0 min so far and 10 runs left"):
        hours_limit.refuse_if_longer(plan)


def test_a_run_starts_if_it_and_the_running_ones_are_expected_to_end_in_time(plan_of):
    plan = plan_of(max_hours=6)
    measure(plan, [1, 2, 3])
    baseline, width, warmup = cell_runs(plan)
    limit = hours_limit.of(plan)
    assert limit.allows(warmup[0], {baseline[0]: 0.0, width[0]: 60.0})  # 1 + 2 + 3
    assert not limit.allows(warmup[0], {baseline[0]: 0.0, width[0]: 2.1 * 3600})  # it takes longer than expected
    assert not limit.allows(warmup[0], {warmup[1]: 0.0, baseline[0]: 0.0})
    limit.note(width[0], 3600.0, False)
    limit.note(width[0], 4.5 * 3600, True)
    assert limit.total == 5.5 * 3600 and not limit.allows(baseline[0], {})
    limit.note(baseline[0], 0.5 * 3600, True)
    assert not limit.allows(baseline[1], {})  # nothing is left


def test_without_any_time_runs_start_until_the_first_have_ended(plan_of):
    limit = hours_limit.of(plan_of(max_hours=1e-6))
    first, second, *_ = limit.cells
    assert limit.allows(first, {}) and limit.allows(second, {first: 0.0})
    limit.note(first, 10.0, True)
    assert not limit.allows(second, {})


def test_batches_begin_with_a_run_of_each_cell_and_end_with_the_hours(plan_of):
    plan = plan_of(max_hours=10)
    runs = [PlannedRun(cell.config, (), where) for seed in range(4) for cell in plan.cells.design
            for where in [cell.runs[seed]]]  # fmt: skip
    batches = hours_limit.of(plan).batches(runs)
    first = next(batches)
    assert first == runs[:3]
    for run in first:
        end(run.where, 1)
    second = next(batches)
    assert second == runs[3:10]
    for run in second:
        end(run.where, 1)
    assert list(batches) == []


def test_what_did_not_start_is_counted_with_the_command_that_runs_it(plan_of, capsys):
    plan = plan_of(max_hours=3)
    baseline, width, warmup = cell_runs(plan)
    for runs in (baseline, width, warmup):
        end(runs[0], 1)
    runs = [PlannedRun(cell.config, (), where) for cell in plan.cells.design for where in cell.runs]
    limit = hours_limit.of(plan)
    limit.say_not_started(runs)
    said = " ".join(capsys.readouterr().out.split())
    assert "has taken 3 h 0 min of its max_hours: 3, and 9 runs did not start" in said
    assert "study.max_hours=13.2 to run them, about 9 h 0 min in total" in said
    limit.say_not_started(runs[:1])
    assert capsys.readouterr().out == ""


def test_max_hours_is_no_part_of_what_the_plan_freezes(plan_of):
    assert plan_of().hash == plan_of(max_hours=3).hash == plan_of(max_hours=4.5).hash


def test_a_study_with_nothing_left_to_run_is_never_refused(plan_of):
    plan = plan_of(max_hours=1)
    for runs in cell_runs(plan):
        for where in runs:
            end(where, 5)
    hours_limit.refuse_if_longer(plan)


@pytest.mark.parametrize("value", [0, -1, "3 h", True, [1], float("inf"), float("nan")])
def test_other_values_are_refused(plan_of, value):
    with pytest.raises(AblateError, match="its max_hours is not allowed"):
        plan_of(max_hours=value)
