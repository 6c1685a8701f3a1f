"""Commands: their output and code are known, and nothing that they started outlives them."""

import os
import sys
import time

import psutil
import pytest

from ablation.run.program import family, process
from ablation.run.program.process import NotStarted


@pytest.fixture
def run(tmp_path):
    def start(*words, is_stopped=lambda: False, folder=None):
        return process.run(words, folder or tmp_path, os.environ, tmp_path / "log", is_stopped)

    return start


def python(text):
    return sys.executable, "-c", text


def test_output_and_code_are_known(run, tmp_path):
    ended = run(*python("import sys; print('out'); print('error', file=sys.stderr); sys.exit(3)"))
    assert ended.code == 3 and sorted(ended.output.split()) == ["error", "out"] and not ended.stopped
    assert (tmp_path / "log").read_text() == ended.output
    assert process.exit_reason(ended).startswith("it exited with code 3: ")


def test_a_signal_is_named(run):
    ended = run(*python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert process.exit_reason(ended) == "it was killed by SIGKILL (out of memory?)"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to this process")
@pytest.mark.parametrize("start", ["sleep 300 &", "setsid sleep 300 &", "(setsid nohup sleep 300 >/dev/null 2>&1 &);"])
def test_a_process_that_is_left_running_is_stopped_and_named(run, start):
    ended = run("bash", "-c", f"{start} echo begun; sleep 0.2")
    assert ended.code == 0 and ended.survivors == ("sleep",)
    assert not [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]


def test_a_long_output_is_bounded(run, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "HEAD", 1000)
    monkeypatch.setattr(process, "TAIL", 100)
    ended = run(*python("print('a' * 5000); print('acc=0.5')"))
    assert ended.left_out == 5009 - 1100 and ended.output.endswith("acc=0.5\n")
    assert "[3,909 bytes of the output are left out here]" in (tmp_path / "log").read_text()


def test_a_program_that_is_stopped_ends_with_its_children(run):
    until = time.monotonic() + 0.3
    ended = run("bash", "-c", "sleep 300 & wait", is_stopped=lambda: time.monotonic() > until)
    assert ended.stopped and ended.code != 0 and ended.survivors == ()
    assert not [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]


def test_a_program_that_ignores_the_request_is_killed(run, monkeypatch):
    monkeypatch.setattr(family, "GRACE", 0.3)
    until = time.monotonic() + 0.5
    text = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    assert run(*python(text), is_stopped=lambda: time.monotonic() > until).code == -9


def test_there_is_no_terminal_and_no_input(run):
    assert run(*python("open('/dev/tty')")).code == 1
    assert run(*python("import sys; print(repr(sys.stdin.read()))")).output == "''\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["no-such-program"], "there is no program no-such-program"),
        (["/etc/passwd"], "/etc/passwd is not executable"),
        (["a\0b"], "embedded null byte"),
    ],
)
def test_a_program_that_cannot_be_started_is_named(run, words, reason):
    with pytest.raises(NotStarted, match=reason):
        run(*words)


def test_a_working_folder_that_does_not_exist_is_named(run, tmp_path):
    with pytest.raises(NotStarted, match="there is no working folder"):
        run("true", folder=tmp_path / "gone")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to this process")
def test_a_process_that_forks_itself_on_and_on_is_stopped_and_named(run, tmp_path):
    ticks = tmp_path / "ticks"
    chain = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    os.close(1); os.close(2)
    until = time.time() + 60
    while time.time() < until:
        if os.fork():
            os._exit(0)
        open({str(ticks)!r}, "a").write(".")
        time.sleep(0.002)
time.sleep(0.2)
"""
    ended = run(*python(chain))
    assert ended.code == 0 and ended.survivors and ended.seconds < family.GRACE
    size = ticks.stat().st_size
    time.sleep(0.3)
    assert ticks.stat().st_size == size > 0


def test_a_log_that_cannot_be_written_stops_the_program(tmp_path, monkeypatch):
    def full(self, content):
        self.error = self.error or OSError(28, "No space left on device")

    monkeypatch.setattr(process._Output, "_write", full)
    before, began = set(psutil.Process().children()), time.monotonic()
    with pytest.raises(OSError, match="No space left"):
        text = "import time\nfor _ in range(20000): print('y' * 100)\ntime.sleep(60)"
        process.run(python(text), tmp_path, os.environ, tmp_path / "log", lambda: False)
    assert time.monotonic() - began < 50
    assert set(psutil.Process().children()) <= before


def test_a_script_whose_interpreter_is_missing_is_named(run, tmp_path):
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/nothing\n")
    script.chmod(0o755)
    with pytest.raises(NotStarted, match="the interpreter in the first line of ./run.sh"):
        run("./run.sh")
