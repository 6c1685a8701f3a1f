"""How the cells of a sweep stand, told from what lies on the disk: right under any launcher and after any crash.

A run's own record says how the run ended; the story beside it says how its last process did, for a process that was
killed could not write into its record.
"""

import contextlib
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablation import data, run, rundir
from ablation.config import Config
from ablation.errors import AblateError, public


@dataclass(frozen=True)
class Cell:
    """One run of a sweep. trouble: why its data cannot be told now; the run may find it nevertheless."""

    config: Config
    overrides: tuple[str, ...]
    where: run.Place
    trouble: str | None = None


@dataclass(frozen=True)
class Row:
    """status: waiting, running, completed, failed, diverged or interrupted. log: where to look; None = nowhere."""

    name: str
    status: str
    record: dict[str, Any]
    reason: str | None = None
    log: Path | None = None


class Finder:
    """Finds the runs of configs, asking for each data set once."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any] | AblateError] = {}

    def __call__(self, cfg: Config) -> tuple[run.Place, str | None]:
        """Its place, and why its data cannot be told now."""
        key = json.dumps(dataclasses.asdict(cfg.data))
        if key not in self.known:
            try:
                self.known[key] = data.prepare(cfg.data)
            except AblateError as error:
                self.known[key] = error
        images = self.known[key]
        if isinstance(images, AblateError):  # a place for its log, until its data can be told
            return run.place(cfg, {"unknown": [cfg.data.root, cfg.data.dir]}), str(images)
        return run.place(cfg, images), None


def row(where: run.Place) -> Row:
    """How a cell stands."""
    record: dict[str, Any] = {}
    with contextlib.suppress(rundir.Unreadable):
        record = rundir.read_record(where.last)
    name, status, reason, log = where.last.name, record.get("status", "waiting"), record.get("error"), rundir.LOG
    if status == "diverged":
        reason = "its loss ceased to be a number"
    elif status != "completed":
        if rundir.held(where.outputs, where.name):
            return Row(name, "running", record)
        story = rundir.read_story(where.outputs, where.name)
        if story and story["status"] != "running":
            status, reason, log = story["status"], story["reason"], story["log"]
        elif story or status == "running":
            status, reason = "interrupted", "its process was killed"
    logs = {rundir.LOG: where.last / rundir.LOG, rundir.JOBS: rundir.job_log(where.outputs, where.name)}
    paths = [logs[log], *logs.values()]  # where the process said why, else where it said anything
    return Row(name, status, record, reason, next((p for p in paths if p.is_file() and p.stat().st_size), None))


def error(where: run.Place) -> str | None:
    """What a run that failed has written of it."""
    with contextlib.suppress(rundir.Unreadable):
        record = rundir.read_record(where.last)
        return record["error"] if record["status"] == "failed" else None


def begun(where: run.Place) -> int:
    """How many processes sweeps have begun for it so far."""
    story = rundir.read_story(where.outputs, where.name)
    return int(story["begun"]) if story else 0


def failed_since(where: run.Place, before: int) -> str | None:
    """Why it failed in another sweep that began a process after so many."""
    story = rundir.read_story(where.outputs, where.name)
    return str(story["reason"]) if story and story["status"] == "failed" and story["begun"] > before else None


def tell(where: run.Place, status: str, reason: str | None = None) -> None:
    """Write the story, and the end of a record that its process could not write. A full disk keeps neither."""
    reason, count = reason and public(reason), begun(where) + (status == "running")
    log = rundir.LOG if status in rundir.FINAL or error(where) else rundir.JOBS  # where the process said why
    with contextlib.suppress(OSError):
        story = {"status": status, "reason": reason, "log": log, "begun": count}
        rundir.write_story(where.outputs, where.name, story)
    if status == "running" or status in rundir.FINAL:
        return
    with contextlib.suppress(OSError, AblateError, rundir.Unreadable), rundir.claim(where.outputs, where.name):
        record = rundir.read_record(where.last)
        if record["status"] == "running":
            rundir.write_record(where.last, {**record, "status": status, "error": reason})
