"""SIGINT and SIGTERM: at once while nothing can be saved, gracefully while a loop looks, at once the second time."""

import os
import signal
import subprocess
import sys
import time

import pytest

from ablation.runtime import signals
from ablation.runtime.signals import ASKED, CODES, Stop, stopping

HEAD = "import os, signal, sys, time, hashlib; from ablation.runtime.signals import ASKED, stopping, leave_at_once\n"
LONG = "hashlib.pbkdf2_hmac('sha512', b'x', b'y', 50_000_000)"  # half a minute in one native call


def run(script: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", HEAD + script], capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.integration
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129), ("SIGXCPU", 152)])
def test_it_leaves_at_once_with_its_last_words_also_out_of_native_code(name, code):
    script = f"""
import threading
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # below `nohup` it is ignored
with stopping() as stop:
    stop.last_words = lambda: os.write(1, b"last words")
    threading.Timer(0.3, os.kill, (os.getpid(), signal.{name})).start()
    {LONG}
"""
    assert run(script) == (code, "last words")


@pytest.mark.integration
def test_a_loop_that_looks_is_left_alone_and_a_second_signal_is_not_waited_for():
    script = f"""
with stopping() as stop:
    stop.graceful = True
    os.kill(os.getpid(), signal.SIGTERM)
    while stop.code is None:
        time.sleep(0.01)
    print("asked", stop.code, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    {LONG}
"""
    assert run(script) == (130, "asked 143\n")


@pytest.mark.integration
def test_a_sweep_that_asks_is_no_second_signal():
    script = """
with stopping() as stop:
    stop.graceful = True
    for number in (signal.SIGTERM, ASKED, ASKED):
        os.kill(os.getpid(), number)
        time.sleep(0.1)
    print("still here", stop.code)
"""
    assert run(script) == (0, "still here 143\n")


@pytest.mark.integration
def test_afterwards_the_handling_of_before_stands():
    script = """
before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
with stopping():
    pass
print(before == (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)))
"""
    assert run(script) == (0, "True\n")


@pytest.mark.integration
def test_before_there_is_a_run_a_signal_ends_the_process_without_a_word():
    assert run("leave_at_once(); os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)") == (143, "")


class Left(Exception):
    """The process would have ended here, with this code."""


@pytest.fixture
def left(monkeypatch):
    """The codes that this process would have ended with."""
    codes = []

    def leave(code):
        codes.append(code)
        raise Left(code)

    monkeypatch.setattr(signals.os, "_exit", leave)
    return codes


def wait_for(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_codes_are_those_of_a_shell():
    codes = dict(CODES)
    assert codes.pop(ASKED) == 128 + signal.SIGTERM
    assert signals.INTERRUPTED == {129, 130, 143, 152}
    assert codes == {number: 128 + number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU)}


def test_a_hangup_that_is_ignored_stays_ignored():
    """As `nohup` asks for."""
    script = """
signal.signal(signal.SIGHUP, signal.SIG_IGN)
leave_at_once()
with stopping() as stop:
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(0.2)
    print(stop.code)
os.kill(os.getpid(), signal.SIGHUP)
"""
    assert run(script) == (0, "None\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_a_loop_looks_the_first_signal_is_noted_and_the_second_ends(left, number):
    stop = Stop()
    stop.graceful = True
    stop.note(number)
    assert stop.code == CODES[number] and left == []
    with pytest.raises(Left):
        stop.note(signal.SIGINT)
    assert stop.code == CODES[number] and left == [130]


def test_being_asked_is_never_a_second_signal(left):
    stop = Stop()
    stop.graceful = True
    for number in (ASKED, ASKED, signal.SIGTERM, ASKED):
        stop.note(number)
    assert stop.code == 143 and left == []


def test_last_words_that_fail_do_not_keep_the_process(left):
    stop = Stop()
    stop.last_words = lambda: 1 / 0
    with pytest.raises(Left):
        stop._leave(143)
    assert left == [143]


def test_signals_of_this_process_are_noted_and_the_handling_of_before_comes_back():
    before = {number: signal.getsignal(number) for number in CODES}
    with stopping() as stop:
        stop.graceful = True
        os.kill(os.getpid(), signal.SIGTERM)
        wait_for(lambda: stop.code is not None)
    assert stop.code == 143 and {number: signal.getsignal(number) for number in CODES} == before


@pytest.fixture
def handlers():
    """How signals are handled, to be put back."""
    numbers = [*CODES, signal.SIGPIPE]
    before = {number: signal.getsignal(number) for number in numbers}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # below `nohup` it is ignored
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_before_there_is_a_run_each_signal_ends_with_its_own_code(left, handlers):
    signals.leave_at_once()
    for number, code in CODES.items():
        with pytest.raises(Left):
            signal.raise_signal(number)
        assert left.pop() == code


def test_what_has_ended_ignores_them_and_what_prints_ends_with_its_reader(handlers):
    signals.ignore()
    assert {signal.getsignal(number) for number in CODES} == {signal.SIG_IGN}
    signals.end_with_the_reader()
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL


def prints_and_ends(code):
    print("some output", flush=code is None)
    return code


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (2, 2), (None, 128 + signal.SIGPIPE)])
def test_a_command_whose_reader_has_left_keeps_its_code_unless_it_ends_there(monkeypatch, code, expected):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert signals.until_the_reader_leaves(lambda: prints_and_ends(code)) == expected
        output.write("what follows goes nowhere")


def test_a_command_may_have_no_output_at_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert signals.until_the_reader_leaves(lambda: 3) == 3


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("when", ["at once", "at the end"])
def test_an_output_that_takes_nothing_is_told_by_a_paragraph(when):
    program = "import sys; from ablation.runtime.signals import until_the_reader_leaves as call; "
    program += f"sys.exit(call(lambda: print('a', flush={when == 'at once'}) or 0))"
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert done.stderr.startswith("Standard output cannot be written (No space left on device). Received")


def test_an_error_of_a_file_is_not_taken_for_one_of_the_output():
    def fail():
        raise OSError(28, "No space left on device", "/tmp/file")

    with pytest.raises(OSError, match="/tmp/file"):
        signals.until_the_reader_leaves(fail)
