"""The status of the runs of a sweep, read from disk, so that it is correct with any launcher and after any crash.

A run's record states how the run ended. A separate job status states how its last process ended, because a killed
process cannot update its record.
"""

import contextlib
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablation.config.run_request import RunConfig
from ablation.errors import AblateError
from ablation.redaction import public
from ablation.run.place import RunLocation
from ablation.rundir import claim, files, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.job_status import DIVERGED, KILLED, JobStatus, read_job_status, write_job_status
from ablation.rundir.record import COMMAND, RunRecord


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep. problem: the reason if its data cannot be read now; it may be readable later."""

    config: RunConfig
    overrides: tuple[str, ...]
    where: RunLocation
    problem: str | None = None


@dataclass(frozen=True)
class Row:
    """The status of one run.

    status: waiting, running, completed, failed, diverged or interrupted. record: None if there is none yet.
    log: the log with details; None if there is none.
    """

    name: str
    status: str
    record: RunRecord | None
    reason: str | None = None
    log: Path | None = None


@dataclass(frozen=True)
class _Ending:
    """How a run ended. log: the log with the reason: `LOG` of the run, or `JOBS` of the sweep."""

    status: str
    reason: str | None
    log: str = layout.LOG


def row(where: RunLocation) -> Row:
    """The status of a run. Only reads files."""
    directory = where.last
    record = _record(directory)
    ended = record is not None and record.is_final
    if not ended and claim.is_claimed(where.outputs, where.name):
        return Row(directory.name, "running", record)
    ending = _ending(where, record)
    logs = [directory / layout.LOG, layout.job_log(where.outputs, where.name)]
    if ending.log == layout.JOBS:
        logs.reverse()
    return Row(directory.name, ending.status, record, ending.reason, _first_log(logs))


def _ending(where: RunLocation, record: RunRecord | None) -> _Ending:
    """The status of a run that no process has claimed."""
    if record is not None and record.status == "diverged":
        return _Ending("diverged", record.error if record.kind == COMMAND else DIVERGED)
    if record is not None and record.status == "completed":
        return _Ending("completed", record.error)
    job = read_job_status(where.outputs, where.name)
    if job is not None and job.status != "running":
        return _Ending(job.status, job.reason, job.log)
    if job is not None or (record is not None and record.status == "running"):
        return _Ending("interrupted", KILLED)
    return _Ending("waiting", None) if record is None else _Ending(record.status, record.error)


def _first_log(paths: Sequence[Path]) -> Path | None:
    """The first log that is not empty."""
    for path in paths:
        if path.is_file() and path.stat().st_size:
            return path
    return None


def _record(directory: Path) -> RunRecord | None:
    try:
        return rundir_record.read_record(directory)
    except files.Unreadable:
        return None


def error(where: RunLocation) -> str | None:
    """The error in the record of a failed run; None for any other run."""
    record = _record(where.last)
    return record.error if record is not None and record.status == "failed" else None


def begun(where: RunLocation) -> int:
    """The number of processes that sweeps have started for the run so far."""
    job = read_job_status(where.outputs, where.name)
    return 0 if job is None else job.begun


def failure_after(where: RunLocation, before: int) -> str | None:
    """The failure that another sweep recorded, if it started more than `before` processes; otherwise None."""
    job = read_job_status(where.outputs, where.name)
    if job is None or job.status != "failed" or job.begun <= before:
        return None
    return str(job.reason)


def record_status(where: RunLocation, status: str, reason: str | None = None) -> None:
    """Write the job status, and the final status in the record if its process could not. Ignores a full disk."""
    reason = reason and public(reason)
    count = begun(where) + (status == "running")
    has_reason_in_log = status in layout.FINAL or error(where)
    with contextlib.suppress(OSError):
        job = JobStatus(status, reason, layout.LOG if has_reason_in_log else layout.JOBS, count)
        write_job_status(where.outputs, where.name, job)
    if status != "running" and status not in layout.FINAL:
        _end_record(where, status, reason)


def _end_record(where: RunLocation, status: str, reason: str | None) -> None:
    """Set the final status of a record that says `running` although its process has ended."""
    with contextlib.suppress(OSError, AblateError, files.Unreadable), claim.claim(where.outputs, where.name):
        record = rundir_record.read_record(where.last)
        if record.status == "running":
            rundir_record.write_record(where.last, dataclasses.replace(record, status=status, error=reason))
