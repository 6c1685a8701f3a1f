"""A study's rounds, one after the other."""

from types import SimpleNamespace

import pytest
from support import studies

from ablation.rundir import study_plan
from ablation.study import orchestration


@pytest.mark.parametrize(
    ("codes", "ran", "code"), [([0, 2, 0], 3, 2), ([0, 143, 0], 2, 143), ([130], 1, 130), ([], 0, 0)]
)
def test_a_signal_ends_the_rounds(codes, ran, code):
    asked = []
    given = orchestration.run_rounds(
        [[i] for i in range(len(codes))], lambda batch: asked.append(batch) or codes[batch[0]]
    )
    assert (len(asked), given) == (ran, code)


def test_the_plan_learns_what_has_ended_also_where_a_run_is_interrupted():
    events = []
    plan = SimpleNamespace(record_ended=lambda: events.append("recorded"))

    def interrupted(runs):
        events.append("ran")
        raise KeyboardInterrupt

    assert orchestration.recorded(plan, lambda runs: events.append("ran") or 2)([]) == 2
    with pytest.raises(KeyboardInterrupt):
        orchestration.recorded(plan, interrupted)([])
    assert events == ["ran", "recorded"] * 2


def test_the_difference_to_detect_is_kept_in_accuracy(quick, tmp_path, monkeypatch):
    declared = {"components": {"shortcut": studies.PARTS["shortcut"]}, "seeds": 3}
    for guarded in ("count_networks", "guard_cells", "say_hours"):
        monkeypatch.setattr(orchestration, guarded, lambda *arguments: None)

    def described(detect):
        study = studies.parse(quick, declared, f"outputs={tmp_path}")
        plan = orchestration.compile_plan(study, quick, ["-m", "+study=mine"])
        orchestration.describe(plan, 1, 1, False, False, detect)
        return study_plan.read_plan(plan.place)

    assert described("1%").detect == 0.01 and described("1.5sd").detect == 0.01
    assert described(None).detect == 0.01 and described("0.02").detect == 0.02
    assert described(None).command == ("-m", "+study=mine")
