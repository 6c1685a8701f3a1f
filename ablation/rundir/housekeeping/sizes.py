"""The size of a directory on disk."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ablation.rundir.layout import RECORD


@dataclass
class Contents:
    """What a directory contains, at any depth. size: of its files, in bytes. runs: run directories inside of it."""

    size: int = 0
    runs: int = 0


def disk_size(directory: Path) -> int:
    """The bytes of the files in a directory, at any depth. Links count as themselves; what cannot be listed, as 0."""
    return contents(directory).size


def contents(directory: Path) -> Contents:
    """What a directory contains, without following links. What cannot be listed is left out."""
    counted = Contents()
    pending = [str(directory)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                pending += _count(entries, counted, is_inside=folder != str(directory))
        except OSError:
            continue
    return counted


def _count(entries: Iterable[os.DirEntry[str]], counted: Contents, is_inside: bool) -> list[str]:
    """Add the entries of one folder. Returns its subfolders. is_inside: the folder is below the directory."""
    folders = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
            continue
        counted.size += entry.stat(follow_symlinks=False).st_size
        counted.runs += is_inside and entry.name == RECORD
    return folders
