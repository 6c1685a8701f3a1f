"""Locate a run and decide whether it is complete."""

import contextlib
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablation import data
from ablation.config import libraries, network_structure
from ablation.config.fingerprint import fingerprint
from ablation.config.plugins import registry
from ablation.config.plugins.own_schema import OwnChoice
from ablation.config.run_request import RunConfig
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.rundir import files, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import COMMAND, RunRecord
from ablation.runtime import backend, console, keras_import, provenance


@dataclasses.dataclass(frozen=True)
class RunLocation:
    """The location of a run. outputs: the root of outputs. name: of the run's directory below it."""

    outputs: Path
    name: str
    fingerprint: str

    @property
    def last(self) -> Path:
        """The newest directory of the run."""
        return layout.attempts(self.outputs, self.name)[-1]


def locate(cfg: Config, data_identity: dict[str, Any] | None = None) -> RunLocation:
    """Locate the run of a config. Does not need Keras and creates no files. Raises AblateError if its data is missing.

    data_identity: the result of `data.prepare`, if known. The process that executes the run leaves it out, because the
    data may have changed since a sweep was planned, and a run is named after the data that it trains on.
    """
    if data_identity is None:
        get_ready_for_data(cfg)
        data_identity = data.prepare(cfg.data, console.REPORTER)
    run_fingerprint = fingerprint(cfg, data_identity)
    name = layout.run_name(network_structure.name(cfg.model), cfg.data.name, cfg.seed, run_fingerprint)
    return RunLocation(Path(cfg.outputs), name, run_fingerprint)


def get_ready_for_data(cfg: Config) -> None:
    """Run the plugin that has the data, if it is a plugin's.

    Raises AblateError if the backend is not installed and data would be downloaded, which may take hours.
    """
    if isinstance(cfg.data, OwnChoice):
        backend.choose(cfg.backend)  # the plugin may import Keras
        with keras_import.lean(cfg.backend):
            registry.take(cfg.plugins)
    if data.needs_download(cfg.data):
        libraries.require_backends([cfg.backend])


def final_record(where: RunLocation) -> RunRecord | None:
    """The record of a completed or diverged run; None if the run is not final."""
    try:
        record = rundir_record.read_record(where.last)
    except files.Unreadable:
        return None
    return record if record.is_final else None


def ended_records(runs: Sequence[RunLocation]) -> dict[int, RunRecord]:
    """The records of the runs that completed or diverged, by their index in the sequence."""
    records = {}
    for number, where in enumerate(runs):
        record = final_record(where)
        if record is not None:
            records[number] = record
    return records


def completed_records(runs: Sequence[RunLocation]) -> dict[int, RunRecord]:
    """The records of the runs that completed, by their index in the sequence."""
    return {number: record for number, record in ended_records(runs).items() if record.status == "completed"}


def up_to_date(cfg: RunConfig, where: RunLocation) -> RunRecord | None:
    """The record of a run that is completed or diverged and not to be rerun; otherwise None."""
    done = final_record(where)
    if done is None or asks_rerun(cfg, done):
        return None
    return done


def finalize(cfg: RunConfig, where: RunLocation, done: RunRecord) -> None:
    """Delete the leftovers of a run that was killed after its final record: staged files, a completed run's checkpoint.

    Raises AblateError if the run must be bit-exact and is not.
    """
    directory = where.last
    with contextlib.suppress(OSError):  # in a read-only folder the leftovers do no harm
        files.remove_partial(directory)
        if done.status == "completed":
            (directory / layout.CHECKPOINT).unlink(missing_ok=True)
    if cfg.exact == "required" and not done.is_exact:
        raise AblateError(
            f"The run is {done.status}, but not bit-exact: it was resumed under different conditions, or is not "
            f"deterministic. Received exact=required and {directory}. Allowed: a bit-exact run. Type rerun=true to "
            "repeat it in a new directory"
        )


def asks_rerun(cfg: RunConfig, done: RunRecord) -> bool:
    """Return whether the command asks to repeat this run in a new directory."""
    if cfg.rerun == "stale" and done.kind == COMMAND:
        return False  # the code of a program is part of its fingerprint
    return cfg.rerun == "true" or (cfg.rerun == "stale" and done.code != provenance.code())
