"""How a job's process ended, from its exit code. Real processes are tested in `integration/test_sweep`."""

import signal

import pytest

from ablation.sweep import worker
from ablation.sweep.worker import Ending


@pytest.mark.parametrize("code", [130, 143])
def test_a_process_that_left_at_a_signal_was_interrupted(code):
    assert worker.ending_of(code) == Ending(code)


@pytest.mark.parametrize(
    ("code", "killed_by"),
    [
        (-signal.SIGKILL, "SIGKILL (out of memory?)"),
        (-signal.SIGSEGV, "SIGSEGV"),
        (-200, "signal 200"),
    ],
)
def test_a_killed_process_may_be_tried_again(code, killed_by):
    assert worker.ending_of(code) == Ending(None, f"its process was killed by {killed_by}", killed=True)


def test_a_job_dies_with_its_server():
    ending = worker.ending_of(worker.SERVER_DIED)
    assert ending.killed and ending.reason == "its process was killed together with its fork server"


@pytest.mark.parametrize("code", [0, 1, 17])
def test_a_process_that_exits_without_a_report_has_failed(code):
    ending = worker.ending_of(code)
    assert ending == Ending(None, f"its process exited with code {code} before the end of the run")
    assert worker.killer(code) is None
