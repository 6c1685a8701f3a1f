"""Find run directories below paths."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ablation.rundir.layout import RECORD

DEEPEST, MOST_ENTRIES = 32, 1_000_000  # folders below a path, and what is looked at in all of them


def find(paths: Iterable[Path]) -> list[Path]:
    """The run directories at or below the paths, each once, in the order of their names."""
    return discover(paths)[0]


def discover(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The run directories at or below the paths, as `find` gives them, and what was not looked into, with the reason.

    No link below a path is followed, and nothing is looked for within a run.
    """
    found: dict[Any, Path] = {}
    refused: list[tuple[Path, str]] = []
    left = MOST_ENTRIES
    roots = list(dict.fromkeys(path.parent if path.name == RECORD else path for path in paths))
    for root in roots:
        folders = [(str(root), 0)]
        while folders:
            folder, depth = folders.pop()
            try:
                if _has_record(folder):
                    found.setdefault(_place(folder) if len(roots) > 1 else folder, Path(folder))
                    continue
                names, seen = _folders(folder, left)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError) as error:  # ValueError: a path with a NUL
                refused.append((Path(folder), getattr(error, "strerror", None) or "no path"))
                continue
            left -= seen
            if names and depth == DEEPEST:
                refused.append((Path(folder), f"its folders lie more than {DEEPEST} deep and were not looked at"))
            elif left > 0:
                folders += [(os.path.join(folder, name), depth + 1) for name in reversed(names)]
            if left <= 0:
                refused.append((Path(root), f"has more than {MOST_ENTRIES:,} entries; the rest was not looked at"))
                return list(found.values()), refused
    return list(found.values()), refused


def _place(folder: str) -> tuple[int, int]:
    """Equal for two paths to one folder."""
    told = os.stat(folder)
    return told.st_dev, told.st_ino


def _has_record(folder: str) -> bool:
    try:
        return not stat.S_ISDIR(os.lstat(f"{folder}/{RECORD}").st_mode)
    except FileNotFoundError:
        return False


def _folders(folder: str, most: int) -> tuple[list[str], int]:
    """The folders in a folder by name, and how many entries were looked at. No links, nothing hidden."""
    names, seen = [], 0
    with os.scandir(folder) as entries:
        for seen, entry in enumerate(entries, 1):  # noqa: B007
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            if seen >= most:
                break
    return sorted(names), seen
