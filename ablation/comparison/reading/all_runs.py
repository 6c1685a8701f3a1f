"""Every run below some paths, whatever has become of it, for commands that list runs."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ablation.comparison.reading import conditions, parse_record
from ablation.comparison.reading.load import garbage_collection_paused, read_each
from ablation.comparison.reading.run import Diverged, Run, Unfinished
from ablation.comparison.reading.run_details import one_line
from ablation.rundir import claim, discovery, job_status, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.housekeeping.sizes import disk_size
from ablation.rundir.layout import UNREADABLE
from ablation.rundir.record import RunRecord


@dataclass(frozen=True)
class ListedRun:
    """A run directory.

    status: as in a record, or UNREADABLE. reason: of a run that did not complete, in one line; empty if unknown. size:
    of the directory, in bytes. run: None if it is unreadable, or ended before it had loaded its data; what is known of
    it then is in the other fields. config: flat, without the seed; empty if it is unknown.
    """

    path: Path
    status: str
    reason: str
    size: int
    run: Run | Diverged | Unfinished | None
    seed: int | None = None
    name: str = ""
    tags: tuple[str, ...] = ()
    started: datetime | None = None
    fingerprint: str | None = None
    config: dict[str, Any] = field(default_factory=dict)

    def facts(self, variant: str, studies: Iterable[str], now: datetime) -> dict[str, object]:
        """The facts that conditions can name; see `conditions.facts_of`. What is unknown is left out."""
        if self.run is not None:
            return conditions.facts_of(self.run, variant=variant, studies=studies, size=self.size, now=now)
        facts = {**self.config, "status": self.status, "size": self.size, "started": self.started}
        facts["age"] = conditions.age(self.started, now)
        if self.fingerprint is None:
            return facts
        return facts | {"seed": self.seed, "name": self.name or None, "tag": self.tags, "study": tuple(studies)}


@dataclass(frozen=True)
class AllRuns:
    """The runs below some paths, in the order of their paths. refused: folders that were not searched, and why."""

    runs: list[ListedRun]
    refused: list[tuple[Path, str]]

    def config_keys(self) -> list[str]:
        """The keys of the configurations of all runs."""
        configs = {id(listed.config): listed.config for listed in self.runs}  # most runs share them
        keys: dict[str, None] = {}
        for config in configs.values():
            keys |= dict.fromkeys(config)
        return list(keys)


def read_all(paths: Iterable[Path]) -> AllRuns:
    """Read every run at or below the paths. An index beside the runs saves reading most of them."""
    paths = list(paths)
    with garbage_collection_paused():
        discovered = discovery.discover(paths)
        runs = [_listed(directory, run) for directory, run in read_each(discovered.runs)]
    for root in _roots_below(paths, discovered.runs):
        runs += _without_directory(root)
    return AllRuns(runs, discovered.refused)


def _roots_below(paths: Sequence[Path], directories: Sequence[Path]) -> list[Path]:
    """The roots of outputs at or below the paths."""
    folders = dict.fromkeys(map(os.path.dirname, directories))
    roots = dict.fromkeys(paths)
    for folder in map(Path, folders):
        if any(folder.is_relative_to(path) for path in paths):
            roots[folder] = None
    return list(roots)


def _without_directory(root: Path) -> list[ListedRun]:
    """Runs of sweeps that have no directory, because they failed before they could write to it."""
    try:
        names = [name.removesuffix(".json") for name in os.listdir(root / layout.JOBS) if name.endswith(".json")]
    except (OSError, ValueError):  # no sweep ran there, or the path contains a NUL
        return []
    listed = []
    for name in sorted(names):
        directory = root / name
        if not os.path.lexists(directory) and not claim.is_claimed(root, name):
            job = job_status.read_job_status(root, name)
            if job is not None and job.status not in layout.FINAL:
                status = "interrupted" if job.status == "running" else job.status
                listed.append(ListedRun(directory, status, _reason_of_job(directory, status), 0, None))
    return listed


def _listed(directory: Path, run: Run | Diverged | Unfinished | Unreadable) -> ListedRun:
    if isinstance(run, Unreadable):
        return _without_run(directory, str(run))
    if isinstance(run, Run):
        size, reason = run.size, ""
    else:
        size, reason = disk_size(directory), _reason(run)
    return ListedRun(
        path=directory,
        status=run.status,
        reason=reason,
        size=size,
        run=run,
        seed=run.seed,
        name=run.name,
        tags=run.tags,
        started=conditions.time_of(run.started),
        fingerprint=run.fingerprint,
        config=run.config,
    )


def _reason(run: Diverged | Unfinished) -> str:
    if isinstance(run, Diverged):
        return job_status.DIVERGED
    return one_line(run.error) or _reason_of_job(run.path, run.status)


def _reason_of_job(directory: Path, status: str) -> str:
    """The reason that a sweep recorded for the end of a run's process."""
    if status == "running":
        return ""
    job = job_status.read_job_status(directory.parent, layout.base_name(directory.name))
    if job is None:
        return ""
    return job_status.KILLED if job.status == "running" else one_line(job.reason or "")


def _without_run(directory: Path, reason: str) -> ListedRun:
    """A run that is unreadable, or ended before it had loaded its data."""
    try:
        record = rundir_record.read_record(directory)
    except Unreadable:
        record = None
    if record is None or record.is_final or _has_loaded(record):
        return ListedRun(
            directory, UNREADABLE, reason, disk_size(directory), None, started=_changed(directory / layout.RECORD)
        )
    status = claim.status(directory, record)
    return ListedRun(
        path=directory,
        status=status,
        reason=one_line(record.error or "") or _reason_of_job(directory, status),
        size=disk_size(directory),
        run=None,
        seed=record.seed,
        name=record.name or "",
        tags=parse_record.tags(record.tags),
        started=conditions.time_of(record.timings.started or ""),
        fingerprint=record.fingerprint,
        config={} if record.config is None else parse_record.shaping(record.config),
    )


def _has_loaded(record: RunRecord) -> bool:
    """Return whether a run had got so far that it should be readable."""
    return record.network is not None and record.data is not None and record.config is not None


def _changed(path: Path) -> datetime | None:
    """The time when a file was last changed."""
    try:
        return datetime.fromtimestamp(os.lstat(path).st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        return None
