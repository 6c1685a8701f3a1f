"""Which process holds a run."""

import os
import subprocess
import sys

import pytest

from ablation.errors import AblateError, Busy
from ablation.rundir import claim, layout
from ablation.rundir.record import RunRecord

HOLDER = """
import sys, time
from pathlib import Path
from ablation.rundir import claim
with claim.claim(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_is_claimed_while_it_is_held(tmp_path):
    assert not claim.is_claimed(tmp_path, "run")
    with claim.claim(tmp_path, "run"):
        assert claim.is_claimed(tmp_path, "run") and not claim.is_claimed(tmp_path, "other")
    assert not claim.is_claimed(tmp_path, "run")


def test_a_second_process_is_refused_until_the_holder_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match="run is being run by another process"), claim.claim(tmp_path, "run"):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with claim.claim(tmp_path, "run"):
        pass


def test_a_run_behind_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AblateError, match="A file or folder of a run is a symbolic link"), claim.claim(tmp_path, "run"):
        pass


def test_a_pipe_in_the_place_of_the_lock_blocks_nobody(tmp_path):
    (tmp_path / layout.CLAIMS).mkdir()
    os.mkfifo(tmp_path / layout.CLAIMS / "run.lock")
    assert claim.is_claimed(tmp_path, "run") in (True, False)


def test_a_record_that_says_running_is_believed_while_the_run_is_held(tmp_path):
    running = RunRecord("running")
    for name in ("run", "run.2"):
        assert claim.status(tmp_path / name, running) == "interrupted"
        with claim.claim(tmp_path, "run"):
            assert claim.status(tmp_path / name, running) == "running"
    assert claim.status(tmp_path / "run", RunRecord("diverged")) == "diverged"
