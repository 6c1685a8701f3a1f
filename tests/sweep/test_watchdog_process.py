"""The watchdog's own process: it kills the groups of a driver that died, after some seconds, and no others."""

import os
import signal
import subprocess
import sys
import time

import pytest

from ablation.sweep import watchdog_process

pytestmark = pytest.mark.integration


def sleeper():
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)


@pytest.fixture
def jobs():
    """Two processes in groups of their own."""
    started = [sleeper(), sleeper()]
    yield started
    for process in started:
        process.kill()
        process.wait()


def watch(folder, lines, grace="0.2"):
    words = [sys.executable, "-I", "-S", watchdog_process.__file__, grace, str(folder)]
    subprocess.run(words, input=lines, text=True, timeout=30, check=True)


def test_a_driver_that_ends_in_order_has_nothing_killed(jobs, tmp_path):
    watch(tmp_path, f"+{jobs[0].pid}\nend\n")
    assert watchdog_process.alive([job.pid for job in jobs]) == {job.pid for job in jobs} and tmp_path.exists()


def test_of_a_driver_that_died_only_watched_jobs_are_killed(jobs, tmp_path):
    watched, forgotten = jobs
    watch(tmp_path, f"+{watched.pid}\n+{forgotten.pid}\n-{forgotten.pid}\n")
    assert watched.wait(10) == -signal.SIGKILL and forgotten.poll() is None
    assert not tmp_path.exists()


def test_a_job_that_ends_in_time_is_waited_for_no_longer(tmp_path):
    job = sleeper()
    os.killpg(job.pid, signal.SIGTERM)
    job.wait()
    began = time.monotonic()
    watch(tmp_path, f"+{job.pid}\n", grace="20")
    assert time.monotonic() - began < 15 and watchdog_process.alive([job.pid]) == set()
