"""The private names that are used are there, and harmless where nothing was started."""

import os
import subprocess
import sys
import tempfile
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


def sockets(temporary: Path, system_folders: str = "multiprocessing_internals.SYSTEM_FOLDERS") -> tuple[Path, str]:
    """The folder for sockets of a new process with this TMPDIR, and whether a socket can be there."""
    script = f"""
import socket, tempfile
from multiprocessing import connection
from ablation.sweep import multiprocessing_internals
multiprocessing_internals.SYSTEM_FOLDERS = {system_folders}
folder = multiprocessing_internals.temporary_folder()
assert tempfile.mkdtemp().startswith({str(temporary)!r}) and folder == multiprocessing_internals.temporary_folder()
try:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(connection.arbitrary_address("AF_UNIX"))
    possible = True
except OSError:
    possible = False
assert possible is multiprocessing_internals.can_have_sockets()
print(folder)
print(possible)
"""
    env = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True)
    folder, possible = done.stdout.splitlines()
    assert not Path(folder).exists() and not done.stderr
    return Path(folder), possible


def test_sockets_are_where_temporary_files_are():
    with tempfile.TemporaryDirectory(prefix="ü ", dir="/tmp") as short:
        folder, possible = sockets(Path(short))
    assert folder.parent == Path(short) and possible == "True"


def test_sockets_are_elsewhere_if_temporary_files_are_at_a_long_path(tmp_path):
    long = tmp_path / ("ü" * 60)
    long.mkdir()
    folder, possible = sockets(long)
    assert long not in folder.parents and possible == "True"


def test_no_folder_may_be_short_enough(tmp_path):
    long = tmp_path / ("ü" * 60)
    long.mkdir()
    folder, possible = sockets(long, "('/no_such_folder',)")
    assert folder.parent == long and possible == "False"


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
