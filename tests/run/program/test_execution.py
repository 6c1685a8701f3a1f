"""One run of a program: what its directory and record say of every way to end."""

import csv
import json
import os
import signal
import sys
import threading
import time

import pytest

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.errors import Failed
from ablation.run.program import execution, location
from ablation.rundir import layout
from ablation.rundir.record import RESULT, read_record


@pytest.fixture
def program(tmp_path):
    """A configuration that runs this Python text, in which `dir`, `seed` and `flags` are known."""

    def of(text, metric=None, flags=None, **fields):
        head = "import json, os, sys, time\ndir, seed, flags = sys.argv[1], int(sys.argv[2]), sys.argv[3:]\n"
        command = (sys.executable, "-c", head + text, "{dir}", "{seed}", "{args}")
        source = metric or MetricSource("score", file="{dir}/r.json")
        outputs = str(tmp_path / "outputs")
        return ProgramConfig(Program(command, source), flags or {"lr": 0.1}, str(tmp_path), outputs=outputs, **fields)

    return of


def write(value="0.5"):
    return f"open(dir + '/r.json', 'w').write('{{\"score\": {value}}}')\nprint('done', *flags)\n"


def of(config):
    where = location.locate(config)
    return where.last, read_record(where.last)


def test_a_completed_run_records_its_metric_and_how_it_was_run(program):
    config = program(write(), seed=4, tags=["trial"], name="first")
    assert execution.execute(config) == 0
    directory, record = of(config)
    assert (record.kind, record.status, record.seed, record.tags) == ("command", "completed", 4, ["trial"])
    assert record.metrics.scores == {RESULT: {"score": 0.5}} and record.error is None
    assert record.config is not None and record.config["flags"] == {"lr": 0.1}
    assert record.config["words"][-2:] == ["--lr", "0.1"] and record.timings.seconds > 0
    assert (directory / layout.LOG).read_text() == "done --lr 0.1\n"
    assert set(record.files) == {layout.LOG} and (directory / layout.PROGRAM / "r.json").is_file()


def test_a_run_that_is_done_is_not_repeated_unless_asked(program, tmp_path):
    text = f"open({str(tmp_path / 'count')!r}, 'a').write('x')\n" + write()
    assert execution.execute(program(text)) == execution.execute(program(text)) == 0
    assert (tmp_path / "count").read_text() == "x"
    assert execution.execute(program(text, rerun="true")) == 0
    directory, record = of(program(text))
    assert directory.name.endswith(".2") and record.attempt == 2 and (tmp_path / "count").read_text() == "xx"
    assert execution.execute(program(text, rerun="stale")) == 0 and (tmp_path / "count").read_text() == "xx"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("print('no memory'); sys.exit(3)", "it exited with code 3: no memory"),
        ("os.kill(os.getpid(), 9)", "it was killed by SIGKILL (out of memory?)"),
        ("pass", "it exited with code 0, but it left no file"),
        ("open(dir + '/r.json', 'w').write('{\"loss\": 1}')", "r.json has no key score; it has loss"),
        ("raise ValueError('bad flag')", "ValueError: bad flag"),
    ],
)
def test_a_failure_is_named_and_tried_again(program, text, words):
    config = program(text)
    for _ in range(2):
        with pytest.raises(Failed) as raised:
            execution.execute(config)
        assert words in str(raised.value) and "log" in str(raised.value)
        _, record = of(config)
        assert record.status == "failed" and words in str(record.error) and record.metrics.scores == {}


def test_a_metric_that_is_not_finite_is_final_and_has_no_value(program):
    config = program(write("NaN"))
    assert execution.execute(config) == execution.execute(config) == 2
    _, record = of(config)
    assert record.status == "diverged" and record.error == "its metric is nan" and record.metrics.scores == {}


def test_what_a_killed_run_left_is_gone_when_it_begins_again(program):
    text = "assert not os.listdir(dir), os.listdir(dir)\nopen(dir + '/half', 'w').write('x')\nprint('once')\n"
    config = program(text + "sys.exit(1)")
    for _ in range(2):
        with pytest.raises(Failed, match="exited with code 1: once"):
            execution.execute(config)
    directory, _ = of(config)
    assert (directory / layout.LOG).read_text() == "once\n"


def test_a_series_is_kept_as_history(program):
    text = "for i in range(3): print(json.dumps({'epoch': i + 1, 'acc': i / 4}), file=open(dir + '/l.jsonl', 'a'))"
    config = program(text, MetricSource("acc", lines="{dir}/l.jsonl", take="max"))
    assert execution.execute(config) == 0
    directory, record = of(config)
    assert record.metrics.scores == {RESULT: {"acc": 0.5}}
    with open(directory / layout.HISTORY, newline="") as file:
        assert list(csv.DictReader(file)) == [{"epoch": str(float(i + 1)), "acc": str(i / 4)} for i in range(3)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to this process")
def test_processes_left_running_are_noted(program):
    config = program("import subprocess; subprocess.Popen(['sleep', '300'])\n" + write())
    assert execution.execute(config) == 0
    assert of(config)[1].error == "it left processes running (sleep), which were stopped"


def test_a_signal_ends_the_program_and_the_record_says_so(program):
    config = program("time.sleep(300)")
    timer = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    began = time.monotonic()
    assert execution.execute(config) == 143 and time.monotonic() - began < 60
    assert of(config)[1].status == "interrupted"


def test_secrets_in_the_environment_are_not_recorded(program, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "hunter2hunter2")
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    config = program(write())
    execution.execute(config)
    directory, record = of(config)
    assert "hunter2" not in (directory / layout.RECORD).read_text()
    assert record.config is not None and record.config["environment"]["OMP_NUM_THREADS"] == "2"
    assert json.loads((directory / layout.RECORD).read_text())["kind"] == "command"
