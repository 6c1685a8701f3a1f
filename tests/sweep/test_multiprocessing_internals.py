"""The private names that are used are there, and harmless where nothing was started."""

import subprocess
import sys
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

import pytest

from ablation.sweep import multiprocessing_internals


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (forkserver._forkserver, "_stop"),
        (resource_tracker._resource_tracker, "_stop"),
        (resource_tracker._resource_tracker, "_pid"),
    ],
)
def test_the_private_names_are_there(owner, name):
    assert hasattr(owner, name)


def test_the_temporary_folder_is_one_and_stays():
    folder = multiprocessing_internals.temporary_folder()
    assert Path(folder).is_dir() and multiprocessing_internals.temporary_folder() == folder


def test_server_and_tracker_end_at_once_and_nothing_is_ended_twice():
    """In a process of its own, which has none of pytest's."""
    script = """
import os
from multiprocessing import forkserver, resource_tracker
from ablation.sweep import multiprocessing_internals
multiprocessing_internals.stop_fork_server()
multiprocessing_internals.stop_resource_tracker()
forkserver.ensure_running()
pids = [forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid]
assert all(pids), pids
for _ in range(2):
    multiprocessing_internals.stop_fork_server()
    multiprocessing_internals.stop_resource_tracker()
for pid in pids:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        continue
    raise SystemExit(f"{pid} is alive")
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
