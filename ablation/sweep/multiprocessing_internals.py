"""The only uses of private parts of `multiprocessing`, which are the same in Python 3.11 to 3.13.

Each process has one fork server and one resource tracker, and no public way to stop them: they end some time after the
process that started them. A sweep stops both and waits, so that no process outlives its driver.
"""

import multiprocessing.util
import os
import tempfile
from multiprocessing import forkserver, resource_tracker

SYSTEM_FOLDERS = ("/tmp", "/var/tmp", "/usr/tmp")  # used if TMPDIR is too long
LONGEST_ADDRESS = 103  # bytes of a socket's path on macOS; 107 on Linux
FOLDER, SOCKET = "/pymp-12345678", "/listener-12345678"  # what `multiprocessing` appends to the temporary folder


def stop_fork_server() -> None:
    """Stop this process's fork server, if there is one, and wait for it."""
    forkserver._forkserver._stop()  # pyright: ignore[reportAttributeAccessIssue]  # private, see above


def stop_resource_tracker() -> None:
    """Stop the resource tracker that this process started, if any, and wait for it; not a parent's tracker."""
    tracker = resource_tracker._resource_tracker
    if tracker._pid is not None:  # pyright: ignore[reportAttributeAccessIssue]  # private, see above
        tracker._stop()  # pyright: ignore[reportAttributeAccessIssue]  # private, see above


def temporary_folder() -> str:
    """The folder of this process's sockets. `multiprocessing` deletes it at exit, but not if the process is killed.

    It is created where the paths of sockets are short enough, which TMPDIR may not be.
    """
    before = tempfile.tempdir
    tempfile.tempdir = _parent_folder()
    try:
        return multiprocessing.util.get_temp_dir()
    finally:
        tempfile.tempdir = before


def _parent_folder() -> str:
    default = tempfile.gettempdir()
    for folder in (default, *SYSTEM_FOLDERS):
        if _is_short(folder + FOLDER + SOCKET) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return default


def can_have_sockets() -> bool:
    """Return whether the path of a socket in this process's folder is short enough."""
    return _is_short(temporary_folder() + SOCKET)


def _is_short(address: str) -> bool:
    return len(os.fsencode(address)) <= LONGEST_ADDRESS
