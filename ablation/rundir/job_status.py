"""How a sweep's job stands or ended."""

import json
from pathlib import Path
from typing import Any

from ablation.rundir.files import Unreadable, read_bounded, record_checksum, replace
from ablation.rundir.layout import FORMAT, JOBS, LOG


def write_job_status(outputs: Path, run: str, story: dict[str, Any]) -> None:
    """Keep how a sweep's job stands or ended, whole or not at all. Raises OSError."""
    (outputs / JOBS).mkdir(parents=True, exist_ok=True)
    story = {**story, "format": FORMAT}
    replace(outputs / JOBS / f"{run}.json", json.dumps({**story, "checksum": record_checksum(story)}).encode())


def read_job_status(outputs: Path, run: str) -> dict[str, Any] | None:
    """How a sweep's job stood last; None where no sweep has run it, or what is there is no such file."""
    try:
        story = json.loads(read_bounded(outputs / JOBS / f"{run}.json"))
        types = {"status": str, "reason": str | None, "log": str, "begun": int}
        sound = story["checksum"] == record_checksum(story) and all(isinstance(story[k], types[k]) for k in types)
        return story if sound and story["log"] in (LOG, JOBS) else None
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None
