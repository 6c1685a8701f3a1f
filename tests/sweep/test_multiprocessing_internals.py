"""The private names that are used are there, and harmless where nothing was started."""

import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from multiprocessing import connection, forkserver, resource_tracker
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


@pytest.fixture
def new_folder(monkeypatch):
    """As in a process that has no folder for sockets so far. Returns the folder for a TMPDIR."""
    config = multiprocessing.process.current_process()._config

    def of(temporary: Path) -> str:
        monkeypatch.setitem(config, "tempdir", None)
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        folder = multiprocessing_internals.temporary_folder()
        assert tempfile.tempdir == str(temporary)
        made.append(folder)
        return folder

    made: list[str] = []
    yield of
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


def test_sockets_are_where_temporary_files_are(new_folder):
    with tempfile.TemporaryDirectory(prefix="ü ", dir="/tmp") as short:
        assert Path(new_folder(Path(short))).parent == Path(short) and multiprocessing_internals.can_have_sockets()


def test_sockets_are_elsewhere_if_temporary_files_are_at_a_long_path(new_folder, tmp_path):
    long = tmp_path / ("ü" * 60)
    long.mkdir()
    folder = new_folder(long)
    assert long not in Path(folder).parents and multiprocessing_internals.can_have_sockets()
    with socket.socket(socket.AF_UNIX) as listener:
        address = connection.arbitrary_address("AF_UNIX")
        assert len(os.fsencode(address)) == len(os.fsencode(folder + multiprocessing_internals.SOCKET))
        listener.bind(address)


def test_no_folder_may_be_short_enough(new_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(multiprocessing_internals, "SYSTEM_FOLDERS", (str(tmp_path / "missing"),))
    long = tmp_path / ("ü" * 60)
    long.mkdir()
    assert Path(new_folder(long)).parent == long and not multiprocessing_internals.can_have_sockets()


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
