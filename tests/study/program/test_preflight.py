"""What the preflight check says of brief runs."""

from ablation.study.program import preflight
from ablation.study.program.brief_run import BriefRun

RUN = BriefRun(value=0.5, output="training\n", seconds=1.0)


def test_a_seed_without_effect_and_results_that_differ_are_noted():
    other = BriefRun(value=0.6, output="training\n")
    assert list(preflight._seed_notes(RUN, RUN, other)) == []
    (deaf,) = preflight._seed_notes(RUN, RUN, RUN)
    assert "two seeds have the same metric (0.5)" in deaf
    (inexact,) = preflight._seed_notes(RUN, other, RUN)
    assert "not bit-exact" in inexact
    without = BriefRun(output="step 1\n")
    assert list(preflight._seed_notes(without, without, without)) == []


def test_a_removal_is_noted_only_if_all_that_it_shows_is_equal():
    assert len(list(preflight._no_effect_notes("-mixup", RUN, RUN))) == 1
    assert list(preflight._no_effect_notes("-mixup", RUN, BriefRun(value=0.6, output="training\n"))) == []
    assert list(preflight._no_effect_notes("-mixup", RUN, BriefRun(value=0.5, output="other\n"))) == []


def test_files_of_several_cells_are_noted_and_files_of_one_are_not():
    runs = {"a": BriefRun(written=frozenset({"log", "a"})), "b": BriefRun(written=frozenset({"log", "b"}))}
    (note,) = preflight._shared_file_notes(runs)
    assert "several cells write log below" in note
    assert list(preflight._shared_file_notes({"a": runs["a"]})) == []


def test_what_one_brief_run_shows_is_noted():
    run = BriefRun(no_metric="it left no file r.json", survivors=("sleep",), left_out=10**9)
    notes = preflight._notes_of("-mixup", run)
    assert len(notes) == 3 and "it left no file r.json" in notes[0] and "sleep" in notes[1] and "1 GB" in notes[2]
    assert "nan" in preflight._notes_of("-mixup", BriefRun(value=float("nan")))[0]
