"""Brief runs of a cell."""

import dataclasses
import signal
import sys
import time

import pytest

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.runtime.signals import Stop
from ablation.study.program import brief_run

HEAD = "import json, os, sys, time\nout, seed = sys.argv[1], sys.argv[2]\n"
WRITE = "json.dump({'m': int(seed) + len(sys.argv)}, open(out + '/r.json', 'w'))\n"


def config(tmp_path, text, **program):
    command = (sys.executable, "-c", HEAD + text, "{dir}", "{seed}", "{args}")
    spec = Program(command, MetricSource("m", file="{dir}/r.json"), smoke=("--fast",), **program)
    return ProgramConfig(spec, {"lr": 0.1}, str(tmp_path), seed=5)


class NoWatchdog:
    def __init__(self):
        self.watched, self.forgotten = [], []
        self.watch, self.forget = self.watched.append, self.forgotten.append


def run_briefly(of, stop=None):
    watchdog = NoWatchdog()
    run = brief_run.run(of, stop or Stop(), watchdog)
    assert watchdog.watched == watchdog.forgotten
    return run


def test_a_brief_run_ends_with_its_command_or_the_limit_of_jobs(tmp_path):
    stop = Stop()
    stop.graceful = True
    stop.note(signal.SIGTERM)
    began = time.monotonic()
    assert run_briefly(config(tmp_path, "time.sleep(60)"), stop).problem
    limited = dataclasses.replace(config(tmp_path, "time.sleep(60)"), job_timeout=0.2)
    assert run_briefly(limited).problem == "its brief run takes longer than 0.2 s"
    assert time.monotonic() - began < 50


def test_a_brief_run_has_its_own_words_and_leaves_nothing(tmp_path):
    run = run_briefly(config(tmp_path, WRITE + "print(out, sys.argv[-1])"))
    assert run.value == 5 + 6 and run.output == "{dir} --fast\n" and not run.problem and run.seconds > 0
    assert run.written == frozenset() and list(tmp_path.iterdir()) == []


def test_a_brief_run_has_the_environment_of_a_whole_one(tmp_path, monkeypatch):
    monkeypatch.setenv("GONE", "1")
    of_variables = config(tmp_path, WRITE + "print('GONE' in os.environ, os.environ['LR'])", flags="env")
    of_variables.flags = {"GONE": None, "LR": 0.5}
    assert run_briefly(of_variables).output == "False 0.5\n"


def test_files_that_it_writes_below_the_working_folder_are_known(tmp_path):
    (tmp_path / "old").write_text("x")
    (tmp_path / ".hidden").mkdir()
    text = "open('new', 'w'); open('old', 'a').write('y'); open('.hidden/x', 'w')\n" + WRITE
    assert run_briefly(config(tmp_path, text)).written == {"new", "old"}


@pytest.mark.parametrize(
    ("text", "problem", "no_metric"),
    [
        ("sys.exit('no data')", "it exited with code 1: no data", ""),
        (WRITE.replace("'m'", "'n'"), "r.json has no key m; it has n", ""),
        ("pass", "", "it left no file"),
    ],
)
def test_what_is_wrong_for_good_is_a_problem_and_what_may_come_later_is_not(tmp_path, text, problem, no_metric):
    run = run_briefly(config(tmp_path, text))
    assert problem in run.problem and bool(problem) == bool(run.problem)
    assert no_metric in run.no_metric and bool(no_metric) == bool(run.no_metric)


def test_a_brief_run_that_takes_too_long_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(brief_run, "LONGEST", 0.3)
    assert run_briefly(config(tmp_path, "time.sleep(60)")).problem == "its brief run takes longer than 0.3 s"
