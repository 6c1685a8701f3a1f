"""Prepare the environment of a command, so that no missing home folder, cache or stream of output can stop it."""

import atexit
import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from ablation.errors import AblateError

FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "TMPDIR")  # variables that libraries read as paths
NO_KERAS_HOME = os.path.join(os.devnull, "keras")  # a folder that can neither exist nor be created
KERAS_SETTINGS = {  # allowed values in keras.json
    "floatx": ("float16", "float32", "float64"),
    "image_data_format": ("channels_last", "channels_first"),
}


def settle() -> None:
    """Change the environment variables of this process and its child processes where a library would fail on them.

    Raises AblateError if the working folder has been deleted.
    """
    _require_working_folder()
    _settle_folders()
    if not _is_keras_home_usable():
        os.environ["KERAS_HOME"] = NO_KERAS_HOME
    if not os.environ.get("SOURCE_DATE_EPOCH", "0").isdecimal():
        del os.environ["SOURCE_DATE_EPOCH"]  # Matplotlib reads it as a number


def settle_streams() -> None:
    """Make printing possible where a stream is closed, or where its encoding lacks a character."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # or else the next file that is opened would get this number, and all that is printed
            os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, True)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a test or a notebook may have replaced it
            stream.reconfigure(errors="replace")


def _require_working_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise AblateError(
            "The working folder does not exist any more. Received a command from a deleted folder. Allowed: an "
            "existing folder. Type cd and a folder first"
        ) from error


def _settle_folders() -> None:
    """Make paths absolute, with `~` for the home folder. A variable that is empty or has no home folder is unset."""
    if os.environ.get("HOME") == "":
        del os.environ["HOME"]  # the system then names the home folder; an empty one would be taken for /
    for name in FOLDERS:
        if name not in os.environ:
            continue
        folder = os.path.expanduser(os.environ[name])
        if folder and not folder.startswith("~"):
            os.environ[name] = os.path.abspath(folder)
        else:
            del os.environ[name]


def require_temporary_folder() -> None:
    """Raise AblateError if there is no folder for temporary files."""
    try:
        tempfile.gettempdir()
    except OSError as error:
        raise AblateError(
            f"There is no folder for temporary files. Received TMPDIR={os.environ.get('TMPDIR', '')}; /tmp, /var/tmp, "
            "/usr/tmp and the working folder are not writable either. Allowed: a writable folder. Type for example "
            "TMPDIR=/path/to/folder ablate …"
        ) from error


def use_own_temporary_folder() -> None:
    """Use a folder for temporary files that is deleted at exit, because TensorFlow leaves some.

    The exit handlers of libraries run before, and find their files in it.
    """
    with contextlib.suppress(OSError):  # a library that needs a file reports it
        folder = tempfile.mkdtemp(prefix="ablate_")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        tempfile.tempdir = folder


def _is_keras_home_usable() -> bool:
    """Return whether Keras can use its folder.

    Without a home folder TensorFlow would write to a folder named `~`, and with a read-only one Keras would read what
    another user left in /tmp. Neither can be imported if keras.json is damaged.
    """
    home = os.path.expanduser("~")
    folder = os.environ.get("KERAS_HOME")
    if folder is None:
        if home == "~" or not os.access(home, os.W_OK):
            return False
        folder = os.path.join(home, ".keras")
    return _can_import_keras_with(Path(os.path.expanduser(folder), "keras.json"))


def _can_import_keras_with(file: Path) -> bool:
    if not os.path.exists(file):
        return True
    try:
        settings = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(settings, dict) or not isinstance(settings.get("epsilon", 1e-7), float):
        return False
    return all(settings.get(key, allowed[0]) in allowed for key, allowed in KERAS_SETTINGS.items())
