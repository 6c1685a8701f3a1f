"""Delete runs: each is first renamed to a hidden folder beside it, so that an interrupted deletion can be completed."""

import os
import re
import secrets
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path

from ablation.errors import AblateError
from ablation.rundir import claim, layout
from ablation.rundir.housekeeping.sizes import contents

TRASH = re.compile(r"\.[0-9a-f]{16}\.trash")  # the name of a run that is being deleted


class Deletion:
    """The deletion of runs from one folder, which is the root of their outputs."""

    def __init__(self, root: Path):
        self.root = root
        self._attempts = Counter(map(layout.base_name, _names(root)))

    def delete(self, directory: Path) -> None:
        """Delete a run directory, if it exists, and with the last one of a run the files that sweeps wrote about it.

        Raises Busy if a process holds the run, AblateError if it is a link or contains another run, OSError.
        """
        run = layout.base_name(directory.name)
        with claim.claim_directory(directory):
            trash = _renamed(directory) if os.path.lexists(directory) else None
            self._attempts[run] -= 1
            if self._attempts[run] <= 0:
                self._delete_files_of(run)
        if trash is not None:
            shutil.rmtree(trash)

    def _delete_files_of(self, run: str) -> None:
        """Delete the lock of a run, while it is held, and its log and status from sweeps."""
        for path in (
            layout.job_log(self.root, run),
            layout.job_record(self.root, run),
            layout.lock_path(self.root, run),
        ):
            with suppress(OSError):
                path.unlink()


def _renamed(directory: Path) -> Path:
    """Rename a run directory to a hidden name. Raises AblateError, OSError."""
    if directory.is_symlink():
        raise AblateError(
            f"A run is a symbolic link. Received {directory}, which points to {os.readlink(directory)}. Allowed: a "
            "directory. Type the directory itself"
        )
    if contents(directory).runs:
        raise AblateError(
            f"A run directory contains another run. Received {directory}. Allowed: a directory with the files of one "
            "run. Move the other run away first"
        )
    trash = directory.with_name(f".{secrets.token_hex(8)}.trash")
    os.rename(directory, trash)
    return trash


def unfinished(root: Path) -> list[Path]:
    """The runs in a folder whose deletion was interrupted."""
    paths = [root / name for name in _names(root) if TRASH.fullmatch(name)]
    return [path for path in paths if path.is_dir() and not path.is_symlink()]


def complete(root: Path) -> int:
    """Delete what interrupted deletions have left in a folder. Returns the number of runs. Raises OSError."""
    left = unfinished(root)
    for path in left:
        shutil.rmtree(path)
    return len(left)


def _names(root: Path) -> list[str]:
    try:
        return os.listdir(root)
    except OSError:
        return []
