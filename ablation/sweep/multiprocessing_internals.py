"""The only uses of private parts of `multiprocessing`, which are the same in Python 3.11 to 3.13.

Each process has one fork server and one resource tracker, and no public way to stop them: they end some time after the
process that started them. A sweep stops both and waits, so that no process outlives its driver.
"""

import multiprocessing.util
from multiprocessing import forkserver, resource_tracker


def stop_fork_server() -> None:
    """Stop this process's fork server, if there is one, and wait for it."""
    forkserver._forkserver._stop()  # pyright: ignore[reportAttributeAccessIssue]  # private, see above


def stop_resource_tracker() -> None:
    """Stop the resource tracker that this process started, if any, and wait for it; not a parent's tracker."""
    tracker = resource_tracker._resource_tracker
    if tracker._pid is not None:  # pyright: ignore[reportAttributeAccessIssue]  # private, see above
        tracker._stop()  # pyright: ignore[reportAttributeAccessIssue]  # private, see above


def temporary_folder() -> str:
    """The folder of this process's sockets. `multiprocessing` deletes it at exit, but not if the process is killed."""
    return multiprocessing.util.get_temp_dir()
