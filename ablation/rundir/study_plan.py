"""`plan.json` of a study."""

import json
import os
from itertools import islice
from pathlib import Path
from typing import Any

from ablation.rundir.files import Unreadable, digest, read_bounded
from ablation.rundir.layout import FORMAT, PLAN, STUDIES

FROZEN = ("study", "test", "cells", "comparisons", "fraction")  # what the hash of a plan is of


MOST_STUDIES = 1000  # folders that are looked into for plans


def plan_paths(outputs: Path) -> list[Path]:
    """The plans that lie below a root of outputs, by their places. No link is followed."""
    studies = outputs / STUDIES
    walked = () if studies.is_symlink() else islice(os.walk(studies), MOST_STUDIES)
    found = (Path(folder, PLAN) for folder, _, names in walked if PLAN in names)
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def read_plan(place: Path) -> dict[str, Any] | None:
    """plan.json as it was written; None where there is none, or it was changed by another hand."""
    try:
        told = json.loads(read_bounded(place))
        frozen = {k: told[k] for k in FROZEN}
        return told if told["format"] == FORMAT and told["hash"] == digest(frozen) else None
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None
