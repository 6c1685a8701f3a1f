"""The screen of a sweep: counts, how far each job is, and how long it will take."""

import pytest

from ablation.sweep import live_display
from ablation.sweep.live_display import Display

NAME = "resnet8-digits-s0-0123456789"


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves."""
    now = [1000.0]
    monkeypatch.setattr(live_display.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("--- model=x\nresnet8 seed 0 epoch 3/12  loss 0.5\n\n")
    return path


def test_counts_name_what_is_done_runs_and_failed(log):
    display = Display(total=5, done=1, live=False)
    display.start(0, NAME, log)
    display.tick(elsewhere=1)
    assert display.counts() == "1 of 5 done, 1 running, 1 running elsewhere"
    display.end(0, NAME, "failed", "it was bad")
    assert display.counts() == "2 of 5 done, 0 running, 1 failed, 1 running elsewhere"


def test_a_minute_without_a_word_brings_the_progress_of_each_job(log, clock, capsys):
    display = Display(total=2, live=False)
    display.start(0, NAME, log)
    display.tick(elsewhere=0)
    assert capsys.readouterr().out == ""
    clock[0] += 61
    display.tick(elsewhere=0)
    line = "0 of 2 done, 1 running; resnet8 seed 0 epoch 3/12  loss 0.5, 1 min 1 s\n"
    assert capsys.readouterr().out == line
    display.tick(elsewhere=0)
    assert capsys.readouterr().out == ""


def test_a_job_without_a_log_is_starting(tmp_path, clock, capsys):
    display = Display(total=1, live=False)
    display.start(0, NAME, tmp_path / "missing.log")
    clock[0] += 70
    display.tick(elsewhere=0)
    assert capsys.readouterr().out == f"0 of 1 done, 1 running; {NAME}: starting, 1 min 10 s\n"


def test_the_first_run_says_how_long_the_others_take(log, clock, capsys):
    """Seven others at 30 s, two at a time, take 105 s."""
    display = Display(total=8, at_once=2, live=False)
    display.start(0, NAME, log)
    clock[0] += 30
    display.end(0, NAME, "completed", "accuracy 0.5")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"[1/8] {NAME}: completed (30 s): accuracy 0.5",
        "At this pace, the 7 remaining runs will take about 1 min 45 s",
    ]


def test_a_killed_job_is_retried_and_one_elsewhere_is_waited_for(log, capsys):
    display = Display(total=3, live=False)
    display.start(0, NAME, log)
    display.retry(0, NAME, "its process was killed")
    display.tick(elsewhere=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{NAME}: its process was killed; retrying", "Waiting for 2 runs in another process"]
    assert display.counts() == "0 of 3 done, 0 running, 2 running elsewhere"
