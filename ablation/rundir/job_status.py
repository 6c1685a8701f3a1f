"""The status of a sweep's job, kept apart because a killed process cannot write it into its run's record."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablation.rundir.files import Unreadable, read_bounded, record_checksum, replace
from ablation.rundir.layout import FORMAT, JOBS, LOG, job_record

KILLED = "its process was killed"
DIVERGED = "its loss became NaN or infinite"


@dataclass(frozen=True)
class JobStatus:
    """The status of a job.

    status: as in a record. reason: of the failure. log: where its details are: LOG of the run, or JOBS of the sweep.
    begun: the number of processes that sweeps have started for the run so far.
    """

    status: str
    reason: str | None
    log: str
    begun: int


def write_job_status(outputs: Path, run: str, job: JobStatus) -> None:
    """Write the status of a sweep's job atomically. Raises OSError."""
    (outputs / JOBS).mkdir(parents=True, exist_ok=True)
    values = {"status": job.status, "reason": job.reason, "log": job.log, "begun": job.begun, "format": FORMAT}
    values["checksum"] = record_checksum(values)
    replace(job_record(outputs, run), json.dumps(values).encode())


def read_job_status(outputs: Path, run: str) -> JobStatus | None:
    """The last status of a sweep's job; None if no sweep has run it or the file is damaged."""
    try:
        values = json.loads(read_bounded(job_record(outputs, run)))
        if values["checksum"] != record_checksum(values):
            return None
        return _job_status(values)
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None


def _job_status(values: dict[str, Any]) -> JobStatus | None:
    status, reason, log, begun = values["status"], values["reason"], values["log"], values["begun"]
    if not isinstance(status, str) or not isinstance(reason, str | None):
        return None
    if log not in (LOG, JOBS) or not isinstance(begun, int):
        return None
    return JobStatus(status, reason, log, begun)
