"""How the cells of a sweep stand, told from what lies on the disk: right under any launcher and after any crash.

A run's own record says how the run ended; the story beside it says how its last process did, for a process that was
killed could not write into its record.
"""

import contextlib
import dataclasses
from dataclasses import dataclass
from pathlib import Path

from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.redaction import public
from ablation.run import place
from ablation.rundir import claim, files, job_status, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep. trouble: why its data cannot be told now; the run may find it nevertheless."""

    config: Config
    overrides: tuple[str, ...]
    where: place.RunLocation
    trouble: str | None = None


@dataclass(frozen=True)
class Row:
    """status: waiting, running, completed, failed, diverged or interrupted. record: None where there is none yet.

    log: where to look; None = nowhere.
    """

    name: str
    status: str
    record: RunRecord | None
    reason: str | None = None
    log: Path | None = None


def row(where: place.RunLocation) -> Row:
    """How a cell stands."""
    record: RunRecord | None = None
    with contextlib.suppress(files.Unreadable):
        record = rundir_record.read_record(where.last)
    name, status, reason, log = where.last.name, "waiting", None, layout.LOG
    if record is not None:
        status, reason = record.status, record.error
    if status == "diverged":
        reason = "its loss ceased to be a number"
    elif status != "completed":
        if claim.is_claimed(where.outputs, where.name):
            return Row(name, "running", record)
        story = job_status.read_job_status(where.outputs, where.name)
        if story and story["status"] != "running":
            status, reason, log = story["status"], story["reason"], story["log"]
        elif story or status == "running":
            status, reason = "interrupted", "its process was killed"
    logs = {layout.LOG: where.last / layout.LOG, layout.JOBS: layout.job_log(where.outputs, where.name)}
    paths = [logs[log], *logs.values()]  # where the process said why, else where it said anything
    return Row(name, status, record, reason, next((p for p in paths if p.is_file() and p.stat().st_size), None))


def error(where: place.RunLocation) -> str | None:
    """What a run that failed has written of it."""
    with contextlib.suppress(files.Unreadable):
        record = rundir_record.read_record(where.last)
        return record.error if record.status == "failed" else None


def begun(where: place.RunLocation) -> int:
    """How many processes sweeps have begun for it so far."""
    story = job_status.read_job_status(where.outputs, where.name)
    return int(story["begun"]) if story else 0


def failure_after(where: place.RunLocation, before: int) -> str | None:
    """Why it failed in another sweep that began a process after so many."""
    story = job_status.read_job_status(where.outputs, where.name)
    return str(story["reason"]) if story and story["status"] == "failed" and story["begun"] > before else None


def record_status(where: place.RunLocation, status: str, reason: str | None = None) -> None:
    """Write the story, and the end of a record that its process could not write. A full disk keeps neither."""
    reason, count = reason and public(reason), begun(where) + (status == "running")
    log = layout.LOG if status in layout.FINAL or error(where) else layout.JOBS  # where the process said why
    with contextlib.suppress(OSError):
        story = {"status": status, "reason": reason, "log": log, "begun": count}
        job_status.write_job_status(where.outputs, where.name, story)
    if status == "running" or status in layout.FINAL:
        return
    with contextlib.suppress(OSError, AblateError, files.Unreadable), claim.claim(where.outputs, where.name):
        record = rundir_record.read_record(where.last)
        if record.status == "running":
            rundir_record.write_record(where.last, dataclasses.replace(record, status=status, error=reason))
