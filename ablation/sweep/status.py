"""How the runs of a sweep are doing, from what lies on the disk: right under any launcher and after any crash.

A run's own record says how the run ended; the job status beside it says how its last process did, because a process
that was killed could not write into its record.
"""

import contextlib
import dataclasses
from dataclasses import dataclass
from pathlib import Path

from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.redaction import public
from ablation.run.place import RunLocation
from ablation.rundir import claim, files, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.job_status import JobStatus, read_job_status, write_job_status
from ablation.rundir.record import RunRecord

KILLED = "its process was killed"
DIVERGED = "its loss became NaN or infinite"


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep. problem: why its data cannot be read now; the run may find it nevertheless."""

    config: Config
    overrides: tuple[str, ...]
    where: RunLocation
    problem: str | None = None


@dataclass(frozen=True)
class Row:
    """How one run is doing.

    status: waiting, running, completed, failed, diverged or interrupted. record: None where there is none yet. log:
    where to look; None where there is nothing.
    """

    name: str
    status: str
    record: RunRecord | None
    reason: str | None = None
    log: Path | None = None


@dataclass(frozen=True)
class _Ending:
    """log: where the process said why, `LOG` or `JOBS`."""

    status: str
    reason: str | None
    log: str = layout.LOG


def row(where: RunLocation) -> Row:
    """How a run is doing. Reads and writes nothing else."""
    record = _record(where)
    ended = record is not None and record.is_final
    if not ended and claim.is_claimed(where.outputs, where.name):
        return Row(where.last.name, "running", record)
    ending = _ending(where, record)
    return Row(where.last.name, ending.status, record, ending.reason, _log(where, ending.log))


def _ending(where: RunLocation, record: RunRecord | None) -> _Ending:
    """How a run ended that no process holds."""
    if record is not None and record.status == "diverged":
        return _Ending("diverged", DIVERGED)
    if record is not None and record.status == "completed":
        return _Ending("completed", record.error)
    job = read_job_status(where.outputs, where.name)
    if job is not None and job.status != "running":
        return _Ending(job.status, job.reason, job.log)
    if job is not None or (record is not None and record.status == "running"):
        return _Ending("interrupted", KILLED)
    return _Ending("waiting", None) if record is None else _Ending(record.status, record.error)


def _log(where: RunLocation, first: str) -> Path | None:
    """The log in which the process said why, else one in which it said anything."""
    own, of_job = where.last / layout.LOG, layout.job_log(where.outputs, where.name)
    paths = [of_job, own] if first == layout.JOBS else [own, of_job]
    for path in paths:
        if path.is_file() and path.stat().st_size:
            return path
    return None


def _record(where: RunLocation) -> RunRecord | None:
    try:
        return rundir_record.read_record(where.last)
    except files.Unreadable:
        return None


def error(where: RunLocation) -> str | None:
    """What a run that failed has written of it."""
    record = _record(where)
    return record.error if record is not None and record.status == "failed" else None


def begun(where: RunLocation) -> int:
    """How many processes sweeps have started for it so far."""
    job = read_job_status(where.outputs, where.name)
    return 0 if job is None else job.begun


def failure_after(where: RunLocation, before: int) -> str | None:
    """The failure that another sweep recorded, if it began a process after this number of them."""
    job = read_job_status(where.outputs, where.name)
    if job is None or job.status != "failed" or job.begun <= before:
        return None
    return str(job.reason)


def record_status(where: RunLocation, status: str, reason: str | None = None) -> None:
    """Write the job status, and the end of a record that its process could not write. A full disk keeps neither."""
    reason = reason and public(reason)
    count = begun(where) + (status == "running")
    run_said_why = status in layout.FINAL or error(where)
    with contextlib.suppress(OSError):
        job = JobStatus(status, reason, layout.LOG if run_said_why else layout.JOBS, count)
        write_job_status(where.outputs, where.name, job)
    if status != "running" and status not in layout.FINAL:
        _end_record(where, status, reason)


def _end_record(where: RunLocation, status: str, reason: str | None) -> None:
    """End a record that says `running` and whose process is gone."""
    with contextlib.suppress(OSError, AblateError, files.Unreadable), claim.claim(where.outputs, where.name):
        record = rundir_record.read_record(where.last)
        if record.status == "running":
            rundir_record.write_record(where.last, dataclasses.replace(record, status=status, error=reason))
