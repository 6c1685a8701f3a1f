"""SIGINT and SIGTERM: at once while nothing can be saved, gracefully while a loop looks, at once the second time."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

HEAD = "import os, signal, sys, time, hashlib; from ablation.runtime.signals import ASKED, stopping, leave_at_once\n"
LONG = "hashlib.pbkdf2_hmac('sha512', b'x', b'y', 50_000_000)"  # half a minute in one native call


def run(script: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", HEAD + script], capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_it_leaves_at_once_with_its_last_words_also_out_of_native_code(name, code):
    script = f"""
import threading
with stopping() as stop:
    stop.last_words = lambda: os.write(1, b"last words")
    threading.Timer(0.3, os.kill, (os.getpid(), signal.{name})).start()
    {LONG}
"""
    assert run(script) == (code, "last words")


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


def test_afterwards_the_handling_of_before_stands():
    script = """
before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
with stopping():
    pass
print(before == (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)))
"""
    assert run(script) == (0, "True\n")


def test_before_there_is_a_run_a_signal_ends_the_process_without_a_word():
    assert run("leave_at_once(); os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)") == (143, "")
