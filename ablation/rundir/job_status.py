"""How a sweep's job is doing, or how it ended: kept beside its run for the next sweep, and for the table."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ablation.rundir.files import Unreadable, read_bounded, record_checksum, replace
from ablation.rundir.layout import FORMAT, JOBS, LOG


@dataclass(frozen=True)
class JobStatus:
    """What the last process of a job came to.

    status: of the run. reason: of a failure. log: where the process said why, `LOG` for the run's own log and `JOBS`
    for the job's. begun: processes that sweeps have started for it so far.
    """

    status: str
    reason: str | None
    log: str
    begun: int


def write_job_status(outputs: Path, run: str, status: JobStatus) -> None:
    """Keep the status of a run's job, whole or not at all. Raises OSError."""
    (outputs / JOBS).mkdir(parents=True, exist_ok=True)
    values = {**asdict(status), "format": FORMAT}
    values["checksum"] = record_checksum(values)
    replace(outputs / JOBS / f"{run}.json", json.dumps(values).encode())


def read_job_status(outputs: Path, run: str) -> JobStatus | None:
    """The last status of a run's job; None where no sweep has run it, or what is there is no such file."""
    try:
        values = json.loads(read_bounded(outputs / JOBS / f"{run}.json"))
        if values["checksum"] != record_checksum(values):
            return None
        return _parsed(values)
    except (OSError, Unreadable, ValueError, KeyError, TypeError, RecursionError):
        return None


def _parsed(values: dict[str, Any]) -> JobStatus | None:
    """The status, where every field has its type. Raises KeyError for one that is missing."""
    status, reason, log, begun = (values[name] for name in ("status", "reason", "log", "begun"))
    if not isinstance(status, str) or not isinstance(reason, str | None) or not isinstance(begun, int):
        return None
    return JobStatus(status, reason, log, begun) if log in (LOG, JOBS) else None
