"""The paths that a caller gives: one or several, as text or as path objects."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def as_paths(paths: Paths) -> list[Path]:
    """One path, or each of several, without `~`."""
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    return [Path(path).expanduser() for path in several]
