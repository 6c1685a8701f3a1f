"""Locate a run, and decide whether it is complete."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablation import data
from ablation.config import network_structure
from ablation.config.fingerprint import fingerprint
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.rundir import files, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.runtime import console, provenance


@dataclasses.dataclass(frozen=True)
class RunLocation:
    """Which run a job is, and where it lives."""

    outputs: Path
    name: str
    identity: str

    @property
    def last(self) -> Path:
        """The newest directory of the run."""
        return layout.attempts(self.outputs, self.name)[-1]


def locate(cfg: Config, images: dict[str, Any] | None = None) -> RunLocation:
    """Find the run of a config, without Keras, creating nothing. Raises AblateError when its data is missing.

    images: the identity of its data, where that is known.
    """
    mark = fingerprint(cfg, data.prepare(cfg.data, console.REPORTER) if images is None else images)
    name = layout.run_name(network_structure.name(cfg.model), cfg.data.name, cfg.seed, mark)
    return RunLocation(Path(cfg.outputs), name, mark)


def final_record(where: RunLocation) -> RunRecord | None:
    """The record of a completed or diverged run; None when there is something left to do."""
    try:
        record = rundir_record.read_record(where.last)
    except files.Unreadable:
        return None
    return record if record.is_final else None


def ended_records(runs: Sequence[RunLocation]) -> dict[int, RunRecord]:
    """The records of those runs that completed or diverged, by their place in the sequence."""
    records = {}
    for number, where in enumerate(runs):
        record = final_record(where)
        if record is not None:
            records[number] = record
    return records


def completed_records(runs: Sequence[RunLocation]) -> dict[int, RunRecord]:
    """The records of those runs that completed, by their place in the sequence."""
    return {number: record for number, record in ended_records(runs).items() if record.status == "completed"}


def up_to_date(cfg: Config, where: RunLocation) -> RunRecord | None:
    """The record of a run that its command leaves as it is; None when there is something to do."""
    done = final_record(where)
    return None if not done or asks_rerun(cfg, done) else done


def finalize(cfg: Config, where: RunLocation, done: RunRecord) -> None:
    """Delete what a run that was killed after its last record left: staged files, and a completed run's checkpoint.

    Raises AblateError where the run should be exact and is not.
    """
    with contextlib.suppress(OSError):  # nobody can write here any more, and it is no loss
        files.remove_partial(where.last)
        if done.status == "completed":
            (where.last / layout.CHECKPOINT).unlink(missing_ok=True)
    if cfg.exact == "required" and not done.is_exact:
        raise AblateError(
            f"The run is {done.status}, but not bit-exact: it was resumed under other conditions, or is not "
            f"deterministic. Received exact=required and {where.last}. Allowed: a bit-exact run. Type rerun=true to "
            "repeat it in a new directory"
        )


def asks_rerun(cfg: Config, done: RunRecord) -> bool:
    return cfg.rerun == "true" or (cfg.rerun == "stale" and done.code != provenance.code())
