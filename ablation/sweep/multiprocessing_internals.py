"""The parts of `multiprocessing` that have no public name, in one place. They are the same in Python 3.11 to 3.13.

The standard library has one fork server and one resource tracker in each process, and no public way to end them: they
end some time after the process that started them. A sweep ends them itself and waits, so that nothing is left when its
driver has ended.
"""

import multiprocessing.util
from multiprocessing import forkserver, resource_tracker


def stop_fork_server() -> None:
    """End this process's fork server, if there is one, and wait for it."""
    forkserver._forkserver._stop()  # pyright: ignore[reportAttributeAccessIssue]  # private, see above


def stop_resource_tracker() -> None:
    """End this process's resource tracker, if it started one, and wait for it. One that its parent started is left."""
    tracker = resource_tracker._resource_tracker
    if tracker._pid is not None:  # pyright: ignore[reportAttributeAccessIssue]  # private, see above
        tracker._stop()  # pyright: ignore[reportAttributeAccessIssue]  # private, see above


def temporary_folder() -> str:
    """The folder of this process's sockets, which `multiprocessing` deletes at its end, and a killed process cannot."""
    return multiprocessing.util.get_temp_dir()
