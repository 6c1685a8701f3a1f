"""The processes that a program starts."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from ablation.run.program import family

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to this process")


def test_only_processes_of_the_context_are_listed():
    before = subprocess.Popen(["sleep", "300"])
    try:
        with family.started() as processes:
            within = subprocess.Popen(["sleep", "300"])
            assert [each.pid for each in processes()] == [within.pid]
            family.terminate(processes())
            within.wait()
            assert family.alive(processes()) == []
        assert before.poll() is None
    finally:
        before.kill()
        before.wait()


@linux
def test_an_orphan_is_listed_and_collected():
    with family.started() as processes:
        subprocess.run(["bash", "-c", "setsid sleep 300 & exit 0"], check=True)
        (orphan,) = processes()
        assert family.descendants(os.getpid()).count(orphan.pid) == 1
        while family.name(orphan) != "sleep":  # bash becomes setsid, which becomes sleep
            time.sleep(0.01)
        family.kill([orphan])
    assert not psutil.pid_exists(orphan.pid)


def test_a_process_that_has_ended_has_no_descendants():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert family.descendants(ended.pid) == []
