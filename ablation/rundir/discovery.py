"""Find run directories below paths."""

import contextlib
import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ablation.rundir.layout import RECORD

MAX_DEPTH, MAX_ENTRIES = 32, 1_000_000  # nesting below a path, and entries visited in total


@dataclass
class Discovery:
    """The result of a search. runs: the run directories, without duplicates. refused: paths not searched, and why."""

    runs: list[Path] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)


def find(paths: Iterable[Path]) -> list[Path]:
    """The run directories at or below the paths, without duplicates, sorted by name."""
    return discover(paths).runs


def discover(paths: Iterable[Path]) -> Discovery:
    """The run directories at or below the paths, as from `find`, and the paths that were not searched.

    Symbolic links below a path are not followed, and run directories are not searched for further runs.
    """
    roots = list(dict.fromkeys(path.parent if path.name == RECORD else path for path in paths))
    search = _Search(several_roots=len(roots) > 1)
    for root in roots:
        search.walk(root)
        if search.left <= 0:
            break
    return Discovery(list(search.runs.values()), search.refused)


def count_beside(folders: Iterable[Path], known: Collection[Path]) -> int:
    """The number of run directories directly in these folders that are not among the known ones."""
    names_in: dict[str, set[str]] = {}
    for path in known:
        names_in.setdefault(os.path.dirname(path), set()).add(os.path.basename(path))
    count = 0
    for folder in folders:
        known_names = names_in.get(str(folder), set())
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            names = {entry.name for entry in entries if not entry.name.startswith(".")}
            others = [os.path.join(folder, name) for name in names - known_names]
            count += sum(_has_record(path) for path in others if os.path.isdir(path))
    return count


class _Search:
    """A walk over folders. left: the number of entries that may still be visited."""

    def __init__(self, several_roots: bool):
        self.several_roots = several_roots
        self.runs: dict[object, Path] = {}
        self.refused: list[tuple[Path, str]] = []
        self.left = MAX_ENTRIES

    def walk(self, root: Path) -> None:
        """Search a folder recursively, depth first, in the order of names."""
        pending = [(str(root), 0)]
        while pending:
            folder, depth = pending.pop()
            names = self._visit(folder)
            if self.left <= 0:
                self._refuse(root, f"has more than {MAX_ENTRIES:,} entries; the rest was not searched")
                return
            if names and depth == MAX_DEPTH:
                self._refuse(folder, f"its folders are nested more than {MAX_DEPTH} deep and were not searched")
                continue
            for name in reversed(names):
                pending.append((os.path.join(folder, name), depth + 1))

    def _visit(self, folder: str) -> list[str]:
        """Add the folder if it is a run; otherwise return the names of its subfolders."""
        try:
            if _has_record(folder):
                self.runs.setdefault(_inode(folder) if self.several_roots else folder, Path(folder))
                return []
            return self._folders(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._refuse(folder, error.strerror or "cannot be read")
        except ValueError:  # the path contains a NUL
            self._refuse(folder, "is not a valid path")
        return []

    def _folders(self, folder: str) -> list[str]:
        """The names of the subfolders, sorted, without symbolic links and hidden ones."""
        names = []
        with os.scandir(folder) as entries:
            for entry in entries:
                self.left -= 1
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                    names.append(entry.name)
                if self.left <= 0:
                    break
        return sorted(names)

    def _refuse(self, folder: str | Path, reason: str) -> None:
        self.refused.append((Path(folder), reason))


def _inode(folder: str) -> tuple[int, int]:
    """Device and inode, which are equal for two paths to the same folder."""
    status = os.stat(folder)
    return status.st_dev, status.st_ino


def _has_record(folder: str) -> bool:
    try:
        return not stat.S_ISDIR(os.lstat(f"{folder}/{RECORD}").st_mode)
    except FileNotFoundError:
        return False
