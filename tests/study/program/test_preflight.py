"""What the preflight check says of brief runs."""

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.study.program import preflight
from ablation.study.program.brief_run import BriefRun

RUN = BriefRun(value=0.5, output="training\n", seconds=1.0)


def test_a_seed_without_effect_and_results_that_differ_are_noted():
    other = BriefRun(value=0.6, output="training\n")
    assert list(preflight._seed_notes(RUN, RUN, other)) == []
    (deaf,) = preflight._seed_notes(RUN, RUN, RUN)
    assert "two seeds have the same metric (0.5)" in deaf
    inexact, no_more = preflight._seed_notes(RUN, other, RUN)
    assert "not bit-exact" in inexact and "differs no more than one with the same seed (0.5, 0.6 and 0.5)" in no_more
    (inexact,) = preflight._seed_notes(RUN, other, BriefRun(value=0.8))
    assert "not bit-exact" in inexact
    diverged = BriefRun(value=float("nan"), output="training\n")
    assert list(preflight._seed_notes(diverged, diverged, diverged)) == []
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


def test_flags_that_smoke_repeats_are_named():
    def config(style="argparse", smoke=(), **flags):
        return ProgramConfig(Program(("x",), MetricSource("m"), flags=style, smoke=smoke), flags, "")

    baseline = config(trees=50, lr=0.1)
    assert preflight._repeated_flags(config(smoke=("--trees", "2"), trees=1, lr=0.1), baseline) == "--trees"
    assert preflight._repeated_flags(config(smoke=("--trees", "2"), trees=50, lr=0.2), baseline) == ""
    assert preflight._repeated_flags(config("hydra", ("lr=1", "2"), trees=50, lr=0.2), baseline) == "lr=1"
